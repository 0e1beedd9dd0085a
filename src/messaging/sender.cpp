// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "messaging/sender.hpp"

#include <fmt/format.h>

#include "blobs/errors.hpp"
#include "blobs/table.hpp"
#include "core/json.hpp"
#include "messaging/blob_refs.hpp"
#include "messaging/document_bytes.hpp"
#include "messaging/errors.hpp"
#include "registry/errors.hpp"
#include "registry/groups.hpp"

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
    Data data;
    data.id = id;
    data.created = now;
    data.datatype = input.datatype;
    data.validator = input.validator.empty() ? "json" : input.validator;
    if (data.validator != "json" && data.validator != "none" && data.validator != "definition")
        return refuse(errors::unknown_validator, {{"validator", input.validator}});
    if (input.value) data.value = *input.value;
    std::optional<Hash> blob;
    if (input.has_blob) {
        blob = input.blob_hash;
        auto const name = blob_name(data.value);
        data.blob = BlobRef{*blob, input.blob_size, name, blob_path(name), ""};
    }
    TRY(data.hash, data_hash(data.value, blob));
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
    if (skips_validation_ && !author.empty()) {
        auto unchecked = author_unchecked(std::move(author), std::move(key));
        co_return co_await std::move(unchecked);
    }
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

Task<Result<Sender::Draft>> Sender::draft(MessageInput input, Uuid id, MessageType type, Author author) {
    Draft out;
    auto& header = out.row.message.header;
    header.id = id;
    header.cid = input.cid;
    header.type = type;
    header.txtype = TxType::batch_pin;
    header.author = author.did;
    header.key = author.key;
    header.created = input.created.value_or(clock_.now());
    header.namespace_ = profile_.network_namespace;
    header.topics = std::move(input.topics);
    header.tag = std::move(input.tag);
    out.row.idempotency_key = std::move(input.idempotency_key);

    for (std::size_t i = 0; i < input.data.size(); ++i) {
        auto& item = input.data[i];
        auto const index = std::to_string(i);
        if (item.id && !item.value && !item.has_blob) {
            auto find = [ns = profile_.ns, wanted = *item.id](store::Snapshot& snapshot) {
                return find_data(snapshot, ns, wanted);
            };
            auto const known = co_await database_.read(std::move(find));
            if (!known || (item.hash && *item.hash != known->hash))
                co_return refuse(errors::data_reference_unresolved, {{"index", index}});
            auto check = check_type(*known);
            if (auto const good = co_await std::move(check); !good) co_return good.error();
            out.row.message.data.push_back({known->id, known->hash});
            out.referred.push_back(known->id);
            continue;
        }
        if (!item.value && !item.has_blob) co_return refuse(errors::data_entry_empty, {{"index", index}});
        if (auto const here = co_await look_up_blob(item); !here) co_return here.error();
        auto made = make_data(item, ids_.next(), clock_.now());
        if (!made) co_return made.error();
        auto check = check_type(*made);
        if (auto const good = co_await std::move(check); !good) co_return good.error();
        out.row.message.data.push_back({made->id, made->hash});
        out.fresh.push_back(std::move(*made));
    }
    co_return out;
}

Task<Result<MessageRow>> Sender::broadcast(MessageInput input, Uuid id) {
    auto author = co_await author_of(input.author, input.key);
    if (!author) co_return author.error();
    auto out = co_await draft(std::move(input), id, MessageType::broadcast, std::move(*author));
    if (!out) co_return out.error();
    co_return co_await store(std::move(*out));
}

