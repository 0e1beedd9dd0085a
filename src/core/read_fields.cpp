// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "core/detail/read_fields.hpp"

#include "core/errors.hpp"

namespace lockstep {

std::string Place::text(std::string_view field) const {
    std::string out(list);
    if (!list.empty()) {
        out += '[';
        out += std::to_string(index);
        out += ']';
        if (!field.empty()) out += '.';
    }
    out += field;
    return out;
}

Error no_batch(std::string_view reason) { return refuse(errors::not_a_batch, {{"reason", reason}}); }

Error no_batch(const Place& place, std::string_view field, std::string_view reason) {
    std::string text = place.text(field);
    text += ' ';
    text += reason;
    return no_batch(text);
}

Result<std::string> read_text(json::Value value, const Place& place, std::string_view field) {
    if (value.is_null()) return std::string();
    auto text = value.as_string();
    if (!text) return no_batch(place, field, "is no text");
    return std::move(*text);
}

Result<std::optional<Uuid>> read_uuid(json::Value value, const Place& place, std::string_view field) {
    if (value.is_null()) return std::optional<Uuid>();
    TRY(const std::string text, read_text(value, place, field));
    const auto id = Uuid::parse(text);
    if (!id) return no_batch(place, field, "is no UUID");
    return id;
}

Result<Uuid> read_id(json::Value value, const Place& place, std::string_view field) {
    TRY(const std::optional<Uuid> id, read_uuid(value, place, field));
    if (!id || id->is_nil()) return no_batch(place, field, "is missing");
    return *id;
}

Result<std::optional<Hash>> read_hash(json::Value value, const Place& place, std::string_view field) {
    if (value.is_null()) return std::optional<Hash>();
    TRY(const std::string text, read_text(value, place, field));
    const auto hash = Hash::parse(text);
    if (!hash) return no_batch(place, field, "is no hash");
    return hash;
}

Result<Time> read_time(json::Value value, const Place& place, std::string_view field) {
    if (value.is_null()) return Time{};
    TRY(const std::string text, read_text(value, place, field));
    const auto time = Time::parse(text);
    if (!time) return no_batch(place, field, "is no time");
    return *time;
}

Result<std::int64_t> read_size(json::Value value, const Place& place, std::string_view field) {
    if (value.is_null()) return std::int64_t{0};
    const auto number = value.as_int();
    if (!number || *number < 0) return no_batch(place, field, "is no size");
    return *number;
}

Result<std::vector<std::string>> read_texts(json::Value value, const Place& place, std::string_view field) {
    TRY(const std::vector<json::Value> elements, read_list(value, place, field));
    std::vector<std::string> out;
    out.reserve(elements.size());
    for (const json::Value element : elements) {
        TRY(std::string text, read_text(element, place, field));
        out.push_back(std::move(text));
    }
    return out;
}

Result<std::vector<json::Value>> read_list(json::Value value, const Place& place, std::string_view field) {
    if (!value.is_null() && value.kind() != json::Kind::array) return no_batch(place, field, "is no list");
    return value.elements();
}

Result<void> check_object(json::Value value, const Place& place, std::string_view field) {
    if (!value.is_null() && value.kind() != json::Kind::object) return no_batch(place, field, "is no object");
    return {};
}

}  // namespace lockstep
