// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/offsets.hpp"

#include "async/deadline.hpp"
#include "base/logging.hpp"
#include "delivery/subscription.hpp"

namespace lockstep::delivery {

void Offsets::note(const Uuid& subscription, Offset position, bool acknowledged) {
    auto const quiet = gathered_.empty();
    auto& noted = gathered_.try_emplace(subscription, position).first->second;
    noted = std::max(noted, position);
    if (!quiet && (urgent_ || !acknowledged)) return;
    urgent_ = urgent_ || acknowledged;
    noted_.ring();
}

Task<void> Offsets::run() {
    Backoff backoff({}, chance_);
    while (true) {
        co_await wait_for_work();
        std::string failure;
        try {
            co_await commit();
            backoff.reset();
        } catch (const std::exception& error) {
            if (is_cancelled(error)) throw;
            failure = error.what();
        }
        if (failure.empty()) continue;
        auto const wait = backoff.next();
        logging::warn("positions not written", {{"error", failure}, {"retry_in", duration_text(wait)}});
        co_await clock_.sleep(wait);
    }
}

Task<void> Offsets::wait_for_work() {
    while (gathered_.empty() || committing_) {
        auto const noted = noted_.rings();
        auto const committed = committed_.rings();
        if (committing_) {
            co_await committed_.past(committed);
        } else {
            co_await noted_.past(noted);
        }
    }
    auto const deadline = clock_.instant() + filtered_interval_;
    while (!urgent_ && !gathered_.empty()) {
        auto const noted = noted_.rings();
        auto const how = co_await noted_.past_until(noted, clock_, deadline);
        if (how == Woken::timed_out) break;
    }
}

// Whatever comes of it, what was taken and not written is gathered again, unless something newer is there.
Task<void> Offsets::commit() {
    if (gathered_.empty()) co_return;
    auto taken = std::exchange(gathered_, {});
    urgent_ = false;
    committing_ = true;
    std::exception_ptr failure;
    try {
        auto closure = [ns = ns_, taken](store::Transaction& tx) {
            for (auto const& [subscription, position] : taken) save_position(tx, ns, subscription, position);
        };
        co_await database_.write(std::move(closure));
        ++commits_;
    } catch (...) {
        failure = std::current_exception();  // rethrown below
    }
    committing_ = false;
    committed_.ring();
    if (!failure) co_return;
    for (auto const& [subscription, position] : taken) note(subscription, position, true);
    std::rethrow_exception(failure);
}

Task<void> Offsets::flush() {
    while (committing_ || !gathered_.empty()) {
        auto const committed = committed_.rings();
        if (committing_) {
            co_await committed_.past(committed);
        } else {
            co_await commit();
        }
    }
}

}  // namespace lockstep::delivery
