// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A user's JSON is text. compact() checks a text and brings it into the one form that is stored, hashed
// and sent (firefly-core.md 2.3): white space outside strings gone, '<' '>' '&' U+2028 U+2029 in strings
// escaped, invalid UTF-8 replaced by \ufffd, everything else (member order, duplicates, number text,
// existing escapes) as it was. Nothing here builds a tree: readers hand out slices of the text.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace lockstep::json {

inline constexpr std::size_t depth_max = 1000;

// The compact form, or LS10100 (malformed; the sentence names the offset and what was found),
// LS10101 (deeper than depth_max), LS10102 (longer than `bytes_max`), or LS10103 (empty text).
Result<std::string> compact(std::string_view text, std::size_t bytes_max = 64 << 20);

enum class Kind { null_, boolean, number, string, array, object };

// A value inside a text that compact() has made; it refers to that text. Reading never fails: a value
// of another kind reads as empty.
class Value {
  public:
    Value() = default;  // absent: kind null_, exists() false
    explicit Value(std::string_view compacted) : text_(compacted) {}

    bool exists() const { return !text_.empty(); }
    // Absent or the literal null.
    bool is_null() const { return text_.empty() || text_ == "null"; }
    Kind kind() const;
    std::string_view text() const { return text_; }  // the compact JSON text itself

    std::optional<std::string> as_string() const;  // escapes resolved, UTF-8
    std::optional<bool> as_bool() const;
    std::optional<std::int64_t> as_int() const;  // an integer literal that fits; 1.0 and 1e3 do not
    std::optional<double> as_number() const;

    // Object member by name; of duplicates the last. Absent when this is no object. Exact case first,
    // else the first that equals ignoring ASCII case, as Go's decoder does.
    Value operator[](std::string_view name) const;
    // Several members in one walk over the text, by the same rule: out[i] is the member named names[i], or
    // stays as it was. At most 64.
    void pick(std::span<const std::string_view> names, std::span<Value> out) const;
    // auto [id, type] = value.pick("id", "type");
    template <class... Names>
    requires(std::convertible_to<Names, std::string_view>&&...) std::array<Value, sizeof...(Names)> pick(
        const Names&... names)
    const {
        const std::array<std::string_view, sizeof...(Names)> wanted{std::string_view(names)...};
        std::array<Value, sizeof...(Names)> out;
        pick(wanted, out);
        return out;
    }
    // In order of the text; duplicates too. Names have their escapes resolved.
    std::vector<std::pair<std::string, Value>> members() const;
    std::vector<Value> elements() const;

  private:
    std::string_view text_;
};

// Builds compact JSON with Go's escaping (firefly-core.md 2.2). Commas are its own business.
//     Writer w; w.begin_object().key("id").string(id).key("n").number(3).end_object();
class Writer {
  public:
    Writer& begin_object();
    Writer& end_object();
    Writer& begin_array();
    Writer& end_array();
    Writer& key(std::string_view name);
    Writer& string(std::string_view text);
    Writer& number(std::int64_t value);
    Writer& unsigned_number(std::uint64_t value);
    Writer& boolean(bool value);
    Writer& null();
    Writer& raw(std::string_view compacted);  // a text in compact form, as it is

    // key + value when the value is not empty: "omitempty".
    Writer& field(std::string_view name, std::string_view text) { return key(name).string(text); }
    Writer& field_if(std::string_view name, std::string_view text) { return text.empty() ? *this : field(name, text); }

    // key + a UUID, hash or time.
    template <class Value>
    Writer& quoted(std::string_view name, const Value& value) {
        key(name).separate();
        out_ += '"';
        value.append_to(out_);
        out_ += '"';
        return *this;
    }

    const std::string& text() const { return out_; }
    std::string take() { return std::move(out_); }
    void reserve(std::size_t bytes) { out_.reserve(bytes); }

  private:
    void separate();
    std::string out_;
    bool comma_ = false;
};

// Appends `text` as a JSON string, with Go's escaping.
void append_string(std::string& out, std::string_view text);

}  // namespace lockstep::json
