// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// compact() on any bytes: no crash, and what it makes it does not change again. Then every reader over the
// result, which must see the same values that a writer would put back.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/must.hpp"
#include "core/json.hpp"

namespace {

using lockstep::json::Kind;
using lockstep::json::Value;

// Puts a value together again from what its readers say. Deep values are compared by text, since this
// walk calls itself and readers do not.
std::string rebuilt(Value value, int depth) {
    static_cast<void>(value.as_bool());
    static_cast<void>(value.as_int());
    static_cast<void>(value.as_number());
    static_cast<void>(value["a"]);
    if (depth == 50) return std::string(value.text());
    std::string out;
    switch (value.kind()) {
        case Kind::array:
            out = "[";
            for (const Value element : value.elements()) {
                if (out.size() > 1) out += ',';
                out += rebuilt(element, depth + 1);
            }
            return out + ']';
        case Kind::object: {
            const auto members = value.members();
            for (const auto& [name, member] : members) {
                MUST(value[name].exists(), "a member that is listed is found");
                std::string quoted;
                lockstep::json::append_string(quoted, name);
                MUST(Value(quoted).as_string() == name, "a name reads back as it was written");
                static_cast<void>(rebuilt(member, depth + 1));
            }
            return std::string(value.text());
        }
        case Kind::string: {
            const auto text = value.as_string();
            MUST(text, "a string reads as one");
            std::string quoted;
            lockstep::json::append_string(quoted, *text);
            MUST(Value(quoted).as_string() == text, "a string reads back as it was written");
            MUST(lockstep::json::compact(quoted).value() == quoted, "what is written is compact");
            return std::string(value.text());
        }
        default: return std::string(value.text());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);

    // The readers stay inside any text, also one that compact() would refuse.
    const Value raw(text);
    static_cast<void>(raw.members());
    static_cast<void>(raw.elements());
    static_cast<void>(raw.as_string());

    const auto once = lockstep::json::compact(text);
    if (!once) return 0;
    const auto twice = lockstep::json::compact(*once);
    MUST(twice, "what compact() makes is well formed");
    MUST(*twice == *once, "compacting twice changes nothing");
    MUST(rebuilt(Value(*once), 0) == *once, "the readers see all of it");
    return 0;
}
