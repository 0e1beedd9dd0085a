// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "ledger/dev/tables.hpp"

#include "ledger/coding.hpp"

#include <limits>

namespace lockstep::ledger::dev {

namespace {

Bytes pack(const std::vector<Entry>& entries) {
    ByteWriter out;
    for (auto const& entry : entries) out.i64(entry.arrival);
    return out.take();
}

std::vector<std::int64_t> unpack(BytesView packed) {
    ByteReader in(packed);
    std::vector<std::int64_t> arrivals;
    while (in.left() >= 8) arrivals.push_back(in.i64());
    if (in.left() > 0) throw store::DamagedRow("a block's transactions", to_hex(packed));
    return arrivals;
}

Entry entry_of(const store::Statement& row) {
    Entry entry;
    entry.arrival = row.integer(0);
    entry.account = row.string(1);
    entry.nonce = LedgerNonce{row.integer(2)};
    entry.hash = row.hash(3);
    entry.bytes = static_cast<std::size_t>(row.integer(4));
    return entry;
}

Tip read_tip(store::Snapshot& snapshot, BlockNumber most) {
    auto rows = snapshot.query(
        "SELECT number, hash, timestamp FROM ledger_blocks WHERE number <= ?1 ORDER BY number DESC LIMIT 1", most);
    auto const* const row = rows.first();
    if (!row) return {};
    return {BlockNumber{row->integer(0)}, row->hash(1), row->time(2)};
}

// Looks at as many blocks as are empty at the end, and those are never more than confirmations + a fork.
BlockNumber read_last_full(store::Snapshot& snapshot, BlockNumber most) {
    auto rows = snapshot.query(
        "SELECT number FROM ledger_blocks WHERE number <= ?1 AND transactions > 0 ORDER BY number DESC LIMIT 1", most);
    auto const* const row = rows.first();
    return BlockNumber{row ? row->integer(0) : -1};
}

constexpr BlockNumber any_block{std::numeric_limits<std::int64_t>::max()};

}  // namespace

const store::Migrations& migrations() {
    static const store::Migrations schema{
        "dev_ledger",
        {"CREATE TABLE ledger_chain (one BIGINT PRIMARY KEY, chain_id TEXT NOT NULL);"
         "CREATE TABLE ledger_accounts (account TEXT PRIMARY KEY, included BIGINT NOT NULL);"
         "CREATE TABLE ledger_transactions (arrival INTEGER PRIMARY KEY, account TEXT NOT NULL, nonce BIGINT NOT NULL,"
         " hash BLOB NOT NULL, raw BLOB NOT NULL);"
         "CREATE UNIQUE INDEX ledger_transactions_nonce ON ledger_transactions (account, nonce);"
         "CREATE TABLE ledger_blocks (number INTEGER PRIMARY KEY, hash BLOB NOT NULL, parent BLOB NOT NULL,"
         " timestamp BIGINT NOT NULL, salt BIGINT NOT NULL, transactions BIGINT NOT NULL, arrivals BLOB NOT NULL);"}};
    return schema;
}

Loaded load(store::Snapshot& snapshot) {
    Loaded loaded;
    {
        auto rows = snapshot.query("SELECT chain_id FROM ledger_chain WHERE one = 1");
        if (auto const* const row = rows.first()) loaded.chain_id = row->string(0);
    }
    loaded.tip = read_tip(snapshot, any_block);
    loaded.last_full = read_last_full(snapshot, any_block);
    {
        auto rows = snapshot.query("SELECT MAX(arrival) FROM ledger_transactions");
        auto const* const row = rows.first();
        auto const last = row && !row->is_null(0) ? row->integer(0) : 0;
        if (last < 0 || last == std::numeric_limits<std::int64_t>::max())
            throw store::DamagedRow("the place of a transaction of the ledger", std::to_string(last));
        loaded.next_arrival = last + 1;
    }
    for (auto& row : snapshot.query("SELECT account, included FROM ledger_accounts"))
        loaded.included.emplace_back(row.string(0), LedgerNonce{row.integer(1)});
    for (auto& row : snapshot.query("SELECT t.arrival, t.account, t.nonce, t.hash, LENGTH(t.raw) FROM ledger_accounts a"
                                    " JOIN ledger_transactions t ON t.account = a.account AND t.nonce >= a.included"))
        loaded.waiting.push_back(entry_of(row));
    return loaded;
}

void set_chain_id(store::Transaction& tx, std::string_view chain_id) {
    tx.run("INSERT INTO ledger_chain (one, chain_id) VALUES (1, ?1)", chain_id);
}

void add_transaction(store::Transaction& tx, const Entry& entry, const Bytes& raw) {
    tx.run("INSERT INTO ledger_accounts (account, included) VALUES (?1, 0) ON CONFLICT (account) DO NOTHING",
           entry.account);
    tx.run("INSERT INTO ledger_transactions (arrival, account, nonce, hash, raw) VALUES (?1, ?2, ?3, ?4, ?5)",
           entry.arrival, entry.account, entry.nonce, entry.hash, raw);
}

std::optional<Hash> find_transaction(store::Snapshot& snapshot, const std::string& account, LedgerNonce nonce) {
    auto rows =
        snapshot.query("SELECT hash FROM ledger_transactions WHERE account = ?1 AND nonce = ?2", account, nonce);
    auto const* const row = rows.first();
    if (!row) return std::nullopt;
    return row->hash(0);
}

void apply(store::Transaction& tx, const ChainStep& step) {
    if (step.cut_above) tx.run("DELETE FROM ledger_blocks WHERE number > ?1", *step.cut_above);
    for (auto const& block : step.blocks) {
        auto const arrivals = pack(block.entries);
        tx.run(
            "INSERT INTO ledger_blocks (number, hash, parent, timestamp, salt, transactions, arrivals)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            block.header.number, block.hash, block.header.parent, block.header.timestamp, block.header.salt,
            block.entries.size(), arrivals);
    }
    for (auto const& [account, included] : step.included)
        tx.run("UPDATE ledger_accounts SET included = ?2 WHERE account = ?1", account, included);
}

Branch read_branch(store::Snapshot& snapshot, BlockNumber base) {
    Branch branch;
    branch.base = read_tip(snapshot, base);
    branch.base_last_full = read_last_full(snapshot, base);
    for (auto& block : snapshot.query("SELECT arrivals FROM ledger_blocks WHERE number > ?1 ORDER BY number", base)) {
        for (auto const arrival : unpack(block.blob(0))) {
            auto rows = snapshot.query(
                "SELECT arrival, account, nonce, hash, LENGTH(raw) FROM ledger_transactions WHERE arrival = ?1",
                arrival);
            if (auto const* const row = rows.first()) branch.entries.push_back(entry_of(*row));
        }
    }
    return branch;
}

std::vector<Block> read_blocks(
    store::Snapshot& snapshot, BlockNumber first, BlockNumber last, std::int64_t blocks_max, std::size_t bytes_max) {
    std::vector<Block> blocks;
    std::size_t bytes = 0;
    for (auto& row : snapshot.query("SELECT number, hash, parent, timestamp, arrivals FROM ledger_blocks"
                                    " WHERE number >= ?1 AND number <= ?2 ORDER BY number LIMIT ?3",
                                    first, last, blocks_max)) {
        Block block;
        block.number = BlockNumber{row.integer(0)};
        block.hash = row.hash(1);
        block.parent = row.hash(2);
        block.timestamp = row.time(3);
        for (auto const arrival : unpack(row.blob(4))) {
            auto found = snapshot.query("SELECT hash, raw FROM ledger_transactions WHERE arrival = ?1", arrival);
            auto const* const transaction = found.first();
            if (!transaction) throw store::StoreError("a block of the ledger lists a transaction that is not there");
            include(block, transaction->hash(0), transaction->blob(1));
            bytes += transaction->blob(1).size() + entry_overhead;
        }
        blocks.push_back(std::move(block));
        if (bytes >= bytes_max) break;
    }
    return blocks;
}

}  // namespace lockstep::ledger::dev
