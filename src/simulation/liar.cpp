// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "simulation/liar.hpp"

#include <algorithm>

#include "async/deadline.hpp"
#include "chain/chain_events.hpp"
#include "core/sha256.hpp"
#include "flow/feed.hpp"
#include "messaging/nonces.hpp"
#include "registry/groups.hpp"
#include "registry/registry.hpp"

namespace lockstep::simulation {

using messaging::Sealed;
using messaging::Unsealed;

namespace {

constexpr std::string_view private_topic = "lies";

Hash hash_of(const std::shared_ptr<const std::string>& text) { return sha256(*text); }

std::shared_ptr<const std::string> share(std::string text) {
    return std::make_shared<const std::string>(std::move(text));
}

// As the exchange keeps what has arrived: so the liar's own node judges it too, and hands it to who asks.
void keep(store::Transaction& tx, const flow::Feed& inbox, const Hash& payload, const std::string& text) {
    auto const written = tx.run(
        "INSERT INTO payloads (ns, hash, bytes, peer, size, asked, received) VALUES (?1, ?2, ?3, 'liar', ?4, ?5, 0)"
        " ON CONFLICT (ns, hash) DO NOTHING",
        inbox.ns(), payload, as_bytes(text), text.size(), true);
    if (written > 0) inbox.append(tx, swarm::payload_entry, payload.view());
}

}  // namespace

struct Liar::Stage {
    std::string did, key;
    Uuid node;
    std::int64_t chain_events = 0;
    // The message that made a group of the liar and one other, the group, and the liar's next nonce in it.
    std::optional<MessageHeader> hello;
    std::optional<Group> group;
    std::set<int> members;
    std::uint64_t nonce = 0;

