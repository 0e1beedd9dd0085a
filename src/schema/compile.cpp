// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>

#include "schema/detail/rules.hpp"
#include "schema/detail/tree.hpp"

namespace lockstep::schema {

namespace {

constexpr std::int64_t pattern_memory_max = 1 << 20;  // bytes, of one pattern

struct Fault {
    std::string text;
};

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = static_cast<char>(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
            out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string unescaped_token(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1')) {
            out += token[++i] == '0' ? '~' : '/';
        } else {
            out += token[i];
        }
    }
    return out;
}

class Compiler {
  public:
    Compiler(const Tree& tree, std::vector<Rule>& rules, bool& tracks) : tree_(tree), rules_(rules), tracks_(tracks) {}

    RuleId run() {
        read_dialect();
        auto const root = rule_of(tree_.root());
        // References come last: then all anchors are known, and a chain of them is no depth.
        while (!references_.empty()) {
            auto const [rule, target, at] = references_.back();
            references_.pop_back();
            path_ = {at};
            auto const found = rule_of(resolve(target));
            rules_[static_cast<std::size_t>(rule)].ref = found;
        }
        return root;
    }

  private:
    struct Reference {
        RuleId rule;
        std::string target, at;
    };

    [[noreturn]] void refuse_here(const std::string& why) const {
        std::string path;
        for (auto const& part : path_) path += part;
        throw Fault{"'" + path + "': " + why};
    }

    void read_dialect() {
        auto const dialect = member(tree_[tree_.root()], "$schema");
        if (!dialect) return;
        auto text = Tree::string_of(tree_[*dialect]);
        if (text.ends_with('#')) text.pop_back();
        for (auto const* scheme : {"https://", "http://"}) {
            if (!text.starts_with(scheme)) continue;
            auto const name = text.substr(std::string_view(scheme).size());
            if (name == "json-schema.org/draft/2020-12/schema") return;
            if (name == "json-schema.org/draft/2019-09/schema") {
                item_lists_ = true;
                return;
            }
            if (name == "json-schema.org/draft-07/schema" || name == "json-schema.org/draft-06/schema") {
                item_lists_ = draft_07_ = true;
                return;
            }
        }
        path_ = {"/$schema"};
        refuse_here("it is none of the drafts 2020-12, 2019-09, 07 and 06");
    }

    std::optional<NodeId> member(const Node& node, std::string_view name) const { return tree_.find(node, name); }

    // With `name` added to the place that a fault tells.
    template <class Work>
    auto below(const std::string& name, Work work) {
        path_.push_back("/" + name);
        if constexpr (std::is_void_v<decltype(work())>) {
            work();
            path_.pop_back();
        } else {
            auto out = work();
            path_.pop_back();
            return out;
        }
    }

    RuleId rule_of(NodeId id) {
        if (auto const known = made_.find(id); known != made_.end()) return known->second;
        auto const rule = static_cast<RuleId>(rules_.size());
        made_.emplace(id, rule);
        rules_.emplace_back();
        auto const& node = tree_[id];
        Rule out;
        if (node.kind == json::Kind::boolean) {
            out.always = node.text == "true";
        } else if (node.kind != json::Kind::object) {
            refuse_here("a schema is an object, true or false");
        } else {
            names(id, node);
            references(rule, node);
            if (!draft_07_ || !member(node, "$ref")) {
                anything(out, node);
                numbers(out, node);
                strings(out, node);
                arrays(out, node);
                objects(out, node);
                combinations(out, node);
            }
            definitions(node);
        }
        rules_[static_cast<std::size_t>(rule)] = std::move(out);
        return rule;
    }

    // ---- what a schema is called, and what it refers to ----

