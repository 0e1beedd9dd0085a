// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// GET charts/histogram/{collection}: how many objects came to be in each of some equal spans of time, by
// type.
#pragma once

#include "api/route.hpp"

namespace lockstep::api {

// FF10298 to FF10301.
Task<Result<Answer>> histogram(const Call& call);

}  // namespace lockstep::api