Task<Result<MessageRow>> Sender::private_message(MessageInput input, Uuid id) {
    auto author = co_await author_of(input.author, input.key);
    if (!author) co_return author.error();
    struct Found {
        Group group;
        bool is_known = false, owns_key = false;
    };
    auto resolve = [profile = &profile_, hash = input.group, recipients = std::move(input.recipients), author = *author,
                    now = clock_.now()](store::Snapshot& snapshot) -> Result<Found> {
        auto const ns = profile->ns;
        auto const org = registry::did_of(registry::IdentityType::org, profile->org_name);
        auto const node = registry::did_of(registry::IdentityType::node, profile->node_name);
        Found found;
        auto wanted = hash;
        if (!wanted) {
            TRY(found.group, registry::resolve_group(snapshot, ns, profile->network_namespace, org, node,
                                                     recipients.value_or(registry::GroupInput{}), now));
            wanted = found.group.hash;
        }
        if (auto known = registry::find_group(snapshot, ns, *wanted)) {
            found.group = std::move(known->group);
            found.is_known = true;
        } else if (hash) {
            return refuse(errors::group_unknown, {{"hash", hash->text()}});
        }
        auto const owner = registry::find_identity_by_verifier(snapshot, ns, key_type, author.key);
        found.owns_key = owner && owner->did == author.did;
        return found;
    };
    auto found = co_await database_.read(std::move(resolve));
    if (!found) co_return found.error();
    // Others in the group would wait for ever for the right one.
    if (!found->group.member(author->did)) co_return refuse(errors::author_not_in_group, {{"author", author->did}});
    if (!found->owns_key) co_return bad_author(refuse(errors::key_unknown, {{"key", author->key}}));

    auto const is_unpinned = input.txtype == "unpinned" || input.txtype == "none";
    auto out = co_await draft(std::move(input), id, MessageType::private_, *author);
    if (!out) co_return out.error();
    auto& header = out->row.message.header;
    header.group = found->group.hash;
    if (is_unpinned) header.txtype = TxType::unpinned;
    if (found->is_known) co_return co_await store(std::move(*out));
    auto definition = group_definition(found->group, *author);
    if (!definition) co_return definition.error();
    co_return co_await store(std::move(*out), std::move(found->group), std::move(*definition));
}

// firefly-core.md 3.4: what makes a group known to its members.
Result<Sender::Draft> Sender::group_definition(const Group& group, const Author& author) {
    Draft out;
    auto& header = out.row.message.header;
    header.id = ids_.next();
    header.type = MessageType::groupinit;
    header.txtype = TxType::batch_pin;
    header.author = author.did;
    header.key = author.key;
    header.created = clock_.now();
    header.namespace_ = profile_.network_namespace;
    header.group = group.hash;
    header.topics = {group.hash.text()};
    header.tag = group_tag;
    DataInput input;
    input.value = group_json(group);
    input.validator = "definition";
    TRY(auto data, make_data(input, ids_.next(), clock_.now()));
    out.row.message.data.push_back({data.id, data.hash});
    out.fresh.push_back(std::move(data));
    return out;
}

Task<Result<void>> Sender::seal(Draft& draft) {
    auto& message = draft.row.message;
    if (message.header.topics.empty()) message.header.topics = {"default"};
    if (auto const good = check_message_fields(message); !good) co_return good.error();
    lockstep::seal(message);
    draft.row.state = MessageState::ready;
    draft.bytes = document_bytes(message, draft.fresh);
    for (auto const& id : draft.referred) {
        auto size = [ns = profile_.ns, id](store::Snapshot& snapshot) {
            auto const data = find_data(snapshot, ns, id);
            return data ? data->value.size() + 400 : 0;
        };
        draft.bytes += co_await database_.read(std::move(size));
    }
    auto const is_private = message.header.group.has_value();
    auto const most = is_private ? options_.private_bytes_max : options_.broadcast_bytes_max;
    if (draft.bytes + envelope_bytes > most) {
        auto const size = std::to_string(draft.bytes + envelope_bytes);
        auto const limit = std::to_string(most);
        co_return refuse(is_private ? errors::private_message_too_large : errors::broadcast_too_large,
                         {{"size", size}, {"limit", limit}});
    }
    co_return Result<void>{};
}

