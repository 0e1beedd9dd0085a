// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Reading identities, under whatever name a route looks for them.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "api/list.hpp"
#include "registry/registry.hpp"

namespace lockstep::api {

inline constexpr QueryParameter fetchverifiers{"fetchverifiers", "Add the keys and peers of each identity"};

using FindIdentity = std::function<std::optional<registry::Identity>(store::Session& session, NamespaceId ns)>;

// FF10109 when `find`, on a reader's thread, finds nothing. ?fetchverifiers.
Task<Result<Answer>> get_identity(const Call& call, FindIdentity find);
Task<Result<Answer>> list_identities(const Call& call, Restriction restriction);

}  // namespace lockstep::api
