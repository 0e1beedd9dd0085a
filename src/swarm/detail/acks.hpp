// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Acks: outbox rows that are to go. They gather for a moment and go in one commit; a crash before it only
// means that the peer is sent those documents again and acknowledges them again.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "async/retry.hpp"
#include "async/tap.hpp"
#include "core/positions.hpp"
#include "store/database.hpp"
#include "swarm/exchange.hpp"

namespace lockstep::swarm {

class Acks {
  public:
    // What is left in the outbox of each peer.
    using Counts = std::map<std::string, std::size_t>;
    // Of which table.
    using Remove = void (*)(store::Transaction&, NamespaceId, const std::string& peer, const Hash&);

    // All references must outlive it.
    Acks(NamespaceId ns, store::Database& database, Clock& clock, Chance& chance, Delivered delivered, Remove remove)
        : ns_(ns),
          database_(database),
          clock_(clock),
          delivered_(std::move(delivered)),
          remove_row_(remove),
          backoff_({.first = 100ms, .most = 5s}, chance) {}

    void add(const std::string& peer, const Hash& hash);
    // Its row is about to go.
    bool contains(const std::string& peer, const Hash& hash) const;
    // Returns only by cancellation. Calls `removed` after each commit.
    Task<void> run(std::function<void(const Counts&)> removed);

  private:
    using Rows = std::set<std::pair<std::string, Hash>>;
    Task<Counts> remove();

    NamespaceId ns_;
    store::Database& database_;
    Clock& clock_;
    Delivered delivered_;
    Remove remove_row_;
    Backoff backoff_;
    Tap added_;
    Rows waiting_, leaving_;
};

}  // namespace lockstep::swarm
