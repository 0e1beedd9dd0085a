// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A schema that was understood: one rule for each schema within it, which name each other by number.
#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "schema/detail/decimal.hpp"
#include "schema/schema.hpp"

namespace lockstep::schema {

using RuleId = int;
inline constexpr RuleId no_rule = -1;

// What `type` allows, as bits.
enum TypeBit : unsigned {
    null_bit = 1,
    boolean_bit = 2,
    number_bit = 4,
    integer_bit = 8,
    string_bit = 16,
    array_bit = 32,
    object_bit = 64
};

struct PatternRule {
    std::shared_ptr<const re2::RE2> pattern;
    RuleId rule = no_rule;
};

struct Rule {
    std::optional<bool> always;  // true and false are schemas too
    RuleId ref = no_rule;
    unsigned types = 0;  // 0: any
    std::string type_names;
    std::optional<std::set<std::string>> values;  // of enum, as canonical texts
    std::optional<std::string> constant;          // the same of const

    std::optional<Decimal> minimum, maximum, above, below, multiple_of;
    std::optional<std::uint64_t> min_length, max_length;
    std::shared_ptr<const re2::RE2> pattern;

    std::optional<std::uint64_t> min_items, max_items, min_contains, max_contains;
    bool unique_items = false;
    std::vector<RuleId> prefix_items;
    RuleId items = no_rule, contains = no_rule, unevaluated_items = no_rule;

    std::optional<std::uint64_t> min_properties, max_properties;
    std::vector<std::string> required;
    std::map<std::string, RuleId, std::less<>> properties;
    std::vector<PatternRule> pattern_properties;
    RuleId additional_properties = no_rule, property_names = no_rule, unevaluated_properties = no_rule;
    std::map<std::string, std::vector<std::string>> dependent_required;
    std::map<std::string, RuleId> dependent_schemas;

    std::vector<RuleId> all_of, any_of, one_of;
    RuleId not_ = no_rule, if_ = no_rule, then_ = no_rule, else_ = no_rule;
};

struct Schema::Rules {
    std::vector<Rule> all;
    RuleId root = 0;
    bool tracks = false;  // somewhere it asks what others have evaluated
};

}  // namespace lockstep::schema
