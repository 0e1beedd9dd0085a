// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The two files that say who may: bcrypt passwords as `htpasswd -B` writes them, and tokens. Both are read
// at start; a change needs a new start.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace lockstep::auth {

inline constexpr std::size_t secrets_bytes_max = 1 << 20;  // of a file
inline constexpr int bcrypt_cost_max = 15;                 // about two seconds each; beyond it nobody gets in

// Lines `user:hash` with $2a$, $2b$ or $2y$; empty lines and those that begin with '#' are passed over.
struct Passwords {
    std::map<std::string, std::string, std::less<>> hashes;  // user -> bcrypt hash; not empty
};
// LS10821 names the line. `file` is what it is called there.
Result<Passwords> parse_passwords(std::string_view text, std::string_view file);

// A token in each line, or `sha256:` and the 64 hex digits of its SHA-256, so that the file itself lets
// nobody in. Empty lines and those that begin with '#' are passed over.
struct Tokens {
    std::vector<Hash> hashes;  // not empty
    // Looks at all of them, whichever fits: how long it takes says nothing.
    bool has(std::string_view token) const;
};
// LS10822 names the line. A token has 16 to 4096 visible characters of ASCII.
Result<Tokens> parse_tokens(std::string_view text, std::string_view file);

// The whole file; LS10823. Says a warning when others than its owner may read it, unless it is for all to see.
Result<std::string> read_secrets(const std::string& path, bool secret = true);

// Blocking: as long as the cost in `hash` says. False too when it is no bcrypt hash.
bool bcrypt_matches(const std::string& password, const std::string& hash);

}  // namespace lockstep::auth