    void names(NodeId id, const Node& node) {
        for (auto const* keyword : {"$anchor", "$dynamicAnchor"}) {
            if (auto const text = string(node, keyword)) name(*text, id);
        }
        auto const own = string(node, "$id");
        if (!own) return;
        if (draft_07_ && own->starts_with('#')) return name(own->substr(1), id);
        if (id != tree_.root()) below("$id", [&] { refuse_here("only the whole schema can have one"); });
        id_ = own->ends_with('#') ? own->substr(0, own->size() - 1) : *own;
    }
    void name(const std::string& anchor, NodeId id) {
        if (!anchors_.emplace(anchor, id).second) refuse_here("the anchor '" + anchor + "' is there twice");
    }
    void references(RuleId rule, const Node& node) {
        std::optional<std::string> target;
        for (auto const* keyword : {"$ref", "$dynamicRef", "$recursiveRef"}) {
            auto const text = string(node, keyword);
            if (!text) continue;
            if (target) refuse_here("it has two references");
            target = text;
        }
        if (!target) return;
        std::string at;
        for (auto const& part : path_) at += part;
        references_.push_back({rule, *target, at + "/$ref"});
    }
    NodeId resolve(std::string_view target) const {
        auto const hash = std::min(target.find('#'), target.size());
        auto const base = target.substr(0, hash);
        if (!base.empty() && base != id_) refuse_here("'" + std::string(target) + "' leads out of the schema");
        auto const fragment = percent_decoded(target.substr(std::min(hash + 1, target.size())));
        if (fragment.empty()) return tree_.root();
        if (fragment.front() != '/') {
            auto const found = anchors_.find(fragment);
            if (found == anchors_.end()) refuse_here("there is no anchor '" + fragment + "'");
            return found->second;
        }
        auto at = tree_.root();
        std::string_view rest = fragment;
        while (!rest.empty()) {
            rest.remove_prefix(1);
            auto const end = std::min(rest.find('/'), rest.size());
            auto const token = unescaped_token(rest.substr(0, end));
            rest.remove_prefix(end);
            auto const& node = tree_[at];
            std::optional<NodeId> next = tree_.find(node, token);
            if (node.kind == json::Kind::array) {
                std::uint32_t index = 0;
                auto const [stop, error] = std::from_chars(token.data(), token.data() + token.size(), index);
                if (error == std::errc{} && stop == token.data() + token.size() && index < node.count)
                    next = tree_.element(node, index);
            }
            if (!next) refuse_here("'" + std::string(target) + "' leads to nothing");
            at = *next;
        }
        return at;
    }
    // They are read even if nothing refers to them, so that a mistake is told early.
    void definitions(const Node& node) {
        for (auto const* keyword : {"$defs", "definitions"}) schemas_by_name(node, keyword);
    }

    // ---- members of a schema ----

    std::optional<std::string> string(const Node& node, std::string_view keyword) {
        auto const found = member(node, keyword);
        if (!found) return std::nullopt;
        if (tree_[*found].kind != json::Kind::string)
            below(std::string(keyword), [&] { refuse_here("it is no string"); });
        return Tree::string_of(tree_[*found]);
    }
    std::optional<Decimal> number(const Node& node, const std::string& keyword) {
        auto const found = member(node, keyword);
        if (!found) return std::nullopt;
        if (tree_[*found].kind != json::Kind::number) below(keyword, [&] { refuse_here("it is no number"); });
        return read_decimal(tree_[*found].text);
    }
    std::optional<std::uint64_t> count(const Node& node, const std::string& keyword) {
        auto const decimal = number(node, keyword);
        if (!decimal) return std::nullopt;
        if (decimal->negative || !decimal->is_whole() ||
            decimal->digits.size() + static_cast<std::size_t>(decimal->exponent) > 18)
            below(keyword, [&] { refuse_here("it is no whole number from 0 to 10^18"); });
        if (decimal->is_zero()) return 0;
        return std::stoull(decimal->digits + std::string(static_cast<std::size_t>(decimal->exponent), '0'));
    }
    std::optional<bool> flag(const Node& node, const std::string& keyword) {
        auto const found = member(node, keyword);
        if (!found) return std::nullopt;
        if (tree_[*found].kind != json::Kind::boolean)
            below(keyword, [&] { refuse_here("it is neither true nor false"); });
        return tree_[*found].text == "true";
    }
    RuleId schema(const Node& node, const std::string& keyword) {
        auto const found = member(node, keyword);
        if (!found) return no_rule;
        return below(keyword, [&] { return rule_of(*found); });
    }
    std::vector<RuleId> schemas(const Node& node, const std::string& keyword) {
        std::vector<RuleId> out;
        auto const found = member(node, keyword);
        if (!found) return out;
        below(keyword, [&] {
            auto const& list = tree_[*found];
            if (list.kind != json::Kind::array || list.count == 0) refuse_here("it is no list of schemas");
            for (std::uint32_t i = 0; i < list.count; ++i)
                out.push_back(below(std::to_string(i), [&] { return rule_of(tree_.element(list, i)); }));
        });
        return out;
    }
    std::map<std::string, RuleId, std::less<>> schemas_by_name(const Node& node, const std::string& keyword) {
        std::map<std::string, RuleId, std::less<>> out;
        auto const found = member(node, keyword);
        if (!found) return out;
        below(keyword, [&] {
            auto const& object = tree_[*found];
            if (object.kind != json::Kind::object) refuse_here("it is no object of schemas");
            for (std::uint32_t i = 0; i < object.count; ++i) {
                auto const& one = tree_.member(object, i);
                out.emplace(one.name, below(one.name, [&] { return rule_of(one.node); }));
            }
        });
        return out;
    }
    std::vector<std::string> strings_of(const Node& list) {
        std::vector<std::string> out;
        if (list.kind != json::Kind::array) refuse_here("it is no list of strings");
        for (std::uint32_t i = 0; i < list.count; ++i) {
            auto const& one = tree_[tree_.element(list, i)];
            if (one.kind != json::Kind::string) refuse_here("it is no list of strings");
            out.push_back(Tree::string_of(one));
        }
        auto sorted = out;
        std::sort(sorted.begin(), sorted.end());
        if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
            refuse_here("it has the same string twice");
        return out;
    }
    std::shared_ptr<const re2::RE2> pattern(const std::string& text) {
        if (++patterns_ > patterns_max)
            refuse_here("it is one pattern more than the " + std::to_string(patterns_max) + " that are allowed");
        re2::RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(pattern_memory_max);
        auto out = std::make_shared<const re2::RE2>(text, options);
        if (!out->ok()) refuse_here("the pattern cannot be used: " + out->error());
        return out;
    }
    std::string canonical(NodeId id) const {
        std::string out;
        std::size_t cost = 0;
        append_canonical(out, tree_, id, cost);
        return out;
    }

