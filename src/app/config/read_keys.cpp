// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <limits>

#include "app/config/errors.hpp"
#include "app/config/keys.hpp"
#include "base/must.hpp"
#include "base/time.hpp"

namespace lockstep::app::config {

namespace {

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string lowered(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), small);
    return out;
}

bool same_key(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return small(x) == small(y); });
}

// Levenshtein's distance without regard to case.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto corner = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            auto const changed = corner + (small(a[i - 1]) == small(b[j - 1]) ? 0 : 1);
            corner = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
        }
    }
    return row[b.size()];
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
    std::int64_t out = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

// "800", "16Kb", "1 MiB": powers of 1024, as the original counts.
std::optional<std::int64_t> parse_size(std::string_view text) {
    auto const begin = std::find_if_not(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    auto const number = parse_whole(text.substr(0, static_cast<std::size_t>(begin - text.begin())));
    auto unit = lowered(text.substr(static_cast<std::size_t>(begin - text.begin())));
    while (unit.starts_with(' ')) unit.erase(0, 1);
    static constexpr std::pair<std::string_view, int> units[] = {{"", 0},     {"b", 0},   {"k", 10},  {"kb", 10},
                                                                 {"kib", 10}, {"m", 20},  {"mb", 20}, {"mib", 20},
                                                                 {"g", 30},   {"gb", 30}, {"gib", 30}};
    if (!number) return std::nullopt;
    for (auto const& [name, shift] : units) {
        if (unit != name) continue;
        if (*number > std::numeric_limits<std::int64_t>::max() >> shift) return std::nullopt;
        return *number << shift;
    }
    return std::nullopt;
}

std::string size_text(std::int64_t bytes) {
    if (bytes > 0 && bytes % (1 << 20) == 0) return std::to_string(bytes >> 20) + "Mb";
    if (bytes > 0 && bytes % (1 << 10) == 0) return std::to_string(bytes >> 10) + "Kb";
    return std::to_string(bytes);
}

std::string number_text(const Key& key, std::int64_t number) {
    if (std::holds_alternative<Duration& (*)(Settings&)>(key.place))
        return duration_text(std::chrono::milliseconds(number));
    return key.unit == Unit::bytes ? size_text(number) : std::to_string(number);
}

std::string_view kind_text(const Tree& tree) {
    switch (tree.kind) {
        case Tree::Kind::nothing: return "nothing";
        case Tree::Kind::text: return tree.text;
        case Tree::Kind::list: return "a list";
        case Tree::Kind::map: return "keys of its own";
    }
    return "";
}

class Reader {
  public:
    Reader(const std::string& file, Settings& settings, std::vector<Error>& problems)
        : file_(file), settings_(settings), problems_(problems) {}

    // `path` ends without a dot.
    void section(const Tree& tree, const std::string& path) {
        if (tree.kind == Tree::Kind::nothing) return;
        if (tree.kind != Tree::Kind::map) return wrong(tree, path, "keys of its own");
        std::vector<std::string> seen;
        for (auto const& entry : tree.map) {
            auto const name = lowered(entry.key);
            auto const full = path.empty() ? entry.key : path + "." + entry.key;
            if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
                problems_.push_back(refuse(errors::config_key_twice, {{"place", place(entry.line)}, {"key", full}}));
                continue;
            }
            seen.push_back(name);
            read(entry, full, path);
        }
    }

  private:
    void read(const Entry& entry, const std::string& full, const std::string& parent) {
        auto inside = std::string_view();
        for (auto const& key : keys()) {
            if (same_key(key.path, full)) return value(key, entry);
            if (key.path.size() > full.size() && same_key(key.path.substr(0, full.size()), full)) inside = key.path;
        }
        auto const behind = inside.substr(std::min(full.size(), inside.size()));
        auto const known = std::string(inside.substr(0, full.size()));
        if (behind.starts_with("[].")) return items(entry.value, known + "[]");
        if (behind.starts_with('.')) return section(entry.value, known);
        problems_.push_back(refuse(errors::unknown_config_key,
                                   {{"place", place(entry.line)}, {"key", full}, {"nearest", nearest(full, parent)}}));
    }

    void items(const Tree& tree, const std::string& path) {
        if (tree.kind == Tree::Kind::nothing) return;
        if (tree.kind != Tree::Kind::list) return wrong(tree, path, "a list");
        auto const begin = begin_of(path);
        MUST(begin, "a list that the keys speak of");
        for (auto const& item : tree.list) {
            begin(settings_, item.line);
            section(item, path);
        }
    }

    // The sibling that is spelt most alike; of all keys, when none of them is.
    std::string nearest(const std::string& full, const std::string& parent) const {
        auto const front = parent.empty() ? std::string() : parent + ".";
        std::string best;
        auto least = std::max<std::size_t>(2, (full.size() - front.size()) / 2) + 1;
        for (auto const& key : keys()) {
            if (!same_key(key.path.substr(0, front.size()), front)) continue;
            auto const end = std::min(key.path.find_first_of(".[", front.size()), key.path.size());
            auto const apart = distance(key.path.substr(0, end), full);
            if (apart < least) least = apart, best = key.path.substr(0, end);
        }
        if (!best.empty()) return best;
        least = std::string::npos;
        for (auto const& key : keys()) {
            auto const apart = distance(key.path, full);
            if (apart < least) least = apart, best = key.path;
        }
        return best;
    }

    void value(const Key& key, const Entry& entry) {
        if (key.note) key.note(settings_, entry.line);
        std::visit([&](auto at) { fill(key, entry.value, at(settings_)); }, key.place);
    }
    void fill(const Key& key, const Tree& tree, bool& out) {
        auto const text = tree.kind == Tree::Kind::text ? lowered(tree.text) : "";
        if (text != "true" && text != "false") return wrong(tree, key.path, takes(key));
        out = text == "true";
    }
    void fill(const Key& key, const Tree& tree, std::string& out) {
        if (tree.kind != Tree::Kind::text || tree.text.empty()) return wrong(tree, key.path, takes(key));
        out = tree.text;
    }
    void fill(const Key& key, const Tree& tree, std::uint16_t& out) {
        std::int64_t found = 0;
        if (number(key, tree, found)) out = static_cast<std::uint16_t>(found);
    }
    void fill(const Key& key, const Tree& tree, std::size_t& out) {
        std::int64_t found = 0;
        if (number(key, tree, found)) out = static_cast<std::size_t>(found);
    }
    void fill(const Key& key, const Tree& tree, Duration& out) {
        auto const parsed = tree.kind == Tree::Kind::text ? parse_duration(tree.text, 1ms) : std::nullopt;
        if (!parsed) return wrong(tree, key.path, takes(key));
        if (*parsed < std::chrono::milliseconds(key.min) || *parsed > std::chrono::milliseconds(key.max))
            return out_of_range(key, tree);
        out = *parsed;
    }
    void fill(const Key& key, const Tree& tree, Words& out) {
        out.clear();
        auto const add = [&](const Tree& item) {
            auto const word = key.words.empty() ? item.text : lowered(item.text);
            auto const fits =
                key.words.empty() || (" " + std::string(key.words) + " ").find(" " + word + " ") != std::string::npos;
            if (item.kind != Tree::Kind::text || word.empty() || !fits) return wrong(item, key.path, takes(key));
            out.push_back(word);
        };
        if (tree.kind != Tree::Kind::list) return add(tree);
        for (auto const& item : tree.list) add(item);
    }
    bool number(const Key& key, const Tree& tree, std::int64_t& out) {
        auto const sized = key.unit == Unit::bytes;
        auto const parsed = tree.kind != Tree::Kind::text ? std::nullopt
                            : sized                       ? parse_size(tree.text)
                                                          : parse_whole(tree.text);
        if (!parsed) return wrong(tree, key.path, takes(key)), false;
        if (*parsed < key.min || *parsed > key.max) return out_of_range(key, tree), false;
        out = *parsed;
        return true;
    }

    void wrong(const Tree& tree, std::string_view key, std::string_view wanted) {
        problems_.push_back(
            refuse(errors::bad_config_value,
                   {{"place", place(tree.line)}, {"key", key}, {"wanted", wanted}, {"value", kind_text(tree)}}));
    }
    void out_of_range(const Key& key, const Tree& tree) {
        auto const min = number_text(key, key.min), max = number_text(key, key.max);
        problems_.push_back(
            refuse(errors::config_out_of_range,
                   {{"place", place(tree.line)}, {"key", key.path}, {"min", min}, {"max", max}, {"value", tree.text}}));
    }
    std::string place(int line) const { return file_ + ":" + std::to_string(line); }

    const std::string& file_;
    Settings& settings_;
    std::vector<Error>& problems_;
};

