// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Members of a request's body.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/json.hpp"

namespace lockstep::api {

// Empty when it is not given. LS10502 when it is no string.
Result<std::string> text_member(json::Value body, std::string_view name);
// Its compact text; empty when it is not given. LS10502 when it is no object.
Result<std::string> object_member(json::Value body, std::string_view name);

}  // namespace lockstep::api
