// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What is to be defined, as somebody asks for it.
#pragma once

#include <string>

#include "registry/registry.hpp"

namespace lockstep::messaging {

struct DatatypeInput {
    std::string name, version;  // names
    std::string value;          // the schema, compact JSON
};

struct IdentityInput {
    std::string name, description;
    registry::IdentityType type = registry::IdentityType::custom;
    std::string parent;   // DID, id, or the name of an organisation; empty for a root organisation
    std::string key;      // an account; empty for a node
    std::string profile;  // JSON object; empty when there is none
};

struct IdentityUpdateInput {
    std::string description, profile;
};

}  // namespace lockstep::messaging
