// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Why a message is rejected by every member, beside what the registry says of definitions.
#pragma once

#include "base/error_list.hpp"

namespace lockstep::errors {

// clang-format off
#define LOCKSTEP_SEQUENCER_ERRORS(X)                                                                                 \
    X(key_differs_from_signer, "FF10452", 400,                                                                       \
      "The message is of key '{key}', but the pin was signed by '{signer}'")                                         \
    X(author_differs_from_identity, "FF10453", 400,                                                                  \
      "The message is by '{author}', but its key belongs to '{identity}'")                                           \
    X(key_refused, "LS10901", 400,                                                                                   \
      "The key '{key}' belonged to nobody when '{author}' refused it: {reason}")
// clang-format on
LOCKSTEP_ERROR_LIST(of_sequencer, LOCKSTEP_SEQUENCER_ERRORS)

}  // namespace lockstep::errors
