// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/content.hpp"

#include "api/errors.hpp"
#include "api/filter/text.hpp"
#include "core/json.hpp"

namespace lockstep::api {

Result<std::string> read_body(std::string_view content_type, std::string_view body) {
    auto const type = to_lower(content_type);
    if (type.starts_with("application/json")) {
        TRY(auto compacted, json::compact(body));
        if (json::Value{compacted}.kind() != json::Kind::object) return refuse(errors::body_not_object);
        return compacted;
    }
    if (type.starts_with("application/x-www-form-urlencoded") || type.starts_with("text/plain"))
        return std::string("{}");
    return refuse(errors::bad_content_type, {{"type", content_type}});
}

bool is_multipart(std::string_view content_type) { return to_lower(content_type).starts_with("multipart/form-data"); }

}  // namespace lockstep::api
