// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What only the API refuses. FF numbers are the original's, LS107xx are ours; the catalogue of core has
// the rest.
#pragma once

#include "base/error.hpp"

namespace lockstep::api::errors {

inline constexpr ErrorSpec unknown_filter_operator{"FF00190", 400,
                                                   "'{operator}' on the field '{field}' is no operator"};
inline constexpr ErrorSpec private_messages_missing{
    "FF10415", 400, "Private messages are not there yet: this version sends broadcasts only (POST messages/broadcast)"};
inline constexpr ErrorSpec blobs_missing{
    "FF10414", 400,
    "Blobs are not there yet: this version stores JSON values only, so send application/json and not {type}"};
inline constexpr ErrorSpec identities_missing{"FF10414", 400,
                                              "Only this member's own organisation and node can be registered yet "
                                              "(network/organizations/self, network/nodes/self)"};
inline constexpr ErrorSpec datatypes_missing{
    "FF10414", 400, "Datatypes cannot be defined yet: this version takes data without a datatype only"};
inline constexpr ErrorSpec terminate_missing{"FF10399", 400,
                                             "The contract of this network cannot be given up for another one"};
inline constexpr ErrorSpec data_in_use{"LS10701", 409, "The data {id} belongs to a message and stays with it"};
inline constexpr ErrorSpec body_not_object{"LS10702", 400, "The body must be a JSON object"};

inline constexpr ErrorSpec not_upgraded{"LS10703", 426, "This path speaks WebSocket only"};

}  // namespace lockstep::api::errors
