// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "chain/follower.hpp"

#include <algorithm>

#include "async/deadline.hpp"
#include "base/logging.hpp"

namespace lockstep::chain {

Bytes row_key(std::int64_t seq) {
    Bytes key(8);
    for (std::size_t i = 0; i < 8; ++i)
        key[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(seq) >> (56 - 8 * i));
    return key;
}

std::int64_t row_of(BytesView key) {
    std::uint64_t seq = 0;
    for (auto const byte : key.first(std::min<std::size_t>(8, key.size()))) seq = (seq << 8) | byte;
    return static_cast<std::int64_t>(seq);
}

Follower::Follower(NamespaceId ns,
                   ledger::Ledger& ledger,
                   store::Database& database,
                   flow::Feed& inbox,
                   Clock& clock,
                   Chance& chance,
                   IdMaker& ids,
                   Options options)
    : ns_(ns),
      ledger_(ledger),
      database_(database),
      inbox_(inbox),
      clock_(clock),
      ids_(ids),
      options_(options),
      backoff_({.first = 50ms, .most = 5s}, chance) {}

Task<void> Follower::run() {
    for (;;) {
        bool more = false;
        std::string failure;
        try {
            more = co_await turn();
            backoff_.reset();
            if (!more) co_await ledger_.changed(seen_);
        } catch (const std::exception& error) {
            if (is_cancelled(error)) throw;
            failure = error.what();
        }
        if (!failure.empty()) {
            auto const wait = backoff_.next();
            ++status_.retries;
            status_.last_error = failure;
            logging::warn("the ledger cannot be followed", {{"error", failure}, {"in_ms", wait.count() / 1'000'000}});
            co_await clock_.sleep(wait);
        }
    }
}

// One page of blocks; false when there is none to take.
Task<bool> Follower::turn() {
    if (!loaded_) {
        auto load = [ns = ns_](store::Snapshot& snapshot) {
            ledger::Head head;
            auto rows = snapshot.query("SELECT block, hash FROM chain_heads WHERE ns = ?1", ns);
            if (auto const* row = rows.first()) head = {.number = BlockNumber{row->integer(0)}, .hash = row->hash(1)};
            return head;
        };
        taken_ = co_await database_.read(std::move(load));
        loaded_ = true;
        status_.block = taken_.number.value;
        seen_ = co_await ledger_.head();
    }
    auto const head_now = co_await ledger_.head();
    if (head_now.replays != seen_.replays && head_now.replay_from.value >= 0 && head_now.replay_from <= taken_.number) {
        taken_ = {.number = BlockNumber{head_now.replay_from.value - 1}, .hash = {}};
        hash_known_ = false;
    }
    seen_ = head_now;
    status_.head = seen_.number.value;
    auto const confirmed = seen_.number.value - options_.confirmations;
    if (confirmed <= taken_.number.value) co_return false;

    auto const last = std::min(confirmed, taken_.number.value + options_.page_blocks_max);
    auto const blocks = co_await ledger_.blocks(taken_.number.next(), BlockNumber{last});
    if (blocks.empty()) co_return false;
    std::vector<ChainEventRow> events;
    auto head = taken_;
    auto known = hash_known_;
    auto const now = clock_.now();
    for (auto const& block : blocks) {
        auto const is_child = head.number.value < 0 || !known || block.parent == head.hash;
        if (block.number != head.number.next() || !is_child)
            throw std::runtime_error("block " + std::to_string(block.number.value) +
                                     " does not follow the block that was taken as confirmed");
        head = {.number = block.number, .hash = block.hash};
        known = true;
        for (auto const& pin : block.pins) events.push_back({0, ids_.next(), pin, now});
    }
    auto take = [ns = ns_, &inbox = inbox_, events = std::move(events), head](store::Transaction& tx) mutable {
        std::uint64_t fresh = 0;
        for (auto& event : events) {
            if (!insert(tx, ns, event)) continue;
            auto const key = row_key(event.seq);
            inbox.append(tx, pin_entry, key);
            ++fresh;
        }
        tx.run(
            "INSERT INTO chain_heads (ns, block, hash) VALUES (?1, ?2, ?3)"
            " ON CONFLICT (ns) DO UPDATE SET block = excluded.block, hash = excluded.hash WHERE excluded.block > "
            "chain_heads.block",
            ns, head.number, head.hash);
        return std::pair{fresh, events.size() - fresh};
    };
    auto const [fresh, repeated] = co_await database_.write(std::move(take));
    taken_ = head;
    hash_known_ = true;
    status_.block = head.number.value;
    status_.blocks += blocks.size();
    status_.events += fresh;
    status_.repeated += repeated;
    if (fresh > 0) inbox_.tap().ring();
    moved_.ring();
    co_return true;
}

}  // namespace lockstep::chain