    Hash nonce_key() const { return lockstep::nonce_key(private_topic, group->hash, did); }
};

Task<void> Liar::live(Node& node) {
    for (;;) {
        co_await work_.clock.sleep(
            Duration{static_cast<std::int64_t>(100'000'000 + work_.chance.below(1'500'000'000))});
        try {
            if (work_.lying) {
                co_await lie(node);
            } else if (!held_back_.empty()) {
                auto const documents = held_back_;
                co_await tell(node, {}, documents);
                held_back_.erase(held_back_.begin(),
                                 held_back_.begin() + static_cast<std::ptrdiff_t>(documents.size()));
            } else if (is_strange_) {
                co_await clear_up(node);
            }
        } catch (const std::exception& error) {
            if (is_cancelled(error)) throw;
        }
    }
}

Task<void> Liar::lie(Node& node) {
    auto const stage = co_await set(node);
    if (!stage) co_return;
    switch (work_.chance.below(9)) {
        case 0: co_return co_await speak_as_another(node, *stage);
        case 1: co_return co_await repeat_pins(node, *stage, false);
        case 2: co_return co_await repeat_pins(node, *stage, true);
        case 3: co_return co_await damage_a_batch(node, *stage);
        case 4: co_return co_await pin_without_a_batch(node, *stage);
        case 5: co_return co_await send_without_a_pin(node, *stage);
        case 6: co_return co_await mix_up_nonces(node, *stage);
        case 7: co_return co_await intrude(node, *stage);
        case 8: co_return co_await be_a_stranger(node, *stage);
    }
}

// Nothing before the liar is registered. The group is made in the honest way, once.
Task<std::optional<Liar::Stage>> Liar::set(Node& node) {
    auto const index = node.plan().index;
    auto const other = index == 0 ? 1 : 0;
    auto const& profile = node.member().profile();
    auto const key = "lies-" + std::to_string(index);
    auto load = [ns = profile.ns, org = profile.org_name, node_name = profile.node_name, account = profile.key,
                 key](store::Snapshot& snapshot) -> std::optional<Stage> {
        auto const identity =
            registry::find_identity_by_did(snapshot, ns, registry::did_of(registry::IdentityType::org, org));
        auto const own =
            registry::find_identity_by_did(snapshot, ns, registry::did_of(registry::IdentityType::node, node_name));
        if (!identity || !own) return std::nullopt;
        Stage stage;
        stage.did = identity->did;
        stage.key = account;
        stage.node = own->id;
        {
            auto rows = snapshot.query("SELECT COALESCE(MAX(seq), 0) FROM chain_events WHERE ns = ?1", ns);
            stage.chain_events = rows.first()->integer(0);
        }
        if (auto const hello = messaging::find_message_by_key(snapshot, ns, key)) {
            stage.hello = hello->message.header;
            auto known = registry::find_group(snapshot, ns, *stage.hello->group);
            if (known) stage.group = std::move(known->group);
        }
        if (stage.group) {
            stage.nonce = messaging::next_nonce(snapshot, ns, stage.nonce_key());
        }
        return stage;
    };
    auto stage = co_await node.member().database().read(std::move(load));
    if (!stage) co_return std::nullopt;
    stage->members = {index, other};
    if (stage->hello) {
        note_group(key, *stage->hello, stage->members);
        co_return stage;
    }
    messaging::MessageInput input;
    input.topics = {"hello-" + key};
    input.tag = "sim";
    input.idempotency_key = key;
    input.data.push_back({});
    input.data.back().value = "\"hello\"";
    registry::GroupInput recipients;
    for (auto const member : stage->members) recipients.members.push_back({"org_" + std::to_string(member), ""});
    input.recipients = recipients;
    auto& sender = node.member().sender();
    auto sending = sender.private_message(std::move(input), sender.new_id());
    auto const sent = co_await std::move(sending);
    if (sent) note_group(key, sent->message.header, stage->members);
    co_return stage;
}

void Liar::note_group(const std::string& key, const MessageHeader& header, const std::set<int>& members) {
    auto& book = work_.book;
    book.by_key[key] = {header.id, header.topics, members, std::nullopt, true};
    for (auto const& topic : {header.topics[0], header.group->text(), std::string(private_topic)})
        book.of_members[topic] = members;
}

Unsealed Liar::draft(const Stage& stage, std::vector<std::string> topics, const std::optional<Group>& group) {
    Unsealed out;
    auto& batch = out.batch;
    batch.id = ids_.next();
    batch.type = group ? BatchType::private_ : BatchType::broadcast;
    batch.namespace_ = "default";
    batch.node = stage.node;
    batch.created = work_.clock.now();
    batch.author = stage.did;
    batch.key = stage.key;
    batch.tx = {TxType::batch_pin, ids_.next()};
    out.group = group;
    if (group) batch.group = group->hash;
    Data data;
    data.id = ids_.next();
    data.created = batch.created;
    data.value = "{\"lie\":" + std::to_string(told_) + "}";
    data.hash = data_hash(data.value, std::nullopt).value();
    Message message;
    auto& header = message.header;
    header.id = ids_.next();
    header.type = group ? MessageType::private_ : MessageType::broadcast;
    header.author = stage.did;
    header.key = stage.key;
    header.created = batch.created;
    header.namespace_ = batch.namespace_;
    header.group = batch.group;
    header.topics = std::move(topics);
    header.tag = "lie";
    message.data.push_back({data.id, data.hash});
    seal(message);
    batch.data.push_back(std::move(data));
    batch.messages.push_back(std::move(message));
    return out;
}

void Liar::note(const std::string& kind, const Unsealed& unsealed, bool may_be_true) {
    ++told_;
    ++work_.book.lies_told[kind];
    work_.book.lies.insert(unsealed.batch.id);
    for (auto const& message : unsealed.batch.messages)
        (may_be_true ? work_.book.may_be_true : work_.book.lies).insert(message.header.id);
}

Task<void> Liar::tell(Node& node,
                      std::vector<ledger::PinRequest> pins,
                      std::vector<Document> documents,
                      std::optional<NextNonce> next,
                      std::string account) {
    auto& member = node.member();
    if (account.empty()) account = member.profile().key;
    auto const peers_of = [index = node.plan().index, peers = node.plan().members](const Document& document) {
        std::vector<std::string> out;
        for (int i = 0; i < static_cast<int>(peers.size()); ++i) {
            if (i != index && (document.to.empty() || document.to.contains(i)))
                out.push_back(peers[static_cast<std::size_t>(i)].id);
        }
        return out;
    };
    auto write = [&member, account, peers_of, pins, documents, next, now = work_.clock.now()](store::Transaction& tx) {
        if (next) messaging::save_next_nonce(tx, member.profile().ns, next->first, next->second);
        for (auto const& document : documents) {
            keep(tx, member.inbox(), document.payload, *document.text);
            member.exchange().enqueue_to(tx, document.payload, peers_of(document));
        }
        for (auto const& pin : pins) member.submitter().prepare(tx, account, pin, now);
    };
    co_await member.database().write(std::move(write));
    for (auto const& document : documents)
        member.exchange().sealed_to(document.payload, document.text, peers_of(document));
    for (std::size_t i = 0; i < pins.size(); ++i) member.submitter().prepared(account);
    member.inbox().tap().ring();
}

Task<void> Liar::tell_sealed(Node& node, const Sealed& sealed, std::string account) {
    std::vector<ledger::PinRequest> pins{*sealed.pin};
    std::vector<Document> documents{{sealed.payload, sealed.document}};
    co_await tell(node, std::move(pins), std::move(documents), std::nullopt, std::move(account));
}

// In another's name with its own key, or with another's key in its own name.
Task<void> Liar::speak_as_another(Node& node, const Stage& stage) {
    auto unsealed = draft(stage, {work_.topics[work_.chance.below(work_.topics.size())]}, std::nullopt);
    auto& batch = unsealed.batch;
    auto& header = batch.messages[0].header;
    auto const by_name = work_.chance.below(2) == 0;
    if (by_name) {
        batch.author = header.author = "did:firefly:org/org_" + std::to_string(node.plan().index == 0 ? 1 : 0);
    } else {
        batch.key = header.key = "0x" + sha256("a key of somebody else").text().substr(0, 40);
    }
    seal(batch.messages[0]);
    note(by_name ? "lies: another's name" : "lies: another's key", unsealed);
    auto const sealed = messaging::seal_batch(std::move(unsealed), ids_);
    co_await tell_sealed(node, sealed);
}

// Pins that stand on the ledger already, once more and signed by the liar; `bend`: not quite as they were.
Task<void> Liar::repeat_pins(Node& node, const Stage& stage, bool bend) {
    if (stage.chain_events == 0) co_return;
    auto const seq = static_cast<std::int64_t>(1 + work_.chance.below(static_cast<std::uint64_t>(stage.chain_events)));
    auto load = [ns = node.member().profile().ns, seq](store::Snapshot& snapshot) {
        return chain::find_event(snapshot, ns, seq);
    };
    auto const event = co_await node.member().database().read(std::move(load));
    if (!event || event->event.pin.contexts.empty()) co_return;
    auto pin = event->event.pin;
    if (bend) {
        switch (work_.chance.below(3)) {
            case 0: pin.contexts.push_back(pin.contexts.front()); break;
            case 1: pin.contexts.back() = sha256("nobody's context"); break;
            case 2: pin.batch_hash = sha256("no batch"); break;
        }
    }
    work_.book.lies.insert(pin.batch);
    ++work_.book.lies_told[bend ? "lies: bent pins" : "lies: repeated pins"];
    std::vector<ledger::PinRequest> pins{pin};
    co_await tell(node, std::move(pins), {});
}

Task<void> Liar::damage_a_batch(Node& node, const Stage& stage) {
    auto unsealed = draft(stage, {work_.topics[work_.chance.below(work_.topics.size())]}, std::nullopt);
    note("lies: damaged batches", unsealed);
    auto sealed = messaging::seal_batch(std::move(unsealed), ids_);
    auto text = *sealed.document;
    switch (work_.chance.below(3)) {
        case 0: text = "no batch"; break;
        case 1: text.replace(text.find("\"tag\":\"lie\""), 11, "\"tag\":\"die\""); break;
        case 2: text = "{\"batch\":" + text + "}"; break;  // as if it were private
    }
    // Never the same twice, or the next one would be there before its pin.
    text += std::string(static_cast<std::size_t>(told_), ' ');
    sealed.document = share(std::move(text));
    sealed.payload = hash_of(sealed.document);
    sealed.pin->payload_ref = sealed.payload.text();
    co_await tell_sealed(node, sealed);
}

// The others wait with that topic until the document comes, and then confirm in the order of the pins.
Task<void> Liar::pin_without_a_batch(Node& node, const Stage& stage) {
    auto unsealed = draft(stage, {work_.topics[work_.chance.below(work_.topics.size())]}, std::nullopt);
    note("lies: pins before their batches", unsealed, true);
    auto const sealed = messaging::seal_batch(std::move(unsealed), ids_);
    // Before the commit: it may be there though nobody hears of it.
    held_back_.push_back({sealed.payload, sealed.document});
    std::vector<ledger::PinRequest> pins{*sealed.pin};
    co_await tell(node, std::move(pins), {});
}

Task<void> Liar::send_without_a_pin(Node& node, const Stage& stage) {
    auto const is_private = stage.group && work_.chance.below(2) == 0;
    auto unsealed = is_private ? draft(stage, {std::string(private_topic)}, stage.group)
                               : draft(stage, {work_.topics[0]}, std::nullopt);
    note("lies: batches without pins", unsealed);
    if (is_private) unsealed.nonces[stage.nonce_key()] = stage.nonce;
    auto const sealed = messaging::seal_batch(std::move(unsealed), ids_);
    std::vector<Document> documents{{sealed.payload, sealed.document}};
    co_await tell(node, {}, std::move(documents));
}

// Two messages whose pins stand on the ledger the wrong way round, or one with a nonce that was used.
Task<void> Liar::mix_up_nonces(Node& node, const Stage& stage) {
    if (!stage.group) co_return;
    auto const again = stage.nonce > 0 && work_.chance.below(2) == 0;
    std::vector<ledger::PinRequest> pins;
    std::vector<Document> documents;
    auto const add = [&](std::uint64_t nonce) {
        auto unsealed = draft(stage, {std::string(private_topic)}, stage.group);
        note(again ? "lies: nonces used twice" : "lies: nonces out of order", unsealed, !again);
        unsealed.nonces[stage.nonce_key()] = nonce;
        auto const sealed = messaging::seal_batch(std::move(unsealed), ids_);
        pins.push_back(*sealed.pin);
        documents.push_back({sealed.payload, sealed.document, stage.members});
    };
    if (again) {
        add(stage.nonce - 1);
    } else {
        add(stage.nonce + 1);
        add(stage.nonce);
    }
    std::optional<NextNonce> next;
    if (!again) next.emplace(stage.nonce_key(), stage.nonce + 2);
    co_await tell(node, std::move(pins), std::move(documents), next);
}

// Into a topic of a group that the liar is not in, whose name it has heard somewhere.
Task<void> Liar::intrude(Node& node, const Stage& stage) {
    auto const index = node.plan().index;
    std::vector<Hash> groups;
    std::vector<std::string> topics;
    for (auto const& [topic, members] : work_.book.of_members) {
        if (members.contains(index)) continue;
        if (auto const hash = Hash::parse(topic)) {
            groups.push_back(*hash);
        } else {
            topics.push_back(topic);
        }
    }
    if (groups.empty() || topics.empty()) co_return;
    Group group;
    group.namespace_ = "default";
    group.hash = groups[work_.chance.below(groups.size())];
    auto unsealed = draft(stage, {topics[work_.chance.below(topics.size())]}, group);
    note("lies: by outsiders", unsealed);
    auto const sealed = messaging::seal_batch(std::move(unsealed), ids_);
    co_await tell_sealed(node, sealed);
}

Task<void> Liar::be_a_stranger(Node& node, const Stage& stage) {
    auto const account = node.second_account();
    auto const name = "alias_" + std::to_string(node.plan().index);
    auto unsealed = draft(stage, {work_.topics[work_.chance.below(work_.topics.size())]}, std::nullopt);
    auto& batch = unsealed.batch;
    auto& header = batch.messages[0].header;
    batch.author = header.author = registry::did_of(registry::IdentityType::custom, name);
    batch.key = header.key = account;
    seal(batch.messages[0]);
    note("lies: strange keys", unsealed, true);
    is_strange_ = true;
    auto const sealed = messaging::seal_batch(std::move(unsealed), ids_);
    co_await tell_sealed(node, sealed, account);
    switch (work_.chance.below(5)) {
        case 0:
        case 1: co_return co_await refuse_the_stranger(node);
        case 2: break;
        default: co_return;
    }
    messaging::IdentityInput input;
    input.name = name;
    input.parent = "org_" + std::to_string(node.plan().index);
    input.key = account;
    auto& sender = node.member().sender();
    auto const claim = sender.new_id(), verification = sender.new_id();
    work_.book.may_be_true.insert({claim, verification});  // the first claim of the name is, others are not
    auto claiming = sender.register_identity(std::move(input), claim, verification);
    co_await std::move(claiming);
}

Task<void> Liar::refuse_the_stranger(Node& node) {
    auto& sender = node.member().sender();
    auto refusing = sender.refuse_key(node.second_account(), "nobody knows it", sender.new_id());
    auto const sent = co_await std::move(refusing);
    if (sent) ++work_.book.lies_told["keys refused"];
}

Task<void> Liar::clear_up(Node& node) {
    auto const account = node.second_account();
    auto look = [ns = node.member().profile().ns, account](store::Snapshot& snapshot) {
        auto rows = snapshot.query(
            "SELECT COUNT(*) FROM parked_messages p JOIN messages m ON m.seq = p.message WHERE p.ns = ?1 AND m.key = "
            "?2",
            ns, account);
        auto const waits = rows.first()->integer(0) > 0;
        auto const accounts = transactions::Submitter::waiting_accounts(snapshot, ns);
        auto const is_sending = std::any_of(accounts.begin(), accounts.end(),
                                            [&](auto const& waiting) { return waiting.account == account; });
        return std::pair(waits, is_sending);
    };
    auto const [waits, is_sending] = co_await node.member().database().read(std::move(look));
    if (waits) {
        co_await refuse_the_stranger(node);
    } else if (!is_sending) {
        is_strange_ = false;
    }
}

}  // namespace lockstep::simulation
