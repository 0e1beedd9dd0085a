// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A YAML document as a tree that knows its lines. yaml-cpp stays behind this header.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace lockstep::app::config {

inline constexpr std::size_t config_bytes_max = 256 << 10;
inline constexpr std::size_t config_nodes_max = 10'000;  // aliases count as what they stand for

struct Entry;

struct Tree {
    enum class Kind { nothing, text, list, map };
    Kind kind = Kind::nothing;
    int line = 1;            // from 1
    std::string text;        // of a text
    std::vector<Tree> list;  // of a list
    std::vector<Entry> map;  // of a map, in the order of the file
};

struct Entry {
    std::string key;
    int line = 1;
    Tree value;
};

// LS10811, with `file` and the line. An empty document is `nothing`.
Result<Tree> parse_yaml(std::string_view text, std::string_view file);

}  // namespace lockstep::app::config