std::string shown(const Key&, bool value) { return value ? "true" : "false"; }
std::string shown(const Key& key, std::size_t value) { return number_text(key, static_cast<std::int64_t>(value)); }
std::string shown(const Key& key, std::uint16_t value) { return number_text(key, value); }
std::string shown(const Key&, Duration value) { return duration_text(value); }
std::string shown(const Key&, const std::string& value) { return value; }
std::string shown(const Key&, const Words& value) {
    std::string out;
    for (auto const& word : value) out += (out.empty() ? "" : ", ") + word;
    return out;
}

}  // namespace

std::string takes(const Key& key) {
    struct Visitor {
        const Key& key;
        std::string operator()(bool& (*)(Settings&)) const { return "true or false"; }
        std::string operator()(std::uint16_t& (*)(Settings&)) const { return "a number"; }
        std::string operator()(std::size_t& (*)(Settings&)) const {
            return key.unit == Unit::bytes ? "a size, such as 64Kb" : "a number";
        }
        std::string operator()(Duration& (*)(Settings&)) const { return "a duration, such as 30s"; }
        std::string operator()(std::string& (*)(Settings&)) const { return "text"; }
        std::string operator()(Words& (*)(Settings&)) const {
            return key.words.empty() ? "a list of names" : "one of " + std::string(key.words) + ", or a list of them";
        }
    };
    return std::visit(Visitor{key}, key.place);
}

std::string default_of(const Key& key) {
    if (!key.usual.empty()) return std::string(key.usual);
    Settings settings;
    // So that keys of lists have an element to speak of.
    for (auto const* list : {"namespaces.predefined[]", "namespaces.predefined[].tlsConfigs[]", "plugins.auth[]"})
        begin_of(list)(settings, 0);
    return std::visit([&](auto at) { return shown(key, at(settings)); }, key.place);
}

std::string range_of(const Key& key) {
    return key.max == 0 ? "" : number_text(key, key.min) + " to " + number_text(key, key.max);
}

void read_keys(const Tree& tree, const std::string& file, Settings& settings, std::vector<Error>& problems) {
    Reader(file, settings, problems).section(tree, "");
}

}  // namespace lockstep::app::config
