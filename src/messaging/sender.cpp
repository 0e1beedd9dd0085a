// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "messaging/sender.hpp"

#include <fmt/format.h>

#include "core/json.hpp"
#include "messaging/document_bytes.hpp"
#include "messaging/errors.hpp"

namespace lockstep::messaging {

namespace {

constexpr std::string_view key_type = "ethereum_address";

struct Signer {
    std::string author, key;
};

Error bad_author(const Error& reason) { return refuse(errors::bad_author, {{"reason", reason.message()}}); }

// firefly-core.md 3.2, rules 2 and 3; rule 1 is the caller's.
Result<Signer> resolve_signer(store::Session& session,
                              NamespaceId ns,
                              const std::string& author,
                              const std::string& key) {
    if (!key.empty()) {
        auto const account = identity::normalise_address(key);
        if (!account) return bad_author(account.error());
        auto const owner = registry::find_identity_by_verifier(session, ns, key_type, *account);
        if (owner) {
            if (!author.empty() && author != owner->did && author != owner->name)
                return bad_author(
                    refuse(errors::author_differs_from_key, {{"author", author}, {"identity", owner->did}}));
            return Signer{owner->did, *account};
        }
        if (author.empty()) return bad_author(refuse(errors::key_unknown, {{"key", *account}}));
        auto const named = registry::resolve(session, ns, author);
        if (!named) return bad_author(named.error());
        return Signer{named->did, *account};
    }
    auto const named = registry::resolve(session, ns, author);
    if (!named) return bad_author(named.error());
    for (auto const& verifier : registry::verifiers_of(session, ns, named->id)) {
        if (verifier.type == key_type) return Signer{named->did, verifier.value};
    }
    return bad_author(refuse(errors::identity_without_key, {{"identity", named->did}, {"type", key_type}}));
}

Result<Data> make_data(const DataInput& input, Uuid id, Time now) {
    if (input.has_blob) return refuse(errors::blobs_not_supported);
    Data data;
    data.id = id;
    data.created = now;
    data.datatype = input.datatype;
    data.validator = input.validator.empty() ? "json" : input.validator;
    if (data.validator != "json" && data.validator != "none" && data.validator != "definition")
        return refuse(errors::unknown_validator, {{"validator", input.validator}});
    if (!input.datatype.empty() && data.validator != "none") {
        // No datatype can be defined yet, so none exists.
        auto const name = input.datatype.name + "/" + input.datatype.version;
        return refuse(errors::unknown_datatype, {{"datatype", name}});
    }
    if (input.value) data.value = *input.value;
    TRY(data.hash, data_hash(data.value, std::nullopt));
    return data;
}

}  // namespace

Sender::Sender(const MemberProfile& profile,
               store::Database& database,
               WallClock& clock,
               IdMaker& ids,
               Batcher& batcher,
               std::function<bool(std::string_view)> can_sign,
               Options options)
    : profile_(profile),
      database_(database),
      clock_(clock),
      ids_(ids),
      batcher_(batcher),
      can_sign_(std::move(can_sign)),
      options_(options) {}

Task<Result<Sender::Author>> Sender::author_of(std::string author, std::string key) {
    if (author.empty() && key.empty()) {
        if (!own_did_.empty()) co_return Author{own_did_, profile_.key};
        auto const did = registry::did_of(registry::IdentityType::org, profile_.org_name);
        auto find = [ns = profile_.ns, did](store::Snapshot& snapshot) {
            return registry::find_identity_by_did(snapshot, ns, did).has_value();
        };
        auto const known = co_await database_.read(std::move(find));
        if (!known && !claimed_org_) co_return bad_author(refuse(errors::root_organisation_unknown));
        if (known) own_did_ = did;  // identities are never taken back
        co_return Author{did, profile_.key};
    }
    auto find = [ns = profile_.ns, author, key](store::Snapshot& snapshot) {
        return resolve_signer(snapshot, ns, author, key);
    };
    auto const signer = co_await database_.read(std::move(find));
    if (!signer) co_return signer.error();
    if (!can_sign_(signer->key)) co_return refuse(errors::cannot_sign, {{"key", signer->key}});
    co_return Author{signer->author, signer->key};
}

Task<Result<MessageRow>> Sender::broadcast(MessageInput input, Uuid id) {
    auto author = co_await author_of(input.author, input.key);
    if (!author) co_return author.error();

    MessageRow row;
    auto& header = row.message.header;
    header.id = id;
    header.cid = input.cid;
    header.type = MessageType::broadcast;
    header.txtype = TxType::batch_pin;
    header.author = author->did;
    header.key = author->key;
    header.created = input.created.value_or(clock_.now());
    header.namespace_ = profile_.network_namespace;
    header.topics = std::move(input.topics);
    header.tag = std::move(input.tag);
    row.idempotency_key = std::move(input.idempotency_key);

    std::vector<Data> fresh;
    std::vector<Uuid> referred;
    for (std::size_t i = 0; i < input.data.size(); ++i) {
        auto const& item = input.data[i];
        auto const index = std::to_string(i);
        if (item.id && !item.value) {
            auto find = [ns = profile_.ns, wanted = *item.id](store::Snapshot& snapshot) {
                return find_data(snapshot, ns, wanted);
            };
            auto const known = co_await database_.read(std::move(find));
            if (!known || (item.hash && *item.hash != known->hash))
                co_return refuse(errors::data_reference_unresolved, {{"index", index}});
            row.message.data.push_back({known->id, known->hash});
            referred.push_back(known->id);
            continue;
        }
        if (!item.value && !item.has_blob) co_return refuse(errors::data_entry_empty, {{"index", index}});
        auto made = make_data(item, ids_.next(), clock_.now());
        if (!made) co_return made.error();
        row.message.data.push_back({made->id, made->hash});
        fresh.push_back(std::move(*made));
    }
    co_return co_await store(std::move(row), std::move(fresh), std::move(referred));
}

Task<Result<MessageRow>> Sender::define(
    std::string tag, std::string topic, std::string value, std::string author, std::string key, Uuid id) {
    MessageRow row;
    auto& header = row.message.header;
    header.id = id;
    header.type = MessageType::definition;
    header.txtype = TxType::batch_pin;
    header.author = std::move(author);
    header.key = std::move(key);
    header.created = clock_.now();
    header.namespace_ = profile_.network_namespace;
    header.topics = {std::move(topic)};
    header.tag = std::move(tag);
    DataInput input;
    input.value = std::move(value);
    auto made = make_data(input, ids_.next(), clock_.now());
    if (!made) co_return made.error();
    row.message.data.push_back({made->id, made->hash});
    std::vector<Data> fresh;
    fresh.push_back(std::move(*made));
    co_return co_await store(std::move(row), std::move(fresh), {});
}

Task<Result<MessageRow>> Sender::store(MessageRow row, std::vector<Data> fresh, std::vector<Uuid> referred) {
    auto& message = row.message;
    if (message.header.topics.empty()) message.header.topics = {"default"};
    if (auto const good = check_message_fields(message); !good) co_return good.error();
    seal(message);
    auto bytes = document_bytes(message, fresh);
    for (auto const& id : referred) {
        auto size = [ns = profile_.ns, id](store::Snapshot& snapshot) {
            auto const data = find_data(snapshot, ns, id);
            return data ? data->value.size() + 400 : 0;
        };
        bytes += co_await database_.read(std::move(size));
    }
    if (bytes + envelope_bytes > options_.broadcast_bytes_max) {
        auto const size = std::to_string(bytes + envelope_bytes);
        auto const limit = std::to_string(options_.broadcast_bytes_max);
        co_return refuse(errors::broadcast_too_large, {{"size", size}, {"limit", limit}});
    }
    row.state = MessageState::ready;

    auto insert_all = [ns = profile_.ns, row, fresh = std::move(fresh),
                       referred = std::move(referred)](store::Transaction& tx) -> Result<std::int64_t> {
        if (!row.idempotency_key.empty()) {
            if (auto const other = find_message_by_key(tx, ns, row.idempotency_key)) {
                auto const id = other->message.header.id.text();
                return refuse(errors::idempotency_key_used, {{"key", row.idempotency_key}, {"id", id}});
            }
        }
        auto const seq = insert(tx, ns, row);
        for (auto const& data : fresh) insert(tx, ns, data, seq);
        for (auto const& id : referred) refer(tx, ns, id, seq);
        return seq;
    };
    auto const seq = co_await database_.write(std::move(insert_all));
    if (!seq) co_return seq.error();
    row.seq = *seq;
    batcher_.offer(row.seq, message.header.author, message.header.key, bytes);
    if (submitted_) submitted_(row);
    co_return row;
}

Task<Result<Data>> Sender::store_data(DataInput input) {
    auto made = make_data(input, ids_.next(), clock_.now());
    if (!made) co_return made.error();
    auto keep = [ns = profile_.ns, data = *made](store::Transaction& tx) { insert(tx, ns, data, 0); };
    co_await database_.write(std::move(keep));
    co_return std::move(*made);
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
    auto const sent =
        co_await define("ff_identity_claim", topic, registry::claim_json(org), org.did, profile_.key, message_id);
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
    auto const sent =
        co_await define("ff_identity_claim", topic, registry::claim_json(node), org->did, profile_.key, message_id);
    if (!sent) co_return sent.error();
    co_return node;
}

}  // namespace lockstep::messaging
