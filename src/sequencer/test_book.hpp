// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: what authors pin, with names for all that has an id. Whatever a test does not say has a good
// default; what it wants wrong it makes wrong by a Change.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/group.hpp"
#include "core/json.hpp"
#include "core/message.hpp"
#include "core/sha256.hpp"
#include "ledger/types.hpp"
#include "registry/datatypes.hpp"
#include "registry/refusals.hpp"
#include "registry/registry.hpp"

namespace lockstep::sequencer {

struct Author {
    std::string did, key;
    registry::Identity org, node;
};

// One message of a batch.
struct Note {
    std::string name;
    std::vector<std::string> topics{"orders"};
    MessageType type = MessageType::broadcast;
    std::string tag = "t";
    std::vector<std::string> values{"{\"a\":1}"};
    std::function<void(Message&)> change{};  // before it is sealed
    std::vector<std::string> blobs{};        // the bytes of each: data without a value
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
    bool is_private = false;
};

class Book {
  public:
    Author author(const std::string& name) {
        Author author;
        author.org.id = next_id("org " + name);
        author.org.name = name;
        author.org.did = author.did = registry::did_of(registry::IdentityType::org, name);
        author.key = "0x" + sha256("key of " + name).text().substr(0, 40);
        author.node = node_of(author, "node of " + name);
        return author;
    }
    Group group(const std::string& name, const std::vector<Author>& members) {
        Group group;
        group.namespace_ = "default";
        group.name = name;
        for (auto const& member : members) group.members.push_back({member.did, member.node.id});
        seal(group);
        return group;
    }
    // The message that defines it.
    Note definition_of(const Group& group) {
        return {"group " + group.name,  {group.hash.text()}, MessageType::groupinit,
                std::string(group_tag), {group_json(group)}, {}};
    }
    Note claim_of(const Author& author) { return claim("claim of " + author.org.name, author.org); }
    // A custom identity of its own key, below another.
    Author child(const std::string& name, const Author& parent) {
        auto out = author(name);
        out.org.type = registry::IdentityType::custom;
        out.org.did = out.did = registry::did_of(out.org.type, name);
        out.org.parent = parent.org.id;
        return out;
    }
    Note verification_of(const Author& child, const Pinned& claim) {
        auto const& message = claim.batch.messages.at(0);
        return {"verification of " + child.org.name,
                {identity_topic(child.did)},
                MessageType::definition,
                std::string(registry::verification_tag),
                {registry::verification_json({message.header.id, message.hash, child.org})},
                {}};
    }
    Note update_of(const Author& author, const std::string& profile) {
        return {"update of " + author.org.name,
                {identity_topic(author.did)},
                MessageType::definition,
                std::string(registry::update_tag),
                {registry::update_json({author.org, "", profile}, "default")},
                {}};
    }
    Note datatype(const std::string& name, const std::string& version, const std::string& schema) {
        registry::Datatype datatype;
        datatype.id = next_id("datatype " + name + "/" + version);
        datatype.name = name;
        datatype.version = version;
        datatype.value = schema;
        datatype.hash = sha256(schema);
        return {
            "definition of " + name + "/" + version, {registry::datatype_topic(name)},          MessageType::definition,
            std::string(registry::datatype_tag),     {registry::datatype_definition(datatype)}, {}};
    }
    Note refusal_of(const Author& stranger, const std::string& reason = "nobody knows it") {
        return {
            "refusal of " + stranger.org.name,  {registry::refusal_topic(stranger.key)},        MessageType::definition,
            std::string(registry::refusal_tag), {registry::refusal_json(stranger.key, reason)}, {}};
    }
    Note node_claim_of(const Author& author, const std::string& node) {
        return claim("claim of " + node, node_of(author, node));
    }
    Note node_claim_of(const Author& author) { return claim("claim of " + author.node.name, author.node); }

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
    // To a group. The authors' nonces are counted as they pin, unless the test says which one it is.
    Pinned pin_private(const Author& by,
                       const Group& group,
                       const std::vector<Note>& notes,
                       std::optional<std::uint64_t> nonce = {},
                       const std::function<void(Batch&)>& change = {}) {
        Pinned pinned;
        pinned.name = "batch of " + notes.at(0).name;
        pinned.is_private = true;
        auto& batch = pinned.batch;
        batch.id = next_id(pinned.name);
        batch.type = BatchType::private_;
        batch.namespace_ = "default";
        batch.node = by.node.id;
        batch.group = group.hash;
        batch.created = Time{1'700'000'000'000'000'000};
        batch.author = by.did;
        batch.key = by.key;
        batch.tx = {TxType::batch_pin, next_id("transaction of " + pinned.name)};
        for (auto const& note : notes) {
            add(batch, note);
            auto& message = batch.messages.back();
            for (auto const& topic : note.topics) {
                auto& counter = nonces_[nonce_key(topic, group.hash, by.did)];
                auto const number = nonce.value_or(counter);
                counter = number + 1;
                message.pins.push_back(text_of(PrivatePin{masked_pin(topic, group.hash, by.did, number), number}));
            }
        }
        if (change) change(batch);
        batch.hash = sha256(manifest_json(batch));
        pinned.document = private_document_json({std::nullopt, batch});
        pinned.payload = sha256(pinned.document);
        pin_again(pinned, by);
        return pinned;
    }
    // The same document under one more pin.
    void pin_again(Pinned& pinned, const Author& by) {
        auto& event = pinned.event;
        ++block_;
        event.pin = {*pinned.batch.tx.id, pinned.batch.id, pinned.batch.hash, pinned.payload.text(), {}};
        if (pinned.is_private) event.pin.payload_ref.clear();
        for (auto const& message : pinned.batch.messages) {
            for (std::size_t i = 0; i < message.header.topics.size(); ++i)
                event.pin.contexts.push_back(pinned.is_private ? parse_private_pin(message.pins[i])->hash
                                                               : broadcast_context(message.header.topics[i]));
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
    registry::Identity node_of(const Author& author, const std::string& name) {
        registry::Identity identity;
        identity.id = next_id("node " + name);
        identity.type = registry::IdentityType::node;
        identity.name = name;
        std::replace(identity.name.begin(), identity.name.end(), ' ', '-');
        identity.did = registry::did_of(identity.type, identity.name);
        identity.parent = author.org.id;
        identity.profile = "{\"id\":\"peer of " + name + "\"}";
        return identity;
    }
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
        header.group = batch.group;
        if (batch.group && header.type == MessageType::broadcast) header.type = MessageType::private_;
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
        for (auto const& bytes : note.blobs) {
            Data data;
            data.id = next_id("blob of " + note.name);
            data.created = batch.created;
            data.blob = BlobRef{sha256(bytes), static_cast<std::int64_t>(bytes.size()), "", "", ""};
            data.hash = data_hash(data.value, data.blob->hash).value();
            message.data.push_back({data.id, data.hash});
            batch.data.push_back(std::move(data));
        }
        if (note.change) note.change(message);
        seal(message);
        batch.messages.push_back(std::move(message));
    }

    std::map<Uuid, std::string> names_;
    std::map<Hash, std::uint64_t> nonces_;
    std::int64_t block_ = 0;
};

}  // namespace lockstep::sequencer
