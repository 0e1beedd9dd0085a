// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a member defines for the network: identities and datatypes. A definition is a message like others; it counts
// when the sequencer has settled it.
#include "core/json.hpp"
#include "core/sha256.hpp"
#include "messaging/errors.hpp"
#include "messaging/sender.hpp"
#include "registry/errors.hpp"
#include "registry/refusals.hpp"

namespace lockstep::messaging {

namespace {

constexpr std::string_view account_type = "ethereum_address";

std::optional<std::string> account_in(store::Session& session, NamespaceId ns, const Uuid& identity) {
    for (auto const& verifier : registry::verifiers_of(session, ns, identity)) {
        if (verifier.type == account_type) return verifier.value;
    }
    return std::nullopt;
}

// With the id of the profile before, unless it brings its own.
std::string profile_with_id(std::string profile, std::string_view before) {
    json::Value const old_id = json::Value{before}["id"];
    json::Value const value{profile};
    if (!old_id.exists() || value["id"].exists()) return profile;
    auto const rest = value.members().empty() ? "}" : "," + profile.substr(1);
    return "{\"id\":" + std::string(old_id.text()) + rest;
}

}  // namespace

Result<Sender::Draft> Sender::definition(
    std::string_view tag, std::string topic, std::string value, const Author& author, Uuid id) {
    Draft out;
    auto& header = out.row.message.header;
    header.id = id;
    header.type = MessageType::definition;
    header.txtype = TxType::batch_pin;
    header.author = author.did;
    header.key = author.key;
    header.created = clock_.now();
    header.namespace_ = profile_.network_namespace;
    header.topics = {std::move(topic)};
    header.tag = tag;
    Data data;
    data.id = ids_.next();
    data.created = header.created;
    data.value = std::move(value);
    TRY(data.hash, data_hash(data.value, std::nullopt));
    out.row.message.data.push_back({data.id, data.hash});
    out.fresh.push_back(std::move(data));
    return out;
}

Task<Result<MessageRow>> Sender::define(
    std::string tag, std::string topic, std::string value, std::string author, std::string key, Uuid id) {
    auto out = definition(tag, std::move(topic), std::move(value), {std::move(author), std::move(key)}, id);
    if (!out) co_return out.error();
    co_return co_await store(std::move(*out));
}

Task<void> Sender::store_sealed(std::vector<Draft> drafts) {
    auto insert_all = [ns = profile_.ns, drafts](store::Transaction& tx) {
        std::vector<std::int64_t> seqs;
        for (auto const& one : drafts) {
            seqs.push_back(insert(tx, ns, one.row));
            for (auto const& data : one.fresh) insert(tx, ns, data, seqs.back());
        }
        return seqs;
    };
    auto const seqs = co_await database_.write(std::move(insert_all));
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        drafts[i].row.seq = seqs[i];
        batcher_.offer(seqs[i], drafts[i].row.message.header, drafts[i].bytes);
        if (submitted_) submitted_(drafts[i].row);
    }
}

// As the fault wants it: the name of whoever exists, under a key of ours.
Task<Result<Sender::Author>> Sender::author_unchecked(std::string author, std::string key) {
    auto find = [ns = profile_.ns, author](store::Snapshot& snapshot) {
        return registry::resolve(snapshot, ns, author);
    };
    auto const named = co_await database_.read(std::move(find));
    if (!named) co_return refuse(errors::bad_author, {{"reason", named.error().message()}});
    if (key.empty()) key = profile_.key;
    auto const account = identity::normalise_address(key);
    if (!account) co_return account.error();
    if (!can_sign_(*account)) co_return refuse(errors::cannot_sign, {{"key", *account}});
    co_return Author{named->did, *account};
}

Task<Result<std::string>> Sender::account_of(registry::Identity identity) {
    auto find = [ns = profile_.ns, id = identity.id](store::Snapshot& snapshot) {
        return account_in(snapshot, ns, id);
    };
    auto const account = co_await database_.read(std::move(find));
    if (!account) co_return refuse(errors::identity_without_key, {{"identity", identity.did}, {"type", account_type}});
    if (!can_sign_(*account)) co_return refuse(errors::cannot_sign, {{"key", *account}});
    co_return *account;
}

