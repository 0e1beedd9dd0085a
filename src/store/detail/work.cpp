// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/work.hpp"

#include "store/detail/sessions.hpp"

namespace lockstep::store::detail {

void run_read(Connection& connection, Read& read) {
    try {
        connection.begin("BEGIN");
        ReadSession session(connection);
        read.closure(session);
        connection.settle();
        connection.check_usable();
        connection.commit();
    } catch (...) {  // whatever a closure throws is its caller's
        read.failure = std::current_exception();
        connection.rollback();
    }
    read.answer();
}

}  // namespace lockstep::store::detail
