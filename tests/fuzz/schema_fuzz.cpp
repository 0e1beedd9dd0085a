// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Any schema with any value: {"schema":…,"value":…}. It ends, and twice with the same answer.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/must.hpp"
#include "core/json.hpp"
#include "schema/schema.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lockstep;
    const auto text = json::compact({reinterpret_cast<const char*>(data), size});
    if (!text) return 0;
    const json::Value both(*text);
    const auto schema = both["schema"].exists() ? both["schema"].text() : std::string_view(*text);
    const auto compiled = schema::compile(schema);
    MUST((compiled.schema == nullptr) == !compiled.fault.empty(), "there is a schema, or why there is none");
    if (!compiled.schema) return 0;
    const auto value = both["value"].exists() ? both["value"].text() : std::string_view(*text);
    MUST(compiled.schema->fault_of(value) == schema::compile(schema).schema->fault_of(value), "one answer");
    return 0;
}
