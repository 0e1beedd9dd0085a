// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Times, durations, UUIDs, hashes and names on any bytes: no crash, and what is read prints as something
// that reads the same.
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/must.hpp"
#include "base/time.hpp"
#include "base/uuid.hpp"
#include "core/names.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lockstep;
    const std::string_view text(reinterpret_cast<const char*>(data), size);

    if (const auto time = Time::parse(text)) {
        MUST(Time::parse(time->text()) == time, "a time reads back as it was");
    }
    if (const auto duration = parse_duration(text, std::chrono::milliseconds(1))) {
        MUST(parse_duration(duration_text(*duration), std::chrono::nanoseconds(1)) == duration,
             "a duration reads back as it was");
    }
    if (const auto id = Uuid::parse(text)) {
        MUST(Uuid::parse(id->text()) == id, "a UUID reads back as it was");
    }
    if (const auto hash = Hash::parse(text)) {
        MUST(Hash::parse(hash->text()) == hash, "a hash reads back as it was");
    }
    if (const auto bytes = from_hex(text)) {
        MUST(from_hex(to_hex(*bytes)) == bytes, "bytes read back as they were");
    }
    MUST(is_name(text) == check_name(text, "x").has_value(), "both say the same of a name");
    if (check_name_no_uuid(text, "x")) MUST(is_name(text) && !Uuid::parse(text), "a name, and no id");
    return 0;
}
