// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Messages, data and batches in memory, and their canonical texts and hashes (firefly-core.md 2, 5).
// Everything in this file is byte-exact: two implementations that differ reject each other's batches.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/uuid.hpp"

namespace lockstep {

enum class MessageType {
    definition,
    broadcast,
    private_,
    groupinit,
    transfer_broadcast,
    transfer_private,
    approval_broadcast,
    approval_private
};
enum class TxType {
    none,
    unpinned,
    batch_pin,
    network_action,
    token_pool,
    token_transfer,
    contract_deploy,
    contract_invoke,
    contract_invoke_pin,
    token_approval,
    data_publish
};
enum class MessageState { staged, ready, sent, pending, confirmed, rejected, cancelled };
enum class BatchType { broadcast, private_ };

// The wire words; parse gives empty for an unknown one.
std::string_view word(MessageType type);
std::string_view word(TxType type);
std::string_view word(MessageState state);
std::string_view word(BatchType type);
std::optional<MessageType> parse_message_type(std::string_view text);
std::optional<TxType> parse_tx_type(std::string_view text);
std::optional<MessageState> parse_message_state(std::string_view text);
std::optional<BatchType> parse_batch_type(std::string_view text);

struct DataRef {
    Uuid id;
    Hash hash;
    friend bool operator==(const DataRef&, const DataRef&) = default;
};

struct DatatypeRef {
    std::string name, version;
    bool empty() const { return name.empty() && version.empty(); }
};

struct TxRef {
    TxType type = TxType::batch_pin;
    std::optional<Uuid> id;
};

struct BlobRef {
    Hash hash;
    std::int64_t size = 0;
    std::string name, path, public_ref;
};

struct Data {
    Uuid id;
    std::string validator = "json";
    Hash hash;
    Time created;
    DatatypeRef datatype;
    std::string value = "null";  // compact JSON
    std::optional<BlobRef> blob;
};

struct MessageHeader {
    Uuid id;
    std::optional<Uuid> cid;
    MessageType type = MessageType::broadcast;
    TxType txtype = TxType::batch_pin;
    std::string author, key;
    Time created;
    std::string namespace_;  // the network's name for it
    std::optional<Hash> group;
    std::vector<std::string> topics;
    std::string tag;
    Hash datahash;
    std::optional<TxRef> txparent;
};

// What travels: immutable at the sender.
struct Message {
    MessageHeader header;
    Hash hash;
    std::optional<Uuid> txid;  // only when assigned before the batch (contract_invoke_pin)
    std::vector<DataRef> data;
    std::vector<std::string> pins;
};

struct Batch {
    Uuid id;
    BatchType type = BatchType::broadcast;
    std::string namespace_;  // the network's
    std::optional<Uuid> node;
    std::optional<Hash> group;
    Time created;
    std::string author, key;
    Hash hash;  // of the manifest
    TxRef tx;
    std::vector<Message> messages;
    std::vector<Data> data;
};

// ---- canonical texts ----

std::string header_json(const MessageHeader& header);                // 2.6
std::string data_refs_json(const std::vector<DataRef>& refs);        // 2.5
std::string manifest_json(const Batch& batch);                       // 2.7
std::string batch_json(const Batch& batch);                          // 5.1, 5.2: the document that travels
void append_message_json(std::string& out, const Message& message);  // 5.1
void append_data_json(std::string& out, const Data& data);           // 5.1, transport form (no namespace)

// ---- hashes ----

// 2.4. FF00109 when there is neither value nor blob.
Result<Hash> data_hash(std::string_view value, const std::optional<Hash>& blob);
Hash broadcast_context(std::string_view topic);                                                            // 2.9
Hash private_context(std::string_view topic, const Hash& group);                                           // 2.9
Hash nonce_key(std::string_view topic, const Hash& group, std::string_view author);                        // 2.9
Hash masked_pin(std::string_view topic, const Hash& group, std::string_view author, std::uint64_t nonce);  // 2.9
Hash verifier_hash(std::string_view namespace_, std::string_view type, std::string_view value);            // 2.11
std::string definition_topic(std::string_view kind, std::string_view namespace_, std::string_view name);   // 2.10
std::string identity_topic(std::string_view did);                                                          // 2.10

// Fills datahash and hash from the rest (3.5 step 6).
void seal(Message& message);

// ---- checks (3.5, 7.4), each by shared data only ----

// Topics, tag, txtype and data references of a message that is about to be sealed: FF00133 to FF00135,
// FF00140, FF00129, FF00130. At most 10 topics, 1,024 bytes together.
Result<void> check_message_fields(const Message& message);

// Parses a document and verifies everything that needs nothing but the document: shapes, hashes of
// data, messages, manifest; authors and keys equal the batch's; references resolve and nothing is left
// over. Also accepts the legacy payload hash (2.7). Errors: LS10110 (not a batch document, with the
// reason), LS10111 (hash mismatch, with what), LS10112 (inconsistent).
Result<Batch> parse_batch(std::string_view document);

}  // namespace lockstep
