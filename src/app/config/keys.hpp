// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Every key of the configuration file, as data: the reader, `lockstep config check`, and the page in
// docs/reference work from this one list. Names are those of the original where it has the thing
// (firefly-core.md 24); as there, letters compare without regard to case.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config/settings.hpp"
#include "app/config/tree.hpp"

namespace lockstep::app::config {

using Words = std::vector<std::string>;

// Where the value goes. The last element of a list is the one that is being read.
using Place = std::variant<bool& (*)(Settings&),
                           std::uint16_t& (*)(Settings&),
                           std::size_t& (*)(Settings&),
                           Duration& (*)(Settings&),
                           std::string& (*)(Settings&),
                           Words& (*)(Settings&)>;

enum class Unit { none, bytes };

struct Key {
    std::string_view path;  // "namespaces.predefined[].name"
    std::string_view meaning;
    Place place;
    std::int64_t min = 0, max = 0;  // of numbers, sizes, and milliseconds
    Unit unit = Unit::none;
    std::string_view usual = {};                  // the default, when it is no value of its own
    std::string_view words = {};                  // of Words: which, with spaces between; empty: any
    void (*note)(Settings&, int line) = nullptr;  // told of the line when the key is there
};

std::span<const Key> keys();

// The list that a section of this path ("plugins.auth[]") adds to; nothing when it is none.
using Begin = void (*)(Settings&, int line);
Begin begin_of(std::string_view list);

// What the reference page shows.
std::string takes(const Key& key);
std::string default_of(const Key& key);
std::string range_of(const Key& key);  // "1Kb to 1Mb"; empty when there is none

// Fills `settings` and appends what is wrong.
void read_keys(const Tree& tree, const std::string& file, Settings& settings, std::vector<Error>& problems);

}  // namespace lockstep::app::config
