// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/filter/match.hpp"

#include "api/filter/text.hpp"
#include "base/must.hpp"

namespace lockstep::api::filter {

namespace {

bool matches_text(const Condition& condition, std::string_view text, std::string_view value) {
    switch (condition.op) {
        case Operator::contains: return text.find(value) != std::string_view::npos;
        case Operator::starts_with: return text.starts_with(value);
        case Operator::ends_with: return text.ends_with(value);
        default: return text == value;
    }
}

}  // namespace

int compare(const Value& a, const Value& b) {
    if (is_null(a) || is_null(b)) return static_cast<int>(is_null(a)) - static_cast<int>(is_null(b));
    MUST(a.index() == b.index(), "a field has values of one kind");
    return std::visit(
        [&]<class T>(const T& x) {
            if constexpr (std::is_same_v<T, std::monostate>) {
                return 0;
            } else {
                auto const& y = std::get<T>(b);
                return x < y ? -1 : y < x ? 1 : 0;
            }
        },
        a);
}

bool matches(const Condition& condition, const Value& value) {
    if (is_null(condition.value)) return is_null(value) != condition.negated;
    if (is_null(value)) return false;
    switch (condition.op) {
        case Operator::greater: return compare(value, condition.value) > 0;
        case Operator::greater_or_equal: return compare(value, condition.value) >= 0;
        case Operator::less: return compare(value, condition.value) < 0;
        case Operator::less_or_equal: return compare(value, condition.value) <= 0;
        default: break;
    }
    if (auto const* wanted = std::get_if<std::string>(&condition.value)) {
        auto const& text = std::get<std::string>(value);
        auto const found = condition.ignore_case ? matches_text(condition, to_lower(text), to_lower(*wanted))
                                                 : matches_text(condition, text, *wanted);
        return found != condition.negated;
    }
    return (compare(value, condition.value) == 0) != condition.negated;
}

std::strong_ordering compare_keys(const std::vector<SortKey>& sort,
                                  const std::vector<Value>& a,
                                  const std::vector<Value>& b) {
    for (std::size_t i = 0; i < sort.size(); ++i) {
        auto const order = compare(a[i], b[i]);
        if (order != 0)
            return (order < 0) != sort[i].descending ? std::strong_ordering::less : std::strong_ordering::greater;
    }
    return std::strong_ordering::equal;
}

}  // namespace lockstep::api::filter
