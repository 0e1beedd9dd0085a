// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The prepared statements of one connection by their text. Finding one that is known costs about 10 ns:
// callers pass literals, so the address guesses the place and the text only confirms it.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "store/detail/statement.hpp"

namespace lockstep::store::detail {

class StatementCache {
  public:
    // Beyond it everything is forgotten at the next trim(): only generated SQL comes that far.
    static constexpr std::size_t statements_max = 1000;

    explicit StatementCache(Connection& home) : home_(home) {}

    SqliteStatement& get(std::string_view sql);
    // Only while no statement is in use.
    void trim();
    void reset_all();
    void clear();

  private:
    Connection& home_;
    std::array<SqliteStatement*, 256> guesses_{};
    // The keys are views of the statements' own texts.
    std::unordered_map<std::string_view, std::unique_ptr<SqliteStatement>> statements_;
};

}  // namespace lockstep::store::detail
