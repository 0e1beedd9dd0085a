// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Worker: one thread for work that blocks or is heavy (files, hashing), with an awaitable face. Jobs run one
// after another in the order in which they were given. A job may refer to the frame that awaits it: that is
// resumed only when the job has ended, whatever is cancelled meanwhile.
//
//     auto work = [&] { file->append(bytes); return bytes.size(); };
//     auto const written = co_await worker.run(work);   // throws what the work throws
//
// In the simulation there is no thread: a job runs when the executor gets to it, and what nobody awaits is
// dropped with the worker, as a process that dies drops it.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>

#include "async/blocking.hpp"
#include "async/task.hpp"

namespace lockstep {

class Worker {
  public:
    virtual ~Worker() = default;
    // For work that nobody waits for. It must not throw.
    virtual void post(std::function<void()> job) = 0;

    template <class F>
    Task<std::invoke_result_t<F&>> run(F work) {
        using T = std::invoke_result_t<F&>;
        using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
        std::exception_ptr failure;
        std::optional<Value> value;
        std::function<void(std::function<void()>)> start = [&](std::function<void()> resume) {
            post([&failure, &value, &work, resume = std::move(resume)] {
                try {
                    if constexpr (std::is_void_v<T>) {
                        work();
                    } else {
                        value.emplace(work());
                    }
                } catch (...) {
                    failure = std::current_exception();  // rethrown by who waits
                }
                resume();
            });
        };
        co_await suspend(std::move(start));
        if (failure) std::rethrow_exception(failure);
        if constexpr (!std::is_void_v<T>) co_return std::move(*value);
    }
};

// Its destructor runs what still waits.
std::unique_ptr<Worker> make_worker(std::string name);
std::unique_ptr<Worker> make_inline_worker(Executor executor);

}  // namespace lockstep
