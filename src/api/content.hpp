// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The body of a request by its content type (firefly-core.md 15.2).
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace lockstep::api {

// The compact JSON object that the body is; "{}" for the content types of forms and plain text, which the
// original takes without reading. FF00162 for any other, and when there is none; what json::compact() refuses,
// and LS10702 for what is no object.
Result<std::string> read_body(std::string_view content_type, std::string_view body);

// multipart/form-data, which a route may take as it comes.
bool is_multipart(std::string_view content_type);

}  // namespace lockstep::api
