// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What is known of masked pins (firefly-core.md 2.9, 8.6). A pin on the ledger is a hash that says nothing; whoever
// is in a group can compute which hash each member must pin next on each of its topics, and so knows whose turn it
// was even when the message itself is not here.
//
//   next_pins          (context, identity)  the hash that this member pins next there
//   masked_pins        (hash, pin)          every masked pin that is not settled, of whatever group
//   masked_batches     (batch, event)       those whose document is not here: of others' groups, they stay
//   private_documents  (batch, payload)     documents whose pin has not been seen
//   context_names      (context)            which topic of which group it is, for people
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/positions.hpp"
#include "sequencer/decide.hpp"
#include "store/database.hpp"

namespace lockstep::sequencer {

struct NextPin {
    Hash context;
    std::string identity;  // DID
    Hash hash;
    std::uint64_t nonce = 0;
};

// What a private context is made of.
struct ContextName {
    std::string topic;
    Hash group;
};

class PrivatePins {
  public:
    explicit PrivatePins(NamespaceId ns) : ns_(ns) {}

    std::optional<NextPin> next(store::Session& session, const Hash& context, std::string_view identity) const;
    // Whose next pin that hash is.
    std::optional<NextPin> expected(store::Session& session, const Hash& hash) const;
    void put(store::Transaction& tx, const NextPin& next) const;

    void keep_pin(store::Transaction& tx, const Hash& hash, PinOrder pin) const;
    void drop_pin(store::Transaction& tx, const Hash& hash, PinOrder pin) const;
    // In the order of the ledger.
    std::vector<PinOrder> kept(store::Session& session, const Hash& hash) const;
    bool settled(store::Session& session, const Hash& hash, PinOrder pin) const;

    void keep_batch(store::Transaction& tx, const Uuid& batch, std::int64_t event) const;
    void drop_batch(store::Transaction& tx, const Uuid& batch, std::int64_t event) const;
    std::vector<std::int64_t> events_of(store::Session& session, const Uuid& batch) const;

    void keep_document(store::Transaction& tx, const Uuid& batch, const Hash& payload) const;
    void drop_document(store::Transaction& tx, const Uuid& batch, const Hash& payload) const;
    std::vector<Hash> documents_of(store::Session& session, const Uuid& batch) const;

    void name(store::Transaction& tx, const Hash& context, const ContextName& name) const;
    std::optional<ContextName> name_of(store::Session& session, const Hash& context) const;

  private:
    NamespaceId ns_;
};

extern const std::string next_pin_columns;
NextPin next_pin_row(const store::Statement& row);

}  // namespace lockstep::sequencer
