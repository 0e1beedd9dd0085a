// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/filter/parse.hpp"

#include <charconv>

#include "api/errors.hpp"
#include "api/filter/text.hpp"

namespace lockstep::api::filter {

namespace {

using errors::bad_filter_value;
using errors::filter_compares_null;
using errors::filter_pattern_on_other_type;
using errors::limit_too_large;
using errors::operator_takes_no_modifier;
using errors::skip_too_large;

struct Modifiers {
    bool negate = false, ignore_case = false, empty_is_null = false, combine_and = false;
};

// The text of one value, taken apart.
struct Parts {
    Modifiers modifiers;
    std::string_view op;  // as written: "", "=", ">=", …
    std::string_view text;
    bool null = false;
};

Parts take_apart(std::string_view value) {
    Parts parts;
    std::size_t at = 0;
    char ops[2]{};
    std::size_t op_count = 0;
    auto done = false;
    for (; at < value.size() && !done; ++at) {
        auto const c = value[at];
        switch (c) {
            case '!': parts.modifiers.negate = true; continue;
            case ':': parts.modifiers.ignore_case = true; continue;
            case '?': parts.modifiers.empty_is_null = true; continue;
            case '[': parts.modifiers.combine_and = true; continue;
            case ']': parts.modifiers.combine_and = false; continue;
            case '>':
            case '<':
                if (op_count == 1 && ops[0] != c) break;
                ops[op_count++] = c;
                done = op_count == 2;
                continue;
            case '=':
            case '@':
            case '^':
            case '$':
                ops[op_count++] = c;
                done = true;
                continue;
            default: break;
        }
        break;
    }
    // The two characters of an operator need not stand together (">!="), so they are named, not sliced.
    static constexpr std::string_view known[] = {"=",  "@",  "^", "$",  ">",  ">>", ">=", ">@",
                                                 ">^", ">$", "<", "<<", "<=", "<@", "<^", "<$"};
    for (auto const word : known) {
        if (word == std::string_view(ops, op_count)) parts.op = word;
    }
    parts.text = value.substr(at);
    parts.null = parts.modifiers.empty_is_null && parts.text.empty();
    return parts;
}

std::optional<Operator> operator_of(std::string_view op) {
    if (op.empty() || op == "=") return Operator::equals;
    if (op == "@") return Operator::contains;
    if (op == "^") return Operator::starts_with;
    if (op == "$") return Operator::ends_with;
    if (op == ">" || op == ">>") return Operator::greater;
    if (op == ">=") return Operator::greater_or_equal;
    if (op == "<" || op == "<<") return Operator::less;
    if (op == "<=") return Operator::less_or_equal;
    return std::nullopt;
}

bool is_comparison(Operator op) {
    return op == Operator::greater || op == Operator::greater_or_equal || op == Operator::less ||
           op == Operator::less_or_equal;
}
bool is_pattern(Operator op) {
    return op == Operator::contains || op == Operator::starts_with || op == Operator::ends_with;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// What Go's ParseBool takes.
std::optional<bool> parse_boolean(std::string_view text) {
    for (auto const word : {"1", "t", "T", "TRUE", "true", "True"}) {
        if (text == word) return true;
    }
    for (auto const word : {"0", "f", "F", "FALSE", "false", "False"}) {
        if (text == word) return false;
    }
    return std::nullopt;
}

Result<Value> parse_value(const Field& field, std::string_view text) {
    auto const bad = [&](std::string_view what) {
        return refuse(bad_filter_value,
                      {{"field", field.name}, {"reason", "'" + std::string(text) + "' is no " + std::string(what)}});
    };
    if (!is_plain_text(text))
        return refuse(bad_filter_value, {{"field", field.name}, {"reason", "it is no UTF-8 text"}});
    switch (field.kind) {
        case Kind::uuid:
            if (auto const id = Uuid::parse(text)) return Value{*id};
            return bad("UUID");
        case Kind::hash:
            if (auto const hash = Hash::parse(text)) return Value{*hash};
            return bad("hash of 64 hex digits");
        case Kind::integer:
            if (auto const number = parse_integer(text)) return Value{*number};
            return bad("integer");
        case Kind::boolean:
            if (auto const boolean = parse_boolean(text)) return Value{*boolean};
            return bad("boolean");
        case Kind::time:
            if (auto const time = Time::parse(text)) return Value{*time};
            return bad("time");
        case Kind::text: break;
    }
    return Value{std::string(text)};
}

Result<Condition> parse_condition(Fields fields, std::size_t field, const Parts& parts) {
    auto const& at = fields[field];
    auto const op = operator_of(parts.op);
    if (!op) return refuse(errors::unknown_filter_operator, {{"operator", parts.op}, {"field", at.name}});
    auto const& modifiers = parts.modifiers;
    if (is_comparison(*op) && (modifiers.negate || modifiers.ignore_case || modifiers.empty_is_null))
        return refuse(operator_takes_no_modifier, {{"operator", parts.op}, {"field", at.name}});
    if ((is_pattern(*op) || modifiers.ignore_case) && at.kind != Kind::text)
        return refuse(filter_pattern_on_other_type, {{"field", at.name}});
    Condition condition{field, *op, modifiers.negate, modifiers.ignore_case, {}};
    if (parts.null) {
        if (*op != Operator::equals || modifiers.ignore_case) return refuse(filter_compares_null, {{"field", at.name}});
        return condition;
    }
    TRY(condition.value, parse_value(at, parts.text));
    return condition;
}

// Go's ParseUint as the original uses it: what is no number counts as 0, what is too large as very large.
std::size_t parse_count(std::string_view text) {
    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (end != text.data() + text.size() || error == std::errc::invalid_argument) return 0;
    return error == std::errc{} ? number : SIZE_MAX;
}

void add_sort_keys(Query& query, Fields fields, std::string_view list) {
    while (!list.empty()) {
        auto const end = std::min(list.find(','), list.size());
        auto word = list.substr(0, end);
        list.remove_prefix(std::min(end + 1, list.size()));
        while (word.starts_with(' ')) word.remove_prefix(1);
        while (word.ends_with(' ')) word.remove_suffix(1);
        auto const descending = word.starts_with('-');
        if (descending) word.remove_prefix(1);
        for (std::size_t i = 0; i < fields.size(); ++i) {
            // A key that comes again cannot order what the first left equal.
            auto const known =
                std::any_of(query.sort.begin(), query.sort.end(), [&](const SortKey& key) { return key.field == i; });
            if (!known && equals_ignoring_case(fields[i].name, word)) query.sort.push_back({i, descending});
        }
    }
}

std::optional<char> hex_pair(std::string_view text) {
    if (text.size() < 2) return std::nullopt;
    unsigned value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + 2, value, 16);
    if (error != std::errc{} || end != text.data() + 2) return std::nullopt;
    return static_cast<char>(value);
}

std::optional<std::string> decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '%') {
            auto const c = hex_pair(text.substr(at + 1));
            if (!c) return std::nullopt;
            out += *c;
            at += 2;
        } else {
            out += text[at] == '+' ? ' ' : text[at];
        }
    }
    return out;
}

}  // namespace

