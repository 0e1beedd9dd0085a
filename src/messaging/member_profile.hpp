// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Who this member is: the organisation and node that it speaks for.
#pragma once

#include <optional>
#include <string>

#include "base/uuid.hpp"
#include "core/positions.hpp"

namespace lockstep::messaging {

struct MemberProfile {
    NamespaceId ns{1};
    std::string namespace_name = "default";     // here
    std::string network_namespace = "default";  // in what travels
    std::string org_name, org_description;
    std::string node_name, node_description;
    std::string key;           // the organisation's ledger account, normalised
    std::string node_profile;  // JSON object of the node's claim: {"id","endpoint","cert","fingerprint"}
};

}  // namespace lockstep::messaging
