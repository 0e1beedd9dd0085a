// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Sender: takes what applications and the node itself want to say, makes it a sealed message, and stores
// it. When a call returns, the message is durable and in state `ready`; the batcher takes it from there.
//
// Invariants
//   1. A message that was answered with a row is stored; one that was refused is not.
//   2. Of two messages with one idempotency key the first in commit order is stored, and the other is
//      refused with FF10430 naming it.
#pragma once

#include <functional>
#include <string>

#include "base/ids.hpp"
#include "messaging/batcher.hpp"
#include "messaging/definition_input.hpp"
#include "messaging/input.hpp"
#include "messaging/member_profile.hpp"
#include "messaging/rows.hpp"
#include "registry/datatypes.hpp"
#include "registry/registry.hpp"

namespace lockstep::messaging {

class Sender {
  public:
    struct Options {
        std::size_t broadcast_bytes_max = 800 * 1024;  // FF10327 beyond, by the size of the document
        std::size_t private_bytes_max = 800 * 1024;    // FF10328 beyond
    };
    // All references must outlive the sender.
    // `can_sign` says whether this member holds the key of an account.
    Sender(const MemberProfile& profile,
           store::Database& database,
           WallClock& clock,
           IdMaker& ids,
           Batcher& batcher,
           std::function<bool(std::string_view)> can_sign,
           Options options);

    // Heard on the logic thread after a message was stored; for counting.
    void on_submitted(std::function<void(const MessageRow&)> hear) { submitted_ = std::move(hear); }

    // POST messages/broadcast: author and key resolved (3.2), data resolved (3.3), sealed (3.5), stored.
    // `id` is the message's, so that the caller can watch for it beforehand.
    Task<Result<MessageRow>> broadcast(MessageInput input, Uuid id);
    // POST messages/private: the same for a group, which is defined first if it is new (3.4). FF10226 for a group that
    // is not known, the refusals of registry::resolve_group(), LS10506 for an author who is not in it.
    Task<Result<MessageRow>> private_message(MessageInput input, Uuid id);
    // POST data with a JSON value, or one that refers to a blob that is here (FF10239 otherwise).
    Task<Result<Data>> store_data(DataInput input);
    // The same with a blob whose file has its final name, and no row yet: both are written in one commit.
    Task<Result<Data>> store_blob(DataInput input, Hash blob, std::uint64_t size);
    // A definition by the member itself or by `author`/`key`: one data item, on one topic.
    Task<Result<MessageRow>> define(
        std::string tag, std::string topic, std::string value, std::string author, std::string key, Uuid id);

    // POST datatypes: FF10196 for a schema that cannot be used. A name and version that is taken is rejected later, in
    // the order of the ledger.
    Task<Result<registry::Datatype>> define_datatype(DatatypeInput input, Uuid message_id);
    // An addition of ours: what an unregistered key has pinned so far is rejected, by every member alike, in the name
    // of this member's organisation.
    Task<Result<MessageRow>> refuse_key(std::string key, std::string reason, Uuid message_id);

    // POST identities: the claim, signed by the identity's key, and for a child the verification, signed by the
    // parent's, in one commit. FF00124 without a parent where one is needed, FF10214 for a parent that is not known,
    // FF10365 for one that cannot be it, FF10141 for a bad key, LS10503 when this member holds one of the keys not.
    Task<Result<registry::Identity>> register_identity(IdentityInput input, Uuid claim_id, Uuid verification_id);
    // PATCH identities/{iid}: description and profile are replaced; the id in the profile stays if there is no other.
    // Signed by the identity, or by a node's parent. FF10277 when it is not known, LS10503.
    Task<Result<registry::Identity>> update_identity(Uuid identity, IdentityUpdateInput input, Uuid message_id);

    // Seals what should be refused: values against their datatype, and others' names as author. A fault, for showing
    // what the members make of it.
    void skip_validation(bool on) { skips_validation_ = on; }

    // 9.4: the claims of the configured organisation and node. FF10216 when none is configured. The
    // organisation must be sent or registered before its node (FF10281 otherwise).
    Task<Result<registry::Identity>> register_org(Uuid message_id);
    Task<Result<registry::Identity>> register_node(Uuid message_id);

    Uuid new_id() { return ids_.next(); }
    const MemberProfile& profile() const { return profile_; }

  private:
    struct Author {
        std::string did, key;
    };
    // A message, the data that comes with it, and the data that is here already.
    struct Draft {
        MessageRow row;
        std::vector<Data> fresh;
        std::vector<Uuid> referred;
        std::size_t bytes = 0;  // in the document of its batch
    };
    Task<Result<Author>> author_of(std::string author, std::string key);
    Task<Result<Author>> author_unchecked(std::string author, std::string key);
    // The account of that identity, if this member can sign with it.
    Task<Result<std::string>> account_of(registry::Identity identity);
    // FF10195, FF10198, FF10199.
    Task<Result<void>> check_type(Data data);
    Result<Draft> definition(std::string_view tag, std::string topic, std::string value, const Author& author, Uuid id);
    // Sealed drafts, in one commit.
    Task<void> store_sealed(std::vector<Draft> drafts);
    // Fills in blob_size; FF10239 for one that is not here.
    Task<Result<void>> look_up_blob(DataInput& input);
    // All that a broadcast and a private message have in common.
    Task<Result<Draft>> draft(MessageInput input, Uuid id, MessageType type, Author author);
    Result<Draft> group_definition(const Group& group, const Author& author);
    Task<Result<void>> seal(Draft& draft);
    // One commit: the definition of the group, if there is one, and then the message.
    Task<Result<MessageRow>> store(Draft draft,
                                   std::optional<Group> fresh_group = {},
                                   std::optional<Draft> definition = {});

    const MemberProfile& profile_;
    store::Database& database_;
    WallClock& clock_;
    IdMaker& ids_;
    Batcher& batcher_;
    std::function<bool(std::string_view)> can_sign_;
    std::function<void(const MessageRow&)> submitted_;
    Options options_;
    bool skips_validation_ = false;
    std::string own_did_;                            // once the registry has it
    std::optional<registry::Identity> claimed_org_;  // sent by us, perhaps not confirmed yet
};

}  // namespace lockstep::messaging
