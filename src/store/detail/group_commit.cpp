// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/group_commit.hpp"

#include "base/must.hpp"
#include "store/detail/sessions.hpp"

namespace lockstep::store::detail {

void GroupCommit::add(Write write) {
    writes_.push_back(std::move(write));
    if (is_broken()) return;
    try {
        run(writes_.back());
    } catch (...) {  // kept for the callers: one of ours, or all of them
        connection_.settle();
        broken_ = connection_.broken();
        if (is_broken()) return;
        writes_.back().failure = std::current_exception();
        undo();
    }
}

void GroupCommit::run(Write& write) {
    if (!connection_.in_transaction()) connection_.begin("BEGIN IMMEDIATE");
    // The first needs no savepoint: to take it back is to roll back everything.
    if (holds_writes_) connection_.prepare("SAVEPOINT closure").step();
    WriteSession session(connection_);
    write.closure(session);
    connection_.settle();
    connection_.check_usable();
    MUST(connection_.in_transaction(), "closures neither commit nor roll back");
    if (holds_writes_) connection_.prepare("RELEASE closure").step();
    holds_writes_ = true;
}

void GroupCommit::undo() {
    if (!holds_writes_) {
        connection_.rollback();
        return;
    }
    try {
        connection_.prepare("ROLLBACK TO closure").step();
        connection_.prepare("RELEASE closure").step();
    } catch (const StoreError&) {  // the savepoint is gone, and with it what the neighbours wrote
        broken_ = std::current_exception();
    }
}

GroupCommit::Outcome GroupCommit::commit() {
    if (holds_writes_ && !is_broken()) {
        if (dies(false)) return Outcome::died;
        try {
            connection_.commit();
        } catch (const StoreError&) {  // everyone's failure, handed to each in answer()
            broken_ = std::current_exception();
        }
        if (dies(true)) return Outcome::died;
    }
    if (!is_broken()) return Outcome::committed;
    connection_.rollback();
    return Outcome::failed;
}

void GroupCommit::answer() {
    auto const broken = std::exchange(broken_, nullptr);
    holds_writes_ = false;
    for (auto& write : std::exchange(writes_, {})) {
        if (broken) write.failure = broken;
        write.answer();
    }
}

}  // namespace lockstep::store::detail
