// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What one page of the inbox is worked through with.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "core/group.hpp"
#include "registry/datatypes.hpp"
#include "sequencer/sequencer.hpp"

namespace lockstep::sequencer {

// A document that is here: parsed, or why it cannot be.
struct Sequencer::Arrived {
    std::optional<Batch> batch;
    std::string fault;
    bool staged = false;  // in the exchange's table, to be taken out once settled
};

// A private document that is here. Several may claim one batch; the pin says which of them is meant.
struct Sequencer::ArrivedPrivate {
    PrivateDocument document;
    Hash payload;
    std::string peer;  // that has sent it; empty for our own
    bool staged = false;
};

struct Sequencer::Prepared {
    Time now;
    std::map<std::int64_t, chain::ChainEventRow> events;
    std::map<Hash, Arrived> payloads;
    std::multimap<Uuid, ArrivedPrivate> private_documents;  // by batch
    std::set<Hash> has_private;                             // payloads of these; to a pin that names one it is a fault
};

struct Sequencer::Outcome {
    std::vector<Uuid> settled;
    std::vector<Hash> wanted, unwanted;
    std::vector<WantedBlob> wanted_blobs;
    std::vector<std::string> returned;  // accounts of ours
    struct Decided {
        Message message;
        bool confirmed, own;
    };
    std::vector<Decided> decided;
    bool registry_changed = false, more = false;
    std::size_t events = 0;
    SequencerCounts counts;
};

struct Sequencer::Signer {
    std::optional<std::string> did;
    PinOrder first_claim = 0;  // that the account has pinned
};

struct Sequencer::Work {
    store::Transaction& tx;
    const Prepared& prepared;
    Outcome& out;
    std::size_t budget;
    std::vector<log::Event> events;
    std::set<Hash> freed;  // contexts whose first undecided pin may have changed
    std::set<std::pair<WaitFor, std::string>>
        found;  // keys, identities, groups, contexts and blobs that somebody may wait for
    std::map<std::int64_t, chain::ChainEventRow> loaded;
    std::unordered_map<std::string, Signer> signers;  // by account
    registry::SchemaCache schemas;
};

// The data that a message's document brings. Without it the message was parked before: its values are stored.
struct Sequencer::Carried {
    const std::vector<Data>* data = nullptr;
    bool any_typed = false;

    static Carried of(const Batch& batch) {
        return {&batch.data, std::any_of(batch.data.begin(), batch.data.end(), registry::is_typed)};
    }
    const Data* find(const DataRef& ref) const {
        if (!data) return nullptr;
        auto const item = std::find_if(data->begin(), data->end(),
                                       [&](auto const& one) { return one.id == ref.id && one.hash == ref.hash; });
        return item == data->end() ? nullptr : &*item;
    }
};

// What came to be by a definition.
struct Sequencer::Defined {
    std::optional<Uuid> datatype;
    std::optional<registry::Identity> fresh, changed;
    std::string key;  // account of the fresh identity
    std::string refused_key;
};

}  // namespace lockstep::sequencer