Task<Result<void>> Sender::check_type(Data data) {
    if (skips_validation_ || !registry::is_typed(data)) co_return Result<void>{};
    auto check = [ns = profile_.ns, data = std::move(data)](store::Snapshot& snapshot) {
        registry::SchemaCache schemas;
        return registry::check_value(snapshot, ns, data.datatype, data.value, registry::after_all_pins, schemas);
    };
    co_return co_await database_.read(std::move(check));
}

Task<Result<registry::Datatype>> Sender::define_datatype(DatatypeInput input, Uuid message_id) {
    if (auto const good = registry::check_schema({input.name, input.version}, input.value); !good)
        co_return good.error();
    auto who = author_of("", "");
    auto const author = co_await std::move(who);
    if (!author) co_return author.error();
    registry::Datatype datatype;
    datatype.id = ids_.next();
    datatype.message = message_id;
    datatype.name = std::move(input.name);
    datatype.version = std::move(input.version);
    datatype.value = std::move(input.value);
    datatype.created = clock_.now();
    datatype.hash = sha256(datatype.value);
    auto sent = define(std::string(registry::datatype_tag), registry::datatype_topic(datatype.name),
                       registry::datatype_definition(datatype), author->did, author->key, message_id);
    if (auto const stored = co_await std::move(sent); !stored) co_return stored.error();
    co_return datatype;
}

Task<Result<MessageRow>> Sender::refuse_key(std::string key, std::string reason, Uuid message_id) {
    auto who = author_of("", "");
    auto const author = co_await std::move(who);
    if (!author) co_return author.error();
    auto sent = define(std::string(registry::refusal_tag), registry::refusal_topic(key),
                       registry::refusal_json(key, reason), author->did, author->key, message_id);
    co_return co_await std::move(sent);
}

Task<Result<registry::Identity>> Sender::register_identity(IdentityInput input, Uuid claim_id, Uuid verification_id) {
    using registry::IdentityType;
    registry::Identity made;
    made.id = ids_.next();
    made.type = input.type;
    made.name = std::move(input.name);
    made.did = registry::did_of(made.type, made.name);
    made.description = std::move(input.description);
    made.profile = std::move(input.profile);
    made.claim = claim_id;
    std::optional<registry::Identity> parent;
    if (input.parent.empty()) {
        if (made.type != IdentityType::org)
            co_return refuse(errors::child_without_parent, {{"type", registry::word(made.type)}});
    } else {
        auto find = [ns = profile_.ns, name = input.parent](store::Snapshot& snapshot) {
            return registry::resolve(snapshot, ns, name);
        };
        auto found = co_await database_.read(std::move(find));
        if (!found) co_return refuse(errors::parent_unknown, {{"parent", input.parent}, {"identity", made.did}});
        if (!registry::may_be_parent(*found, made))
            co_return refuse(errors::parent_of_wrong_type, {{"parent", found->did}, {"identity", made.did}});
        parent = std::move(*found);
        made.parent = parent->id;
    }
    Author own_author;
    if (made.type != IdentityType::node) {
        auto const account = identity::normalise_address(input.key);
        if (!account) co_return account.error();
        if (!can_sign_(*account)) co_return refuse(errors::cannot_sign, {{"key", *account}});
        own_author = {made.did, *account};
    }
    Author parents_author;
    if (parent) {
        auto account = account_of(*parent);
        auto const key = co_await std::move(account);
        if (!key) co_return key.error();
        parents_author = {parent->did, *key};
    }
    auto const author = made.type == IdentityType::node ? parents_author : own_author;

    auto const topic = identity_topic(made.did);
    std::vector<Draft> drafts;
    auto claim = definition(registry::claim_tag, topic, registry::claim_json(made), author, claim_id);
    if (!claim) co_return claim.error();
    drafts.push_back(std::move(*claim));
    auto sealing = seal(drafts.back());
    if (auto const good = co_await std::move(sealing); !good) co_return good.error();
    if (parent && made.type != IdentityType::node) {
        made.verification = verification_id;
        auto text = registry::verification_json({claim_id, drafts.back().row.message.hash, made});
        auto verification =
            definition(registry::verification_tag, topic, std::move(text), parents_author, verification_id);
        if (!verification) co_return verification.error();
        drafts.push_back(std::move(*verification));
        auto again = seal(drafts.back());
        if (auto const good = co_await std::move(again); !good) co_return good.error();
    }
    auto storing = store_sealed(std::move(drafts));
    co_await std::move(storing);
    co_return made;
}

