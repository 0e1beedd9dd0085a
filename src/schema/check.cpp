// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Applies rules to a value, in one order whatever the machine, so that every member tells the same fault.
#include <algorithm>

#include "schema/detail/rules.hpp"
#include "schema/detail/tree.hpp"

namespace lockstep::schema {

namespace {

constexpr std::size_t value_depth_max = 1'000;  // as of any JSON here
constexpr std::size_t bytes_per_step = 16;

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

// Which children of a value somebody has looked at.
using Seen = std::vector<bool>;

void add(Seen& to, const Seen& from) {
    for (std::size_t i = 0; i < from.size(); ++i) {
        if (from[i]) to[i] = true;
    }
}

std::uint64_t characters(std::string_view text) {
    return static_cast<std::uint64_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

class Check {
  public:
    Check(const std::vector<Rule>& rules, bool tracks, const Tree& tree)
        : rules_(rules), tracks_(tracks), tree_(tree) {}

    std::optional<std::string> run(RuleId root) {
        Seen seen(children(tree_[tree_.root()]));
        auto const good = apply(root, tree_.root(), seen);
        if (!gave_up_.empty()) return gave_up_;
        if (good) return std::nullopt;
        return fault_;
    }

  private:
    // One step of the way to a value; the name is the tree's.
    struct Step {
        std::string_view name;
        std::optional<std::uint32_t> index;
    };

    std::size_t children(const Node& node) const { return tracks_ ? node.count : 0; }

    bool give_up(std::string why) {
        if (gave_up_.empty()) gave_up_ = std::move(why);
        return false;
    }
    bool charge(std::size_t steps) {
        if (!gave_up_.empty()) return false;
        if (steps > steps_left_) return give_up("the check takes more than " + std::to_string(steps_max) + " steps");
        steps_left_ -= steps;
        return true;
    }
    bool fails(const std::string& why) {
        if (quiet_ > 0 || !fault_.empty()) return false;
        std::string place;
        for (auto const& step : path_) {
            place += '/';
            if (step.index) {
                place += std::to_string(*step.index);
                continue;
            }
            for (auto const c : step.name) {
                if (c == '~') {
                    place += "~0";
                } else if (c == '/') {
                    place += "~1";
                } else {
                    place += c;
                }
            }
        }
        fault_ = "'" + place + "': " + why;
        return false;
    }
    bool applies_quietly(RuleId rule, NodeId id, Seen& seen) {
        ++quiet_;
        auto const good = apply(rule, id, seen);
        --quiet_;
        return good;
    }
    bool apply_below(RuleId rule, NodeId child, Step step) {
        path_.push_back(step);
        Seen seen(children(tree_[child]));
        auto const good = apply(rule, child, seen);
        path_.pop_back();
        return good;
    }

    bool apply(RuleId id, NodeId at, Seen& seen) {
        if (!charge(1)) return false;
        if (deep_ == rules_deep_max)
            return give_up("the check goes deeper than " + std::to_string(rules_deep_max) + " rules");
        auto const& rule = rules_[static_cast<std::size_t>(id)];
        if (rule.always) return *rule.always || fails("nothing is allowed here");
        ++deep_;
        auto const& node = tree_[at];
        Seen mine(children(node));
        auto const good = by_value(rule, at, node) && by_type(rule, at, node, mine) && combined(rule, at, mine) &&
                          unevaluated(rule, node, mine);
        --deep_;
        if (good) add(seen, mine);
        return good;
    }

    bool by_value(const Rule& rule, NodeId at, const Node& node) {
        if (rule.types != 0 && (rule.types & bits_of(node)) == 0) return fails("is not of type " + rule.type_names);
        if (!rule.values && !rule.constant) return true;
        std::string text;
        if (!canonical(at, text)) return false;
        if (rule.values && !rule.values->contains(text)) return fails("is none of the values that are allowed");
        if (rule.constant && *rule.constant != text) return fails("is not the one value that is allowed");
        return true;
    }
    static unsigned bits_of(const Node& node) {
        switch (node.kind) {
            case json::Kind::null_: return null_bit;
            case json::Kind::boolean: return boolean_bit;
            case json::Kind::string: return string_bit;
            case json::Kind::array: return array_bit;
            case json::Kind::object: return object_bit;
            case json::Kind::number: break;
        }
        return read_decimal(node.text).is_whole() ? number_bit | integer_bit : number_bit;
    }
    bool canonical(NodeId at, std::string& text) {
        if (!charge(tree_[at].text.size() / bytes_per_step + 1)) return false;
        std::size_t cost = 0;
        append_canonical(text, tree_, at, cost);
        return charge(cost / bytes_per_step);
    }

    bool by_type(const Rule& rule, NodeId at, const Node& node, Seen& mine) {
        switch (node.kind) {
            case json::Kind::number: return number(rule, node);
            case json::Kind::string: return string(rule, node);
            case json::Kind::array: return array(rule, node, mine);
            case json::Kind::object: return object(rule, at, node, mine);
            default: return true;
        }
    }
    bool number(const Rule& rule, const Node& node) {
        if (!rule.minimum && !rule.maximum && !rule.above && !rule.below && !rule.multiple_of) return true;
        if (!charge(node.text.size() / bytes_per_step)) return false;
        auto const value = read_decimal(node.text);
        if (rule.minimum && compare(value, *rule.minimum) < 0) return fails("is less than the minimum");
        if (rule.above && compare(value, *rule.above) <= 0) return fails("is not above the exclusive minimum");
        if (rule.maximum && compare(value, *rule.maximum) > 0) return fails("is more than the maximum");
        if (rule.below && compare(value, *rule.below) >= 0) return fails("is not below the exclusive maximum");
        if (rule.multiple_of && !is_multiple(value, *rule.multiple_of))
            return fails("is no multiple of what it should");
        return true;
    }
    bool string(const Rule& rule, const Node& node) {
        if (!rule.min_length && !rule.max_length && !rule.pattern) return true;
        if (!charge(node.text.size() / bytes_per_step)) return false;
        auto const text = Tree::string_of(node);
        auto const length = characters(text);
        if (rule.min_length && length < *rule.min_length) return fails("is shorter than it may be");
        if (rule.max_length && length > *rule.max_length) return fails("is longer than it may be");
        if (rule.pattern && !matches(*rule.pattern, text)) return fails("does not match the pattern");
        return true;
    }
    // RE2 takes time in proportion to the text.
    bool matches(const re2::RE2& pattern, std::string_view text) {
        return charge(text.size() / bytes_per_step + 1) &&
               pattern.Match(piece(text), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
    }

    bool array(const Rule& rule, const Node& node, Seen& mine) {
        if (rule.min_items && node.count < *rule.min_items) return fails("has too few items");
        if (rule.max_items && node.count > *rule.max_items) return fails("has too many items");
        for (std::uint32_t i = 0; i < node.count; ++i) {
            auto const item = i < rule.prefix_items.size() ? rule.prefix_items[i] : rule.items;
            if (item == no_rule) break;
            if (!apply_below(item, tree_.element(node, i), {{}, i})) return false;
            if (tracks_) mine[i] = true;
        }
        return contains(rule, node, mine) && (!rule.unique_items || unique(node));
    }
    bool contains(const Rule& rule, const Node& node, Seen& mine) {
        if (rule.contains == no_rule) return true;
        std::uint64_t found = 0;
        for (std::uint32_t i = 0; i < node.count; ++i) {
            ++quiet_;
            auto const good = apply_below(rule.contains, tree_.element(node, i), {{}, i});
            --quiet_;
            if (!gave_up_.empty()) return false;
            if (!good) continue;
            ++found;
            if (tracks_) mine[i] = true;
        }
        if (found < rule.min_contains.value_or(1)) return fails("has too few of the items that it must contain");
        if (rule.max_contains && found > *rule.max_contains)
            return fails("has too many of the items that it must contain");
        return true;
    }
    bool unique(const Node& node) {
        std::set<std::string> known;
        for (std::uint32_t i = 0; i < node.count; ++i) {
            std::string text;
            if (!canonical(tree_.element(node, i), text)) return false;
            if (!known.insert(std::move(text)).second) return fails("has an item twice");
        }
        return true;
    }

    bool object(const Rule& rule, NodeId at, const Node& node, Seen& mine) {
        if (rule.min_properties && node.count < *rule.min_properties) return fails("has too few members");
        if (rule.max_properties && node.count > *rule.max_properties) return fails("has too many members");
        if (!charge(rule.required.size())) return false;
        for (auto const& name : rule.required) {
            if (!tree_.find(node, name)) return fails("lacks the member '" + name + "'");
        }
        for (std::uint32_t i = 0; i < node.count; ++i) {
            if (!member(rule, node, i, mine)) return false;
        }
        for (auto const& [name, others] : rule.dependent_required) {
            if (!charge(1)) return false;
            if (!tree_.find(node, name)) continue;
            for (auto const& other : others) {
                if (!charge(1)) return false;
                if (!tree_.find(node, other))
                    return fails("lacks the member '" + other + "', which '" + name + "' needs");
            }
        }
        for (auto const& [name, dependent] : rule.dependent_schemas) {
            if (!charge(1)) return false;
            if (tree_.find(node, name) && !apply(dependent, at, mine)) return false;
        }
        return true;
    }
    bool member(const Rule& rule, const Node& node, std::uint32_t i, Seen& mine) {
        auto const& member = tree_.member(node, i);
        Step const step{member.name, std::nullopt};
        if (!charge(1)) return false;
        if (rule.property_names != no_rule && !name(rule.property_names, member.name)) return false;
        auto evaluated = false;
        if (auto const found = rule.properties.find(member.name); found != rule.properties.end()) {
            if (!apply_below(found->second, member.node, step)) return false;
            evaluated = true;
        }
        for (auto const& [pattern, below] : rule.pattern_properties) {
            if (!matches(*pattern, member.name)) {
                if (!gave_up_.empty()) return false;
                continue;
            }
            if (!apply_below(below, member.node, step)) return false;
            evaluated = true;
        }
        if (!evaluated && rule.additional_properties != no_rule) {
            if (!apply_below(rule.additional_properties, member.node, step)) return false;
            evaluated = true;
        }
        if (evaluated && tracks_) mine[i] = true;
        return true;
    }
    // Names are no values of the tree: a tree of its own, which has the same steps left.
    bool name(RuleId rule, const std::string& name) {
        std::string text;
        json::append_string(text, name);
        auto const tree = Tree::parse(text, 1, 1);
        if (!tree) return false;
        Check check(rules_, tracks_, *tree);
        check.steps_left_ = steps_left_;
        check.deep_ = deep_;
        auto const fault = check.run(rule);
        steps_left_ = check.steps_left_;
        if (!check.gave_up_.empty()) return give_up(check.gave_up_);
        return !fault || fails("the name '" + name + "' is not allowed");
    }

    bool combined(const Rule& rule, NodeId at, Seen& mine) {
        if (rule.ref != no_rule && !apply(rule.ref, at, mine)) return false;
        for (auto const one : rule.all_of) {
            if (!apply(one, at, mine)) return false;
        }
        if (!rule.any_of.empty() && matching(rule.any_of, at, mine, !tracks_) == 0)
            return fails("is as none of the alternatives says");
        if (!rule.one_of.empty() && matching(rule.one_of, at, mine, false) != 1)
            return fails("is not as exactly one of the alternatives says");
        if (rule.not_ != no_rule) {
            Seen ignored(mine.size());
            if (applies_quietly(rule.not_, at, ignored)) return fails("is what it must not be");
        }
        if (rule.if_ == no_rule) return gave_up_.empty();
        auto const next = applies_quietly(rule.if_, at, mine) ? rule.then_ : rule.else_;
        return gave_up_.empty() && (next == no_rule || apply(next, at, mine));
    }
    std::size_t matching(const std::vector<RuleId>& rules, NodeId at, Seen& mine, bool one_is_enough) {
        std::size_t out = 0;
        for (auto const one : rules) {
            if (applies_quietly(one, at, mine)) ++out;
            if (out > 0 && one_is_enough) break;
        }
        return out;
    }

    bool unevaluated(const Rule& rule, const Node& node, Seen& mine) {
        auto const is_array = node.kind == json::Kind::array;
        auto const left = is_array ? rule.unevaluated_items : rule.unevaluated_properties;
        if (left == no_rule || (!is_array && node.kind != json::Kind::object)) return gave_up_.empty();
        for (std::uint32_t i = 0; i < node.count; ++i) {
            if (mine[i]) continue;
            auto const good =
                is_array ? apply_below(left, tree_.element(node, i), {{}, i})
                         : apply_below(left, tree_.member(node, i).node, {tree_.member(node, i).name, std::nullopt});
            if (!good) return false;
            mine[i] = true;
        }
        return gave_up_.empty();
    }

    const std::vector<Rule>& rules_;
    const bool tracks_;
    const Tree& tree_;
    std::size_t steps_left_ = steps_max;
    std::size_t deep_ = 0, quiet_ = 0;
    std::vector<Step> path_;
    std::string fault_, gave_up_;
};

}  // namespace

std::optional<std::string> Schema::fault_of(std::string_view compacted) const {
    auto const tree = Tree::parse(compacted, value_depth_max + 1, value_nodes_max);
    if (!tree) return "it has more than " + std::to_string(value_nodes_max) + " values";
    return Check(rules_->all, rules_->tracks, *tree).run(rules_->root);
}

}  // namespace lockstep::schema
