// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Looks at a WAL before SQLite recovers it. SQLite takes the first frame that is wrong for the end and drops
// whatever follows; that is right after a power cut in the middle of a commit, and silent loss after damage.
//
// They are told apart by what follows. A commit is synced before the next one begins, so a power cut leaves
// holes in the last commit only. A good frame behind the commit in which the hole is was written after that
// commit was promised: then the hole is damage. A hole in the very last commit looks like a power cut and is
// treated as one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace lockstep::store::detail {

// How many bytes could be read from there, at most out.size().
using ReadAt = std::function<std::size_t(std::span<std::uint8_t> out, std::uint64_t at)>;

struct WalDamage {
    std::uint64_t frame = 0;       // from 1; 0: the header of the file
    std::uint32_t page = 0;        // as the frame says, which may be what is damaged
    std::uint64_t good_after = 0;  // frames behind it that are good
};

// Nothing when SQLite can have it. `bytes` is the length of the file.
std::optional<WalDamage> find_wal_damage(const ReadAt& read, std::uint64_t bytes);

}  // namespace lockstep::store::detail
