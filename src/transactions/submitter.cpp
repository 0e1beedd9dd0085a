// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "transactions/submitter.hpp"

#include <algorithm>

#include "async/deadline.hpp"
#include "base/logging.hpp"
#include "base/must.hpp"

namespace lockstep::transactions {

// AUTOINCREMENT: rows go, and sent_through_ relies on it that no number comes twice.
store::Migrations schema() {
    return {"transactions",
            {"CREATE TABLE ledger_accounts (ns BIGINT NOT NULL, account TEXT NOT NULL, next_nonce BIGINT NOT NULL,"
             " PRIMARY KEY (ns, account)) WITHOUT ROWID;"
             "CREATE TABLE submissions (seq INTEGER PRIMARY KEY AUTOINCREMENT, ns BIGINT NOT NULL, account TEXT NOT "
             "NULL, nonce BIGINT NOT NULL,"
             " hash BLOB NOT NULL, raw BLOB NOT NULL, created BIGINT NOT NULL, UNIQUE (ns, account, nonce), UNIQUE "
             "(ns, hash));"}};
}

Submitter::Submitter(NamespaceId ns,
                     ledger::Ledger& ledger,
                     store::Database& database,
                     Clock& clock,
                     Chance& chance,
                     const std::vector<identity::LedgerKey>& keys,
                     Options options)
    : ns_(ns),
      ledger_(ledger),
      database_(database),
      clock_(clock),
      keys_(keys),
      options_(options),
      backoff_({.first = 50ms, .most = 5s}, chance) {}

bool Submitter::can_sign(std::string_view account) const {
    return std::any_of(keys_.begin(), keys_.end(), [&](auto const& key) { return key.address() == account; });
}

Hash Submitter::prepare(store::Transaction& tx,
                        const std::string& account,
                        const ledger::PinRequest& request,
                        Time now) const {
    auto const key =
        std::find_if(keys_.begin(), keys_.end(), [&](auto const& candidate) { return candidate.address() == account; });
    MUST(key != keys_.end(), "only messages of accounts that we can sign for are stored");
    LedgerNonce nonce;
    {
        auto rows = tx.query("SELECT next_nonce FROM ledger_accounts WHERE ns = ?1 AND account = ?2", ns_, account);
        auto const* row = rows.first();
        MUST(row, "start() has asked the ledger for the first nonce of every account");
        nonce = LedgerNonce{row->integer(0)};
    }
    auto const transaction = ledger_.prepare_pin(request, account, nonce);
    auto const raw = ledger_.assemble(transaction, key->sign(transaction.digest));
    tx.run("INSERT INTO submissions (ns, account, nonce, hash, raw, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", ns_,
           account, nonce, raw.hash, raw.bytes, now);
    tx.run("UPDATE ledger_accounts SET next_nonce = ?3 WHERE ns = ?1 AND account = ?2", ns_, account, nonce.next());
    return raw.hash;
}

void Submitter::prepared(const std::string& account) {
    ++waiting_[account];
    tap_.ring();
}

bool Submitter::finish(store::Transaction& tx, NamespaceId ns, const Hash& hash) {
    return tx.run("DELETE FROM submissions WHERE ns = ?1 AND hash = ?2", ns, hash) > 0;
}

void Submitter::finished(const std::string& account) {
    auto& count = waiting_[account];
    if (count > 0) --count;
    if (progress_) progress_();
}

std::size_t Submitter::waiting(const std::string& account) const {
    auto const found = waiting_.find(account);
    return found == waiting_.end() ? 0 : found->second;
}

SubmitterStatus Submitter::status() const {
    auto status = status_;
    for (auto const& [account, count] : waiting_) status.pending += count;
    return status;
}

std::vector<WaitingAccount> Submitter::waiting_accounts(store::Session& session, NamespaceId ns) {
    std::vector<WaitingAccount> out;
    for (auto& row : session.query(
             "SELECT account, COUNT(*), MIN(created) FROM submissions WHERE ns = ?1 GROUP BY account ORDER BY account",
             ns))
        out.push_back({row.string(0), row.integer(1), row.time(2)});
    return out;
}

void Submitter::resend() {
    sent_through_ = 0;
    tap_.ring();
}

Task<void> Submitter::start() {
    for (auto const& key : keys_) {
        auto const& account = key.address();
        auto known = [ns = ns_, account](store::Snapshot& snapshot) {
            auto rows =
                snapshot.query("SELECT next_nonce FROM ledger_accounts WHERE ns = ?1 AND account = ?2", ns, account);
            return rows.first() != nullptr;
        };
        if (!co_await database_.read(std::move(known))) {
            auto const first = co_await ledger_.next_nonce(account);
            auto remember = [ns = ns_, account, first](store::Transaction& tx) {
                tx.run(
                    "INSERT INTO ledger_accounts (ns, account, next_nonce) VALUES (?1, ?2, ?3) ON CONFLICT (ns, "
                    "account) DO NOTHING",
                    ns, account, first);
            };
            co_await database_.write(std::move(remember));
        }
        auto count = [ns = ns_, account](store::Snapshot& snapshot) {
            auto rows = snapshot.query("SELECT COUNT(*) FROM submissions WHERE ns = ?1 AND account = ?2", ns, account);
            return rows.first()->integer(0);
        };
        waiting_[account] = static_cast<std::size_t>(co_await database_.read(std::move(count)));
    }
}

Task<void> Submitter::run() {
    resend_at_ = clock_.instant() + options_.resend_after;
    for (;;) {
        auto const seen = tap_.rings();
        bool more = false;
        std::string failure;
        try {
            more = co_await send_page();
            backoff_.reset();
        } catch (const std::exception& error) {
            if (is_cancelled(error)) throw;
            failure = error.what();
        }
        if (!failure.empty()) {
            ++status_.retries;
            status_.last_error = failure;
            auto const wait = backoff_.next();
            logging::warn("the ledger takes no transactions",
                          {{"error", failure}, {"in_ms", wait.count() / 1'000'000}});
            co_await clock_.sleep(wait);
        } else if (!more) {
            if (status().pending == 0) {
                co_await tap_.past(seen);
                resend_at_ = clock_.instant() + options_.resend_after;
            } else {
                // Not from the last ring on: while more is coming, what follows a lost one would wait for ever.
                co_await tap_.past_until(seen, clock_, resend_at_);
                if (clock_.instant() >= resend_at_) {
                    sent_through_ = 0;
                    resend_at_ = clock_.instant() + options_.resend_after;
                }
            }
        }
    }
}

// Sends what was prepared and not sent since the start, in order; false when there is nothing left.
Task<bool> Submitter::send_page() {
    struct Row {
        std::int64_t seq;
        Bytes raw;
    };
    auto load = [ns = ns_, after = sent_through_](store::Snapshot& snapshot) {
        std::vector<Row> page;
        for (auto& row : snapshot.query(
                 "SELECT seq, raw FROM submissions WHERE ns = ?1 AND seq > ?2 ORDER BY seq LIMIT 50", ns, after)) {
            auto const raw = row.blob(1);
            page.push_back({row.integer(0), Bytes(raw.begin(), raw.end())});
        }
        return page;
    };
    auto page = co_await database_.read(std::move(load));
    for (auto& row : page) {
        auto const answer = co_await ledger_.send(std::move(row.raw));
        if (answer) {
            ++status_.sent;
        } else {
            // It stays in the table and is tried again later; those behind it are not held up by it here.
            ++status_.refused;
            status_.last_error = answer.error().message();
            logging::error("the ledger refuses a transaction", {{"error", answer.error().message()}});
        }
        sent_through_ = row.seq;
    }
    co_return !page.empty();
}

}  // namespace lockstep::transactions
