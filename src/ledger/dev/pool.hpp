// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Pool: the transactions that wait for a block, and how far each account has come. Plain memory, no
// clock and no disk: who uses it says when an entry is durable, and only durable ones are chosen.
//
// Invariants
//   1. Of an account, nonces 0 .. included - 1 are in blocks and none of those wait.
//   2. An entry is chosen only after all lower nonces of its account.
//   3. What is chosen together is in the order of arrival, as far as 2 allows.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "core/positions.hpp"

namespace lockstep::ledger::dev {

// A transaction without its bytes.
struct Entry {
    std::int64_t arrival = 0;  // order of arrival, and its name in the tables
    std::string account;
    LedgerNonce nonce;
    Hash hash;
    std::size_t bytes = 0;
};

enum class Verdict {
    fresh,     // may be added
    waiting,   // the same transaction waits, durable
    storing,   // the same transaction waits and is not durable yet
    included,  // the nonce is in a block; whether by the same transaction only the tables know
    taken,     // another transaction with this nonce waits
    ahead,     // more than nonce_gap_max beyond the first missing nonce
    full,
};

class Pool {
  public:
    static constexpr std::int64_t nonce_gap_max = 1'000;

    explicit Pool(std::size_t entries_max) : entries_max_(entries_max) {}

    Verdict judge(const Entry& entry) const;
    // judge() said fresh.
    void add(Entry entry, bool durable);
    void set_durable(const Entry& entry);
    // It could not be stored.
    void drop(const Entry& entry);

    // So many transactions of the account are in blocks.
    void set_included(const std::string& account, LedgerNonce count);
    LedgerNonce included(const std::string& account) const;
    // The first nonce that is neither in a block nor waiting.
    LedgerNonce first_missing(const std::string& account) const;

    // Something could be chosen.
    bool ready() const;
    // For the next block: as much as fits into `bytes_max` (each entry counted with entry_overhead), but
    // at least one if anything is ready.
    std::vector<Entry> choose(std::size_t bytes_max) const;
    // The chosen are in a block now.
    void include(const std::vector<Entry>& chosen);
    // Back from a block that is no more: the last nonces of their accounts.
    void give_back(const std::vector<Entry>& entries);

    std::size_t size() const { return size_; }

  private:
    struct Waiting {
        Entry entry;
        bool durable = false;
    };
    struct Account {
        std::int64_t included = 0;
        std::int64_t missing = 0;  // first_missing
        std::map<std::int64_t, Waiting> waiting;
    };
    const Account* find(const std::string& account) const;

    std::size_t entries_max_;
    std::size_t size_ = 0;
    std::map<std::string, Account> accounts_;
};

// What a transaction costs in an answer beside its bytes, at most.
inline constexpr std::size_t entry_overhead = 96;

}  // namespace lockstep::ledger::dev
