// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The query language on any bytes: no crash, nothing beyond its limits, and a refusal has a code.
#include <cstddef>
#include <cstdint>

#include "api/filter/parse.hpp"
#include "base/must.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lockstep::api::filter;
    static constexpr Field fields[] = {
        {"id", Kind::uuid},          {"hash", Kind::hash},       {"created", Kind::time},
        {"sequence", Kind::integer}, {"enabled", Kind::boolean}, {"topics", Kind::text},
    };
    const auto query = parse_filter(std::string_view(reinterpret_cast<const char*>(data), size), fields);
    if (!query) {
        MUST(!query.error().message().empty(), "a refusal says why");
        return 0;
    }
    for (const auto& group : query->groups) {
        for (const auto& condition : group.conditions)
            MUST(condition.field < std::size(fields), "a field that is there");
    }
    return 0;
}
