// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The page at /api: reads the OpenAPI document that stands beside it and lets one try the GETs. It loads
// nothing from elsewhere.
#pragma once

#include <string_view>

namespace lockstep::api {

extern const std::string_view api_page;

}  // namespace lockstep::api