    // ---- by what the value is ----

    void anything(Rule& out, const Node& node) {
        if (auto const found = member(node, "type")) {
            below("type", [&] {
                auto const& one = tree_[*found];
                auto const names = one.kind == json::Kind::string ? std::vector{Tree::string_of(one)} : strings_of(one);
                if (names.empty()) refuse_here("it is an empty list");
                static constexpr std::array<std::pair<std::string_view, unsigned>, 7> known{{{"null", null_bit},
                                                                                             {"boolean", boolean_bit},
                                                                                             {"number", number_bit},
                                                                                             {"integer", integer_bit},
                                                                                             {"string", string_bit},
                                                                                             {"array", array_bit},
                                                                                             {"object", object_bit}}};
                for (auto const& name : names) {
                    auto const type =
                        std::find_if(known.begin(), known.end(), [&](auto const& one) { return one.first == name; });
                    if (type == known.end()) refuse_here("'" + name + "' is no type");
                    out.types |= type->second;
                    out.type_names += (out.type_names.empty() ? "" : " or ") + name;
                }
            });
        }
        if (auto const found = member(node, "enum")) {
            below("enum", [&] {
                auto const& list = tree_[*found];
                if (list.kind != json::Kind::array) refuse_here("it is no list");
                out.values.emplace();
                for (std::uint32_t i = 0; i < list.count; ++i) out.values->insert(canonical(tree_.element(list, i)));
            });
        }
        if (auto const found = member(node, "const")) out.constant = canonical(*found);
    }
    void numbers(Rule& out, const Node& node) {
        out.minimum = number(node, "minimum");
        out.maximum = number(node, "maximum");
        out.above = number(node, "exclusiveMinimum");
        out.below = number(node, "exclusiveMaximum");
        out.multiple_of = number(node, "multipleOf");
        if (out.multiple_of && (out.multiple_of->negative || out.multiple_of->is_zero()))
            below("multipleOf", [&] { refuse_here("it is not greater than 0"); });
        if (out.multiple_of && out.multiple_of->digits.size() > divisor_digits_max)
            below("multipleOf", [&] { refuse_here("it has more than 18 digits"); });
    }
    void strings(Rule& out, const Node& node) {
        out.min_length = count(node, "minLength");
        out.max_length = count(node, "maxLength");
        if (auto const text = string(node, "pattern")) out.pattern = below("pattern", [&] { return pattern(*text); });
    }
    void arrays(Rule& out, const Node& node) {
        out.min_items = count(node, "minItems");
        out.max_items = count(node, "maxItems");
        out.unique_items = flag(node, "uniqueItems").value_or(false);
        out.contains = schema(node, "contains");
        out.min_contains = count(node, "minContains");
        out.max_contains = count(node, "maxContains");
        out.unevaluated_items = schema(node, "unevaluatedItems");
        if (out.unevaluated_items != no_rule) tracks_ = true;
        auto const items = member(node, "items");
        if (item_lists_ && items && tree_[*items].kind == json::Kind::array) {
            if (tree_[*items].count > 0) out.prefix_items = schemas(node, "items");
            out.items = schema(node, "additionalItems");
            return;
        }
        if (!item_lists_) out.prefix_items = schemas(node, "prefixItems");
        out.items = schema(node, "items");
    }
    void objects(Rule& out, const Node& node) {
        out.min_properties = count(node, "minProperties");
        out.max_properties = count(node, "maxProperties");
        if (auto const found = member(node, "required"))
            out.required = below("required", [&] { return strings_of(tree_[*found]); });
        out.properties = schemas_by_name(node, "properties");
        for (auto const& [text, rule] : schemas_by_name(node, "patternProperties")) {
            auto const& expression = text;
            auto compiled = below("patternProperties", [&] { return pattern(expression); });
            out.pattern_properties.push_back({std::move(compiled), rule});
        }
        out.additional_properties = schema(node, "additionalProperties");
        out.property_names = schema(node, "propertyNames");
        out.unevaluated_properties = schema(node, "unevaluatedProperties");
        if (out.unevaluated_properties != no_rule) tracks_ = true;
        dependencies(out, node, "dependentRequired", true, false);
        dependencies(out, node, "dependentSchemas", false, true);
        if (draft_07_) dependencies(out, node, "dependencies", true, true);
    }
    void dependencies(
        Rule& out, const Node& node, const std::string& keyword, bool names_allowed, bool schemas_allowed) {
        auto const found = member(node, keyword);
        if (!found) return;
        below(keyword, [&] {
            auto const& object = tree_[*found];
            if (object.kind != json::Kind::object) refuse_here("it is no object");
            for (std::uint32_t i = 0; i < object.count; ++i) {
                auto const& one = tree_.member(object, i);
                below(one.name, [&] {
                    auto const is_list = tree_[one.node].kind == json::Kind::array;
                    if (names_allowed && (is_list || !schemas_allowed)) {
                        out.dependent_required[one.name] = strings_of(tree_[one.node]);
                    } else {
                        out.dependent_schemas[one.name] = rule_of(one.node);
                    }
                });
            }
        });
    }
    void combinations(Rule& out, const Node& node) {
        out.all_of = schemas(node, "allOf");
        out.any_of = schemas(node, "anyOf");
        out.one_of = schemas(node, "oneOf");
        out.not_ = schema(node, "not");
        out.if_ = schema(node, "if");
        out.then_ = schema(node, "then");
        out.else_ = schema(node, "else");
    }

