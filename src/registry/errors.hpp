// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What is refused about identities, and why their definitions are rejected.
#pragma once

#include "base/error_list.hpp"

namespace lockstep::errors {

// clang-format off
#define LOCKSTEP_REGISTRY_ERRORS(X)                                                                                  \
    X(group_without_members, "FF00115", 400, "A private message needs header.group, or group.members with a member") \
    X(child_without_parent, "FF00124", 400, "An identity of type '{type}' needs a parent")                           \
    X(unknown_datatype, "FF10195", 400, "There is no datatype '{datatype}'")                                         \
    X(schema_not_usable, "FF10196", 400, "The JSON Schema of datatype '{datatype}' cannot be used: {reason}")        \
    X(value_against_datatype, "FF10198", 400, "The value is not as datatype '{datatype}' says: {reason}")            \
    X(typed_value_missing, "FF10199", 400, "There is no value that could be of datatype '{datatype}'")               \
    X(node_not_found, "FF10224", 400, "There is no node '{node}'")                                                   \
    X(parent_unknown, "FF10214", 500, "The parent '{parent}' of '{identity}' is not registered")                     \
    X(local_node_unknown, "FF10225", 500, "The identity of this node is not known yet; register it first")           \
    X(group_unknown, "FF10226", 404, "There is no group {hash}")                                                     \
    X(organisation_without_node, "FF10233", 400, "The organisation '{organisation}' has no node to send to")         \
    X(identity_not_resolved, "FF10277", 500, "There is no identity '{identity}'")                                    \
    X(unknown_did_method, "FF10349", 400, "'{did}' is a DID of a kind that is not known here")                       \
    X(identity_chain_loops, "FF10364", 400, "The parents of identity '{identity}' form a loop")                      \
    X(parent_of_wrong_type, "FF10365", 400, "'{parent}' cannot be the parent of '{identity}'")                       \
    X(parent_without_claim, "FF10366", 400, "The parent '{parent}' has no confirmed claim")                          \
    X(definition_by_wrong_author, "FF10402", 500, "The definition {id} is not by who may make it")                   \
    X(definition_not_valid, "FF10403", 500, "The definition {id} is not valid: {reason}")                            \
    X(definition_of_other_id, "FF10404", 500, "The definition {id} is of another object than it says")               \
    X(definition_conflicts, "FF10407", 409, "The definition {id} comes after another of the same name")              \
    X(definition_of_unknown_identity, "FF10408", 500, "The definition {id} is about '{identity}', which is unknown") \
    X(verification_by_another, "FF10409", 500, "The verification {id} is not by the parent of '{identity}'")         \
    X(verification_of_other_claim, "FF10410", 500, "The verification {id} is of a claim with another hash")          \
    X(node_of_another, "FF10422", 500, "The node '{node}' is not of the member '{member}' nor of a parent of it")    \
    X(too_many_group_members, "LS10505", 400, "The group has {count} members where {limit} are allowed")
// clang-format on
LOCKSTEP_ERROR_LIST(of_registry, LOCKSTEP_REGISTRY_ERRORS)

}  // namespace lockstep::errors
