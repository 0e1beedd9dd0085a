// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// GroupCommit: several closures, one commit.
//
// Invariants
//   1. Nobody is answered before the commit has ended, since a closure sees what those before it wrote.
//   2. A closure that throws takes back its own writes only, and its own caller gets the exception.
//   3. When the disk fails, at whatever statement, the whole transaction is gone and all get that failure.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "store/detail/connection.hpp"
#include "store/detail/work.hpp"

namespace lockstep::store::detail {

class GroupCommit {
  public:
    enum class Outcome { committed, failed, died };

    // `crash` may be empty; see Database::Options.
    GroupCommit(Connection& connection, std::function<bool(bool after)> crash)
        : connection_(connection), crash_(std::move(crash)) {}

    // Runs the closure in the transaction, which begins with the first one.
    void add(Write write);
    Outcome commit();
    // After commit(): tells each caller, and all is ready for the next transaction. If the process died,
    // take_unanswered() instead, to refuse them.
    void answer();

    std::size_t size() const { return writes_.size(); }
    // Nothing more can succeed in this transaction.
    bool is_broken() const { return broken_ != nullptr; }
    std::vector<Write> take_unanswered() { return std::exchange(writes_, {}); }

  private:
    void run(Write& write);
    void undo();
    bool dies(bool after) { return crash_ && crash_(after); }

    Connection& connection_;
    std::function<bool(bool)> crash_;
    std::vector<Write> writes_;
    bool holds_writes_ = false;  // of a closure that has succeeded
    std::exception_ptr broken_;
};

}  // namespace lockstep::store::detail
