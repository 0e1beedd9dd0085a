// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What makes a SQLite file ours, and the tables that the modules want in it.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "store/database.hpp"
#include "store/detail/connection.hpp"

namespace lockstep::store::detail {

inline constexpr std::int64_t application_id = 0x4c737470;  // "Lstp"
// user_version: of the file, not of a module's tables. 2: pages have checksums. A file of version 1 stays one.
inline constexpr std::int64_t format_version = 2;
inline constexpr std::int64_t format_with_checksums = 2;

// Leaves a file that is not ours as it was. Refuses with LS10202 or LS10203.
Result<void> adopt_file(Connection& connection, const std::string& path);

// Runs the steps that have not run, each module's in one transaction. Refuses with LS10202 when a module's
// tables are newer than its steps.
Result<void> migrate(Connection& connection, const std::string& path, const std::vector<Migrations>& schema);

}  // namespace lockstep::store::detail
