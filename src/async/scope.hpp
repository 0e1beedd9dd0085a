// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Scope owns coroutines whose number is not known in advance: it limits them, cancels them, waits for
// them, and passes on the first failure. The only place that spawns, besides main.
//
//     Scope scope{executor, {.name = "connections", .limit = 1000}};
//     scope.spawn(serve(std::move(socket)));      // false when full: the caller refuses
//     co_await scope.join();                       // after cancel(), or when all have ended
//
// join() must have ended before the Scope is destroyed. Asio throws at every co_await of a coroutine that
// was cancelled, so an owner that may be cancelled before it comes to its join() gives its work to
// join(work), which lasts until the children have ended whatever happens to the work:
//
//     co_await scope.join(accept_and_spawn(scope));
//
// A child that ends by an exception other than
// cancellation is logged with the scope's name; with .fail_together it also cancels its siblings, and
// join() rethrows.
#pragma once

#include <cstddef>
#include <exception>
#include <list>
#include <memory>
#include <string>

#include "async/task.hpp"
#include "async/waiters.hpp"

namespace lockstep {

class Scope {
  public:
    struct Options {
        std::string name;
        std::size_t limit = 100'000;
        bool fail_together = false;
    };

    Scope(Executor executor, Options options);
    ~Scope();

    // False, and the task is dropped unstarted, when the limit is reached or cancel() was called.
    bool spawn(Task<void> task);
    // Cancels every child at its next suspension; later spawns are refused.
    void cancel();
    // Until every child has ended. When the joiner is cancelled meanwhile, the children are cancelled
    // and still waited for, since they refer to what the joiner owns.
    Task<void> join();
    // Runs `work`, then joins; if `work` throws, the children are cancelled first. Rethrows.
    Task<void> join(Task<void> work);
    std::size_t size() const;

  private:
    struct State;
    static Task<void> wait_for(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

}  // namespace lockstep
