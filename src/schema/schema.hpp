// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// JSON Schema, draft 2020-12 (and 2019-09, 07 and 06 where `$schema` says so): is a value as the schema says?
// Members decide by it whether a message is rejected, so the answer is a function of the two texts alone: numbers
// are compared as the decimals that they are written as, patterns are RE2's, nothing is fetched, and whoever would
// work too long is stopped at a count of steps, not by a clock.
//
// Not here: references out of the schema, `$id` below its root, and patterns that RE2 does not have (looking
// around, back references) make a schema unusable. `format` and the `content…` keywords say nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lockstep::schema {

inline constexpr std::size_t schema_bytes_max = 64 << 10;
inline constexpr std::size_t schema_depth_max = 64;
inline constexpr std::size_t patterns_max = 64;      // of one schema
inline constexpr std::size_t steps_max = 2'000'000;  // of one check: a rule at a value, or 16 bytes that are compared
inline constexpr std::size_t rules_deep_max = 256;   // rules within rules within …, at one value or below it
inline constexpr std::size_t value_nodes_max = 500'000;

class Schema;

struct Compiled {
    std::shared_ptr<const Schema> schema;  // null: it cannot be used
    std::string fault;                     // why not, with the place: "'/properties/n/type': …"
};

// `compacted` is what json::compact() made.
Compiled compile(std::string_view compacted);

class Schema {
  public:
    Schema();
    ~Schema();
    Schema(const Schema&) = delete;
    Schema& operator=(const Schema&) = delete;

    // Empty when the value is as it should be; else the first thing that is wrong: "'/n': is no number". Any thread.
    std::optional<std::string> fault_of(std::string_view compacted) const;

  private:
    friend Compiled compile(std::string_view compacted);
    struct Rules;
    std::unique_ptr<Rules> rules_;
};

}  // namespace lockstep::schema