    const Tree& tree_;
    std::vector<Rule>& rules_;
    bool& tracks_;
    bool item_lists_ = false;  // until 2019-09 `items` may be a list
    bool draft_07_ = false;    // or older: nothing counts beside $ref
    std::map<NodeId, RuleId> made_;
    std::map<std::string, NodeId, std::less<>> anchors_;
    std::vector<Reference> references_;
    std::vector<std::string> path_;
    std::string id_;
    std::size_t patterns_ = 0;
};

}  // namespace

Schema::Schema() : rules_(std::make_unique<Rules>()) {}
Schema::~Schema() = default;

Compiled compile(std::string_view compacted) {
    if (compacted.size() > schema_bytes_max)
        return {nullptr, "it is longer than " + std::to_string(schema_bytes_max) + " bytes"};
    auto const tree = Tree::parse(compacted, schema_depth_max, schema_bytes_max);
    if (!tree) return {nullptr, "it is nested deeper than " + std::to_string(schema_depth_max) + " levels"};
    auto schema = std::make_shared<Schema>();
    try {
        schema->rules_->root = Compiler(*tree, schema->rules_->all, schema->rules_->tracks).run();
    } catch (const Fault& fault) {
        return {nullptr, fault.text};
    }
    return {std::move(schema), ""};
}

}  // namespace lockstep::schema
