// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/work.hpp"

#include "store/detail/sessions.hpp"

namespace lockstep::store::detail {

namespace {

void run_read(Connection& connection, Read& read, bool is_last) {
    try {
        if (!connection.in_transaction()) connection.begin("BEGIN");
        ReadSession session(connection);
        read.closure(session);
        connection.settle();
        connection.check_usable();
        if (is_last) connection.commit();
    } catch (...) {  // whatever a closure throws is its caller's
        read.failure = std::current_exception();
        connection.rollback();
    }
}

}  // namespace

void run_reads(Connection& connection, std::deque<Read>& reads) {
    while (!reads.empty()) {
        auto read = std::move(reads.front());
        reads.pop_front();
        run_read(connection, read, reads.empty());
        read.answer();
    }
}

}  // namespace lockstep::store::detail
