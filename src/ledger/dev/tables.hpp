// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The development ledger's tables: every statement is here. The functions run inside closures of
// store::Database and touch nothing but their arguments.
//
// A transaction is written once, when it arrives, and never again: a block lists the arrivals that are in
// it, and which transactions wait follows from the count that each account has in blocks.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/dev/codec.hpp"
#include "ledger/dev/pool.hpp"
#include "store/database.hpp"

namespace lockstep::ledger::dev {

const store::Migrations& migrations();

// The last block, or what stands before the first.
struct Tip {
    BlockNumber number{-1};
    Hash hash;
    Time timestamp;
};

struct Loaded {
    std::optional<std::string> chain_id;  // none in a new file
    Tip tip;
    BlockNumber last_full{-1};  // the last block with transactions
    std::int64_t next_arrival = 1;
    std::vector<std::pair<std::string, LedgerNonce>> included;
    std::vector<Entry> waiting;
};
Loaded load(store::Snapshot& snapshot);
void set_chain_id(store::Transaction& tx, std::string_view chain_id);

void add_transaction(store::Transaction& tx, const Entry& entry, const Bytes& raw);
// The hash of the transaction with this nonce.
std::optional<Hash> find_transaction(store::Snapshot& snapshot, const std::string& account, LedgerNonce nonce);

struct NewBlock {
    Header header;
    Hash hash;
    std::vector<Entry> entries;
};
// One step of the chain, made in one transaction.
struct ChainStep {
    std::optional<BlockNumber> cut_above;  // blocks with higher numbers go first
    std::vector<NewBlock> blocks;
    std::map<std::string, LedgerNonce> included;  // of the accounts for which the count changes
};
void apply(store::Transaction& tx, const ChainStep& step);

// What a fork replaces.
struct Branch {
    Tip base;  // the last block that stays
    BlockNumber base_last_full{-1};
    std::vector<Entry> entries;  // of the blocks above it, in chain order
};
Branch read_branch(store::Snapshot& snapshot, BlockNumber base);

// Blocks first..last that exist; ends after `blocks_max` blocks or about `bytes_max` bytes of transactions.
std::vector<Block> read_blocks(
    store::Snapshot& snapshot, BlockNumber first, BlockNumber last, std::int64_t blocks_max, std::size_t bytes_max);

}  // namespace lockstep::ledger::dev