Task<Result<registry::Identity>> Sender::update_identity(Uuid identity, IdentityUpdateInput input, Uuid message_id) {
    auto find = [ns = profile_.ns, identity](store::Snapshot& snapshot) {
        std::pair<std::optional<registry::Identity>, std::optional<registry::Identity>> out;
        out.first = registry::find_identity(snapshot, ns, identity);
        if (out.first && out.first->type == registry::IdentityType::node && out.first->parent)
            out.second = registry::find_identity(snapshot, ns, *out.first->parent);
        return out;
    };
    auto [found, parent] = co_await database_.read(std::move(find));
    if (!found) co_return refuse(errors::identity_not_resolved, {{"identity", identity.text()}});
    auto const signer = parent ? *parent : *found;
    auto account = account_of(signer);
    auto const key = co_await std::move(account);
    if (!key) co_return key.error();
    found->description = std::move(input.description);
    found->profile = profile_with_id(std::move(input.profile), found->profile);
    found->update = message_id;
    auto text = registry::update_json({*found, found->description, found->profile}, profile_.network_namespace);
    auto sent = define(std::string(registry::update_tag), identity_topic(found->did), std::move(text), signer.did, *key,
                       message_id);
    if (auto const stored = co_await std::move(sent); !stored) co_return stored.error();
    co_return std::move(*found);
}

Task<Result<registry::Identity>> Sender::register_org(Uuid message_id) {
    if (profile_.org_name.empty()) co_return refuse(errors::node_not_configured);
    registry::Identity org;
    org.id = ids_.next();
    org.type = registry::IdentityType::org;
    org.name = profile_.org_name;
    org.did = registry::did_of(org.type, org.name);
    org.description = profile_.org_description;
    auto const topic = identity_topic(org.did);
    auto const sent = co_await define(std::string(registry::claim_tag), topic, registry::claim_json(org), org.did,
                                      profile_.key, message_id);
    if (!sent) co_return sent.error();
    if (!claimed_org_) claimed_org_ = org;
    co_return org;
}

Task<Result<registry::Identity>> Sender::register_node(Uuid message_id) {
    if (profile_.node_name.empty()) co_return refuse(errors::node_not_configured);
    auto const did = registry::did_of(registry::IdentityType::org, profile_.org_name);
    auto find = [ns = profile_.ns, did](store::Snapshot& snapshot) {
        return registry::find_identity_by_did(snapshot, ns, did);
    };
    auto org = co_await database_.read(std::move(find));
    if (!org) org = claimed_org_;
    if (!org) co_return refuse(errors::root_organisation_unknown);
    registry::Identity node;
    node.id = ids_.next();
    node.type = registry::IdentityType::node;
    node.name = profile_.node_name;
    node.did = registry::did_of(node.type, node.name);
    node.parent = org->id;
    node.description = profile_.node_description;
    node.profile = profile_.node_profile;
    auto const topic = identity_topic(node.did);
    auto const sent = co_await define(std::string(registry::claim_tag), topic, registry::claim_json(node), org->did,
                                      profile_.key, message_id);
    if (!sent) co_return sent.error();
    co_return node;
}

}  // namespace lockstep::messaging