Task<Result<MessageRow>> Sender::store(Draft draft, std::optional<Group> fresh_group, std::optional<Draft> definition) {
    std::vector<Draft> drafts;
    if (definition) drafts.push_back(std::move(*definition));
    drafts.push_back(std::move(draft));
    for (auto& one : drafts) {
        if (auto const good = co_await seal(one); !good) co_return good.error();
    }
    auto insert_all = [ns = profile_.ns, drafts,
                       group = std::move(fresh_group)](store::Transaction& tx) -> Result<std::vector<std::int64_t>> {
        auto const& key = drafts.back().row.idempotency_key;
        if (!key.empty()) {
            if (auto const other = find_message_by_key(tx, ns, key)) {
                auto const id = other->message.header.id.text();
                return refuse(errors::idempotency_key_used, {{"key", key}, {"id", id}});
            }
        }
        for (auto const& one : drafts) TRY_VOID(check_blobs(tx, ns, one.fresh));
        std::vector<std::int64_t> seqs;
        for (auto const& one : drafts) {
            auto const is_definition = drafts.size() > 1 && &one == &drafts.front();
            if (is_definition) {
                // Somebody else's call may have defined it meanwhile; a second definition would say the same.
                if (registry::find_group(tx, ns, group->hash)) continue;
                registry::insert(tx, ns, {0, *group, one.row.message.header.id});
            }
            seqs.push_back(insert(tx, ns, one.row));
            for (auto const& data : one.fresh) insert(tx, ns, data, seqs.back());
            for (auto const& id : one.referred) refer(tx, ns, id, seqs.back());
        }
        return seqs;
    };
    auto const seqs = co_await database_.write(std::move(insert_all));
    if (!seqs) co_return seqs.error();
    // Of two drafts the first may have been left out.
    auto one = drafts.begin() + static_cast<std::ptrdiff_t>(drafts.size() - seqs->size());
    for (auto const seq : *seqs) {
        one->row.seq = seq;
        batcher_.offer(seq, one->row.message.header, one->bytes);
        if (submitted_) submitted_(one->row);
        ++one;
    }
    co_return std::move(drafts.back().row);
}

Task<Result<Data>> Sender::store_data(DataInput input) {
    if (auto const here = co_await look_up_blob(input); !here) co_return here.error();
    auto made = make_data(input, ids_.next(), clock_.now());
    if (!made) co_return made.error();
    auto check = check_type(*made);
    if (auto const good = co_await std::move(check); !good) co_return good.error();
    auto keep = [ns = profile_.ns, data = *made](store::Transaction& tx) -> Result<void> {
        TRY_VOID(check_blobs(tx, ns, {data}));  // the last user of it may have gone meanwhile
        insert(tx, ns, data, 0);
        return {};
    };
    auto const kept = co_await database_.write(std::move(keep));
    if (!kept) co_return kept.error();
    co_return std::move(*made);
}

Task<Result<Data>> Sender::store_blob(DataInput input, Hash blob, std::uint64_t size) {
    input.has_blob = true;
    input.blob_hash = blob;
    input.blob_size = static_cast<std::int64_t>(size);
    auto const now = clock_.now();
    auto made = make_data(input, ids_.next(), now);
    if (!made) co_return made.error();
    auto check = check_type(*made);
    if (auto const good = co_await std::move(check); !good) co_return good.error();
    auto keep = [ns = profile_.ns, data = *made, blob, size, now](store::Transaction& tx) {
        blobs::keep(tx, ns, blob, size, now);
        insert(tx, ns, data, 0);
    };
    co_await database_.write(std::move(keep));
    co_return std::move(*made);
}

Task<Result<void>> Sender::look_up_blob(DataInput& input) {
    if (!input.has_blob) co_return Result<void>{};
    auto const hash = input.blob_hash.value_or(Hash{});
    auto find = [ns = profile_.ns, hash](store::Snapshot& snapshot) { return blobs::size_of(snapshot, ns, hash); };
    auto const size = co_await database_.read(std::move(find));
    if (!size) {
        auto const text = input.blob_hash ? hash.text() : std::string("without a hash");
        co_return refuse(errors::blob_unknown, {{"hash", text}});
    }
    input.blob_size = *size;
    co_return Result<void>{};
}

}  // namespace lockstep::messaging
