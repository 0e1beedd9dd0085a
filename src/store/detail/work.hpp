// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What write() and read() hand over: the closure, and whom to tell.
#pragma once

#include <deque>
#include <exception>
#include <functional>
#include <string>

#include "store/session.hpp"

namespace lockstep::store::detail {

template <class S>
struct Work {
    std::function<void(S&)> closure;
    std::function<void(std::exception_ptr)> done;
    std::exception_ptr failure;

    void answer() { done(std::move(failure)); }
    void refuse(const std::string& why) { done(std::make_exception_ptr(StoreError(why))); }
};

using Write = Work<Transaction>;
using Read = Work<Snapshot>;

class Connection;
// In one deferred transaction, each answered as soon as it has run. `reads` is empty then.
void run_reads(Connection& connection, std::deque<Read>& reads);

}  // namespace lockstep::store::detail
