// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// One small secret file: read with its permissions checked, written atomically. For keystore.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace lockstep::identity {

inline constexpr std::size_t key_file_bytes_max = 64 << 10;

// Makes the folder with mode 0700 if it is missing. LS10312 when others can write into it.
Result<void> prepare_key_folder(const std::string& folder);

// The text without white space at its end; empty when there is no such file. LS10312 when others can
// read it, LS10310 when it is longer than key_file_bytes_max.
Result<std::optional<std::string>> read_key_file(const std::string& path);

// Replaces what is there. When it returns, the file and its name are durable.
void write_key_file(const std::string& folder, const std::string& name, std::string_view text);

}  // namespace lockstep::identity
