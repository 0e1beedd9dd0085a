// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// InlineDatabase: no threads. Jobs posted to the executor run closures on the one connection; what was
// queued when a commit job runs is one group commit. For the simulation.
#pragma once

#include <memory>

#include "store/database.hpp"
#include "store/detail/connection.hpp"

namespace lockstep::store::detail {

std::unique_ptr<Database> make_inline(Database::Options options,
                                      std::unique_ptr<Connection> connection,
                                      Executor executor);

}  // namespace lockstep::store::detail
