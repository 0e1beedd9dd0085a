// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/body.hpp"

#include "messaging/errors.hpp"

namespace lockstep::api {

Result<std::string> text_member(json::Value body, std::string_view name) {
    auto const value = body[name];
    if (value.is_null()) return std::string();
    auto text = value.as_string();
    if (!text) return refuse(errors::wrong_member_type, {{"member", name}, {"wanted", "a string"}});
    return std::move(*text);
}

Result<std::string> object_member(json::Value body, std::string_view name) {
    auto const value = body[name];
    if (value.is_null()) return std::string();
    if (value.kind() != json::Kind::object)
        return refuse(errors::wrong_member_type, {{"member", name}, {"wanted", "an object"}});
    return std::string(value.text());
}

}  // namespace lockstep::api
