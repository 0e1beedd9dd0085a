// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Submissions: ledger transactions in the making. The nonce is given, and the transaction encoded,
// signed, hashed and stored, in the commit that wants it; only then is it sent. A crash anywhere ends in
// exactly one transaction on the ledger, because what is sent again are the same bytes.
//
// Invariants
//   1. Nonces of an account are dense and in commit order.
//   2. What was prepared is sent, and sent again, until it is seen in a confirmed block.
//   3. A submission leaves the table in the commit that takes its block (see sequencer).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "async/retry.hpp"
#include "async/tap.hpp"
#include "core/positions.hpp"
#include "identity/ledger_key.hpp"
#include "ledger/ledger.hpp"
#include "store/database.hpp"

namespace lockstep::transactions {

struct SubmitterStatus {
    std::size_t pending = 0;  // sent or to be sent, not yet in a confirmed block
    std::uint64_t sent = 0, refused = 0, retries = 0;
    std::string last_error;
};

// An account of ours with pins that wait for a block.
struct WaitingAccount {
    std::string account;
    std::int64_t waiting = 0;
    Time since;  // of the oldest
};

class Submitter {
  public:
    struct Options {
        Duration resend_after = 30s;  // without having been seen in a block
    };
    // All references must outlive the submitter. `keys` are the accounts that this member can sign for.
    Submitter(NamespaceId ns,
              ledger::Ledger& ledger,
              store::Database& database,
              Clock& clock,
              Chance& chance,
              const std::vector<identity::LedgerKey>& keys,
              Options options);

    bool can_sign(std::string_view account) const;

    // On the writer's thread, inside the commit that seals the batch. `account` must be one of ours.
    // Returns the ledger's name of the transaction.
    Hash prepare(store::Transaction& tx, const std::string& account, const ledger::PinRequest& request, Time now) const;
    // After that commit, on the logic thread.
    void prepared(const std::string& account);
    // Inside the commit that takes a confirmed pin: forgets the submission. True if it was one of ours.
    static bool finish(store::Transaction& tx, NamespaceId ns, const Hash& hash);
    // After that commit, on the logic thread.
    void finished(const std::string& account);

    // Pins of the account that wait for a block.
    std::size_t waiting(const std::string& account) const;
    // Called on the logic thread when waiting() has fallen.
    void on_progress(std::function<void()> hear) { progress_ = std::move(hear); }

    // Before anything is prepared: asks the ledger for the first nonce of each account that has none.
    Task<void> start();
    // Returns only by cancellation.
    Task<void> run();
    SubmitterStatus status() const;
    static std::vector<WaitingAccount> waiting_accounts(store::Session& session, NamespaceId ns);
    // Sends all that waits once more, now.
    void resend();

  private:
    Task<bool> send_page();

    NamespaceId ns_;
    ledger::Ledger& ledger_;
    store::Database& database_;
    Clock& clock_;
    const std::vector<identity::LedgerKey>& keys_;
    Options options_;
    Backoff backoff_;
    SubmitterStatus status_;
    std::map<std::string, std::size_t> waiting_;
    std::int64_t sent_through_ = 0;
    Instant resend_at_;  // when whatever then waits is sent again
    Tap tap_;
    std::function<void()> progress_;
};

store::Migrations schema();

}  // namespace lockstep::transactions