Pairs split_query(std::string_view query) {
    Pairs pairs;
    while (!query.empty()) {
        auto const end = std::min(query.find('&'), query.size());
        auto const pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair.empty()) continue;
        auto const equals = std::min(pair.find('='), pair.size());
        auto name = decode(pair.substr(0, equals));
        auto value = decode(pair.substr(std::min(equals + 1, pair.size())));
        if (name && value) pairs.emplace_back(std::move(*name), std::move(*value));
    }
    return pairs;
}

const std::string* find(const Pairs& query, std::string_view name) {
    for (auto const& [key, value] : query) {
        if (equals_ignoring_case(key, name)) return &value;
    }
    return nullptr;
}

bool flag(const Pairs& query, std::string_view name) {
    auto const* value = find(query, name);
    return value && (value->empty() || equals_ignoring_case(*value, "true"));
}

Result<Query> parse_filter(const Pairs& query, Fields fields, const Limits& limits) {
    Query out;
    out.limit = limits.page;
    for (std::size_t field = 0; field < fields.size(); ++field) {
        Group group;
        for (auto const& [name, value] : query) {
            if (!equals_ignoring_case(name, fields[field].name)) continue;
            auto const parts = take_apart(value);
            TRY(auto condition, parse_condition(fields, field, parts));
            group.all = group.all || parts.modifiers.combine_and;
            group.conditions.push_back(std::move(condition));
        }
        if (!group.conditions.empty()) out.groups.push_back(std::move(group));
    }
    if (auto const* skip = find(query, "skip")) {
        out.skip = parse_count(*skip);
        if (out.skip > limits.most) return refuse(skip_too_large, {{"limit", std::to_string(limits.most)}});
    }
    if (auto const* limit = find(query, "limit")) {
        out.limit = parse_count(*limit);
        if (out.limit > limits.most) return refuse(limit_too_large, {{"limit", std::to_string(limits.most)}});
        // In the original 0, and what is no number, lifts the limit; an answer without end helps nobody.
        if (out.limit == 0) out.limit = limits.most;
    }
    for (auto const& [name, value] : query) {
        if (equals_ignoring_case(name, "sort")) add_sort_keys(out, fields, value);
    }
    if (flag(query, "descending")) {
        out.descending = true;
    } else if (flag(query, "ascending")) {
        out.descending = false;
    }
    if (out.descending) {
        for (auto& key : out.sort) key.descending = *out.descending;
    }
    out.count = flag(query, "count");
    return out;
}

Result<Query> parse_filter(std::string_view query, Fields fields, const Limits& limits) {
    return parse_filter(split_query(query), fields, limits);
}

}  // namespace lockstep::api::filter
