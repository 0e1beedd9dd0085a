// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: what authors pin, with names for all that has an id. Whatever a test does not say has a good
// default; what it wants wrong it makes wrong by a Change.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "core/message.hpp"
#include "core/sha256.hpp"
#include "ledger/types.hpp"
#include "registry/registry.hpp"

namespace lockstep::sequencer {

struct Author {
    std::string did, key;
    registry::Identity org;
};

// One message of a batch.
struct Note {
    std::string name;
    std::vector<std::string> topics{"orders"};
    MessageType type = MessageType::broadcast;
    std::string tag = "t";
    std::vector<std::string> values{"{\"a\":1}"};
    std::function<void(Message&)> change{};  // before it is sealed
};

struct Change {
    std::function<void(Batch&)> batch{};           // before it is hashed
    std::function<void(std::string&)> document{};  // what travels; the pin names this one
    std::function<void(ledger::PinEvent&)> pin{};  // what stands on the ledger
};

struct Pinned {
    std::string name;
    Batch batch;
    std::string document;
    Hash payload;  // its hash
    ledger::PinEvent event;
};

class Book {
  public:
    Author author(const std::string& name) {
        Author author;
        author.org.id = next_id("org " + name);
        author.org.name = name;
        author.org.did = author.did = registry::did_of(registry::IdentityType::org, name);
        author.key = "0x" + sha256("key of " + name).text().substr(0, 40);
        return author;
    }
    Note claim_of(const Author& author) { return claim("claim of " + author.org.name, author.org); }
    Note node_claim_of(const Author& author, const std::string& node) {
        registry::Identity identity;
        identity.id = next_id("node " + node);
        identity.type = registry::IdentityType::node;
        identity.name = node;
        identity.did = registry::did_of(identity.type, node);
        identity.parent = author.org.id;
        identity.profile = "{\"id\":\"peer of " + node + "\"}";
        return claim("claim of " + node, identity);
    }

    // Pins come to the ledger in the order of these calls.
    Pinned pin(const Author& by, const std::vector<Note>& notes, const Change& change = {}) {
        Pinned pinned;
        pinned.name = "batch of " + notes.at(0).name;
        auto& batch = pinned.batch;
        batch.id = next_id(pinned.name);
        batch.namespace_ = "default";
        batch.node = Uuid{};
        batch.created = Time{1'700'000'000'000'000'000};
        batch.author = by.did;
        batch.key = by.key;
        batch.tx = {TxType::batch_pin, next_id("transaction of " + pinned.name)};
        for (auto const& note : notes) add(batch, note);
        if (change.batch) change.batch(batch);
        batch.hash = sha256(manifest_json(batch));
        pinned.document = batch_json(batch);
        if (change.document) change.document(pinned.document);
        pinned.payload = sha256(pinned.document);
        pin_again(pinned, by);
        if (change.pin) change.pin(pinned.event);
        return pinned;
    }
    // The same document under one more pin.
    void pin_again(Pinned& pinned, const Author& by) {
        auto& event = pinned.event;
        ++block_;
        event.pin = {*pinned.batch.tx.id, pinned.batch.id, pinned.batch.hash, pinned.payload.text(), {}};
        for (auto const& message : pinned.batch.messages) {
            for (auto const& topic : message.header.topics) event.pin.contexts.push_back(broadcast_context(topic));
        }
        event.author = by.key;
        event.action = "firefly:batch_pin";
        event.block = BlockNumber{block_};
        event.tx_hash = sha256("ledger transaction " + std::to_string(block_));
        event.block_hash = sha256("block " + std::to_string(block_));
    }

    std::string name_of(const Uuid& id) const {
        auto const found = names_.find(id);
        return found == names_.end() ? id.text() : found->second;
    }
    Uuid next_id(const std::string& name) {
        auto const hash = sha256("id " + std::to_string(names_.size()));
        auto const id = *Uuid::from(std::span(hash.bytes).first(16));
        names_[id] = name;
        return id;
    }

  private:
    static Note claim(const std::string& name, const registry::Identity& identity) {
        return {name,
                {identity_topic(identity.did)},
                MessageType::definition,
                "ff_identity_claim",
                {registry::claim_json(identity)},
                {}};
    }
    void add(Batch& batch, const Note& note) {
        Message message;
        auto& header = message.header;
        header.id = next_id(note.name);
        header.type = note.type;
        header.author = batch.author;
        header.key = batch.key;
        header.created = batch.created;
        header.namespace_ = batch.namespace_;
        header.topics = note.topics;
        header.tag = note.tag;
        for (auto const& value : note.values) {
            Data data;
            data.id = next_id("data of " + note.name);
            data.value = value;
            data.created = batch.created;
            data.hash = data_hash(value, std::nullopt).value();
            message.data.push_back({data.id, data.hash});
            batch.data.push_back(std::move(data));
        }
        if (note.change) note.change(message);
        seal(message);
        batch.messages.push_back(std::move(message));
    }

    std::map<Uuid, std::string> names_;
    std::int64_t block_ = 0;
};

}  // namespace lockstep::sequencer
