// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The values of definition messages, which are anybody's: claims of identities, their verifications and updates, and
// datatypes. No crash, and what is accepted is written and accepted again.
#include <cstddef>
#include <cstdint>

#include "base/must.hpp"
#include "core/json.hpp"
#include "core/sha256.hpp"
#include "registry/datatypes.hpp"
#include "registry/registry.hpp"

namespace {

using namespace lockstep;
using namespace lockstep::registry;

void check_datatype(std::string_view value) {
    auto datatype = parse_datatype(value);
    if (!datatype) {
        // Once more with the hash that its schema has, which chance does not hit.
        const auto schema = json::Value(value)["value"];
        if (schema.kind() != json::Kind::object) return;
        Datatype other;
        other.id.bytes[0] = 1;
        other.name = "name";
        other.version = "1";
        other.value = schema.text();
        other.hash = sha256(other.value);
        datatype = parse_datatype(datatype_definition(other));
        if (!datatype) return;
    }
    const auto written = datatype_definition(*datatype);
    const auto again = parse_datatype(written);
    MUST(again && datatype_definition(*again) == written, "a datatype that is accepted stays accepted");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // Values come out of a parsed batch, in which they are compact.
    const auto value = json::compact({reinterpret_cast<const char*>(data), size});
    if (!value) return 0;
    if (const auto claim = parse_claim(*value)) {
        const auto written = claim_json(*claim);
        const auto again = parse_claim(written);
        MUST(again && claim_json(*again) == written, "a claim that is accepted stays accepted");
    }
    if (const auto verification = parse_verification(*value)) {
        const auto written = verification_json(*verification);
        const auto again = parse_verification(written);
        MUST(again && verification_json(*again) == written, "a verification that is accepted stays accepted");
    }
    if (const auto update = parse_update(*value)) {
        const auto written = update_json(*update, "n");
        const auto again = parse_update(written);
        MUST(again && update_json(*again, "n") == written, "an update that is accepted stays accepted");
    }
    check_datatype(*value);
    return 0;
}
