// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a blob.
#pragma once

#include "base/error_list.hpp"

namespace lockstep::errors {

// clang-format off
#define LOCKSTEP_BLOBS_ERRORS(X)                                                                                     \
    X(blob_unknown, "FF10239", 404, "There is no blob {hash} here")                                                  \
    X(blob_damaged, "LS10601", 500, "What came as the blob {hash} has another hash")                                 \
    X(bad_range, "LS10602", 416, "The range '{range}' is not inside the {size} bytes of the blob")
// clang-format on
LOCKSTEP_ERROR_LIST(of_blobs, LOCKSTEP_BLOBS_ERRORS)

}  // namespace lockstep::errors
