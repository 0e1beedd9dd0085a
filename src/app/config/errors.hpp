// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a configuration file. {place} is file:line.
#pragma once

#include "base/error_list.hpp"

namespace lockstep::errors {

// clang-format off
#define LOCKSTEP_CONFIG_ERRORS(X)                                                                                    \
    X(cannot_read_config, "LS10810", 500, "The configuration {file} cannot be read: {reason}")                       \
    X(bad_yaml, "LS10811", 500, "{place}: this is no YAML that can be used: {reason}")                               \
    X(unknown_config_key, "LS10812", 500, "{place}: there is no key '{key}'; the nearest is '{nearest}'")            \
    X(bad_config_value, "LS10813", 500, "{place}: '{key}' takes {wanted}, not '{value}'")                            \
    X(config_out_of_range, "LS10814", 500, "{place}: '{key}' is between {min} and {max}, not {value}")               \
    X(config_key_twice, "LS10815", 500, "{place}: the key '{key}' stands here twice")                                \
    X(config_conflict, "LS10816", 500, "{place}: '{key}': {reason}")                                                 \
    X(bad_tls_profile, "LS10817", 500, "The TLS profile '{name}' cannot be used: {reason}")
// clang-format on
LOCKSTEP_ERROR_LIST(of_config, LOCKSTEP_CONFIG_ERRORS)

}  // namespace lockstep::errors
