// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/acks.hpp"

#include "async/deadline.hpp"
#include "base/logging.hpp"
#include "swarm/detail/outbox.hpp"

namespace lockstep::swarm {

namespace {
constexpr Duration gather = 100ms;
constexpr std::size_t commit_rows_max = 1'000;
}  // namespace

void Acks::add(const std::string& peer, const Hash& hash) {
    waiting_.emplace(peer, hash);
    added_.ring();
}

bool Acks::contains(const std::string& peer, const Hash& hash) const {
    std::pair const row{peer, hash};
    return waiting_.contains(row) || leaving_.contains(row);
}

Task<void> Acks::run(std::function<void(const Counts&)> removed) {
    for (;;) {
        auto const seen = added_.rings();
        if (waiting_.empty() && leaving_.empty()) {
            co_await added_.past(seen);
            co_await clock_.sleep(gather);
        }
        std::string failure;
        try {
            auto const counts = co_await remove();
            removed(counts);
            backoff_.reset();
        } catch (const std::exception& error) {
            if (is_cancelled(error)) throw;
            failure = error.what();
        }
        if (failure.empty()) continue;
        auto const wait = backoff_.next();
        logging::warn("acknowledged payloads stay queued", {{"error", failure}, {"in_ms", wait.count() / 1'000'000}});
        co_await clock_.sleep(wait);
    }
}

Task<Acks::Counts> Acks::remove() {
    while (!waiting_.empty() && leaving_.size() < commit_rows_max) leaving_.insert(waiting_.extract(waiting_.begin()));
    auto write = [ns = ns_, rows = leaving_, delivered = delivered_, remove_row = remove_row_](store::Transaction& tx) {
        for (auto const& [peer, hash] : rows) {
            remove_row(tx, ns, peer, hash);
            if (delivered) delivered(tx, peer, hash);
        }
        return queued(tx, ns);
    };
    auto counts = co_await database_.write(std::move(write));
    leaving_.clear();
    co_return counts;
}

}  // namespace lockstep::swarm
