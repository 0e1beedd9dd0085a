// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "messaging/rows.hpp"

#include <algorithm>

#include "messaging/blob_refs.hpp"

namespace lockstep::messaging {

namespace {

std::string join(const std::vector<std::string>& list) {
    std::string out;
    for (auto const& item : list) {
        if (!out.empty()) out += ',';
        out += item;
    }
    return out;
}

std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> out;
    while (!list.empty()) {
        auto const end = std::min(list.find(','), list.size());
        out.emplace_back(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return out;
}

template <std::size_t N>
void append(Bytes& out, const std::array<std::uint8_t, N>& bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

TxType tx_type(const store::Statement& row, int column) {
    return store::meaning(parse_tx_type(row.text(column)), "a transaction's type", row.text(column));
}

// Elements of one size, one after the other.
BytesView list_of(const store::Statement& row, int column, std::size_t size) {
    auto const list = row.blob(column);
    if (list.size() % size != 0) throw store::DamagedRow("a list of ids", to_hex(list));
    return list;
}

Time shown(std::int64_t confirmed) { return Time{confirmed == never_confirmed ? 0 : confirmed}; }
std::int64_t stored(Time confirmed) { return confirmed.is_zero() ? never_confirmed : confirmed.ns; }

template <class Row, class... Args>
std::optional<Row> one(store::Session& session,
                       Row (*read)(const store::Statement&),
                       const std::string& sql,
                       const Args&... args) {
    auto rows = session.query(sql, args...);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return read(*row);
}

}  // namespace

const std::string message_columns =
    "seq, id, type, txtype, author, key, created, cid, group_hash, topics, tag, datahash, hash, namespace, "
    "txparent_type, txparent_id,"
    " data, pins, state, confirmed, reject_reason, batch, tx, idempotency_key";
const std::string data_columns =
    "id, validator, hash, created, datatype_name, datatype_version, value, blob_hash, blob_size, blob_name, blob_path, "
    "blob_public";
const std::string batch_columns =
    "seq, id, type, author, key, group_hash, node, created, hash, namespace, tx_type, tx, confirmed, payload, "
    "reject_reason, messages";

MessageRow message_row(const store::Statement& row) {
    MessageRow out;
    out.seq = row.integer(0);
    auto& header = out.message.header;
    header.id = row.uuid(1);
    header.type = store::meaning(parse_message_type(row.text(2)), "a message's type", row.text(2));
    header.txtype = tx_type(row, 3);
    header.author = row.string(4);
    header.key = row.string(5);
    header.created = row.time(6);
    header.cid = row.uuid_or_null(7);
    header.group = row.hash_or_null(8);
    header.topics = split(row.text(9));
    header.tag = row.string(10);
    header.datahash = row.hash(11);
    out.message.hash = row.hash(12);
    header.namespace_ = row.string(13);
    if (!row.text(14).empty()) header.txparent = TxRef{tx_type(row, 14), row.uuid_or_null(15)};
    auto const data = list_of(row, 16, 48);
    for (std::size_t at = 0; at < data.size(); at += 48)
        out.message.data.push_back({*Uuid::from(data.subspan(at, 16)), *Hash::from(data.subspan(at + 16, 32))});
    out.message.pins = split(row.text(17));
    out.state = store::meaning(parse_message_state(row.text(18)), "a message's state", row.text(18));
    out.confirmed = shown(row.integer(19));
    out.reject_reason = row.string(20);
    out.batch = row.uuid_or_null(21);
    out.tx = row.uuid_or_null(22);
    if (!row.is_null(23)) out.idempotency_key = row.string(23);
    return out;
}

Data data_row(const store::Statement& row) {
    Data data;
    data.id = row.uuid(0);
    data.validator = row.string(1);
    data.hash = row.hash(2);
    data.created = row.time(3);
    data.datatype = {row.string(4), row.string(5)};
    data.value = row.string(6);
    if (auto const blob = row.hash_or_null(7))
        data.blob = BlobRef{*blob, row.integer(8), row.string(9), row.string(10), row.string(11)};
    return data;
}

BatchRow batch_row(const store::Statement& row) {
    BatchRow out;
    out.seq = row.integer(0);
    auto& batch = out.batch;
    batch.id = row.uuid(1);
    batch.type = store::meaning(parse_batch_type(row.text(2)), "a batch's type", row.text(2));
    batch.author = row.string(3);
    batch.key = row.string(4);
    batch.group = row.hash_or_null(5);
    batch.node = row.uuid_or_null(6);
    batch.created = row.time(7);
    batch.hash = row.hash(8);
    batch.namespace_ = row.string(9);
    batch.tx = {tx_type(row, 10), row.uuid(11)};
    out.confirmed = shown(row.integer(12));
    out.payload = row.hash_or_null(13);
    out.reject_reason = row.string(14);
    auto const ids = list_of(row, 15, 16);
    for (std::size_t at = 0; at < ids.size(); at += 16) out.message_ids.push_back(*Uuid::from(ids.subspan(at, 16)));
    return out;
}

std::int64_t insert(store::Transaction& tx, NamespaceId ns, const MessageRow& row) {
    auto const& message = row.message;
    auto const& header = message.header;
    Bytes refs;
    refs.reserve(message.data.size() * 48);
    for (auto const& ref : message.data) {
        append(refs, ref.id.bytes);
        append(refs, ref.hash.bytes);
    }
    auto const topics = join(header.topics);
    auto const pins = join(message.pins);
    std::optional<std::string_view> key;
    if (!row.idempotency_key.empty()) key = row.idempotency_key;
    std::optional<Uuid> parent;
    if (header.txparent) parent = header.txparent->id;
    tx.run(
        "INSERT INTO messages (ns, id, type, txtype, author, key, created, cid, group_hash, topics, tag, datahash, "
        "hash, namespace,"
        " txparent_type, txparent_id, data, pins, state, confirmed, reject_reason, batch, tx, idempotency_key)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, "
        "?23, ?24)",
        ns, header.id, word(header.type), word(header.txtype), header.author, header.key, header.created, header.cid,
        header.group, topics, header.tag, header.datahash, message.hash, header.namespace_,
        header.txparent ? word(header.txparent->type) : std::string_view{}, parent, refs, pins, word(row.state),
        stored(row.confirmed), row.reject_reason, row.batch, row.tx, key);
    return tx.last_id();
}

void insert(store::Transaction& tx, NamespaceId ns, const Data& data, std::int64_t message_seq) {
    std::optional<Hash> blob;
    std::string path;
    if (data.blob) {
        blob = data.blob->hash;
        path = data.blob->path;
        // Private documents do not say it.
        if (path.empty() && data.blob->public_ref.empty()) path = blob_path(data.blob->name);
    }
    auto const none = std::string_view{};
    auto const changed = tx.run(
        "INSERT INTO data (ns, id, validator, hash, created, datatype_name, datatype_version, value, public_ref, "
        "blob_hash,"
        " blob_size, blob_name, blob_path, blob_public, message)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '', ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT (ns, id, hash) DO "
        "NOTHING",
        ns, data.id, data.validator, data.hash, data.created, data.datatype.name, data.datatype.version, data.value,
        blob, data.blob ? data.blob->size : 0, data.blob ? std::string_view(data.blob->name) : none, path,
        data.blob ? std::string_view(data.blob->public_ref) : none, message_seq);
    if (changed == 0 && message_seq > 0) refer(tx, ns, data.id, message_seq);
    // It came in private before; its broadcast is built again from this row.
    if (changed == 0 && data.blob && !data.blob->public_ref.empty())
        set_blob_public(tx, ns, {data.id, data.hash}, data.blob->public_ref);
}

void refer(store::Transaction& tx, NamespaceId ns, const Uuid& data, std::int64_t message_seq) {
    tx.run(
        "INSERT INTO message_data (ns, data, message) VALUES (?1, ?2, ?3) ON CONFLICT (ns, data, message) DO NOTHING",
        ns, data, message_seq);
}

void insert(store::Transaction& tx, NamespaceId ns, const BatchRow& row) {
    auto const& batch = row.batch;
    Bytes ids;
    ids.reserve(row.message_ids.size() * 16);
    for (auto const& id : row.message_ids) append(ids, id.bytes);
    tx.run(
        "INSERT INTO batches (ns, id, type, author, key, group_hash, node, created, hash, namespace, tx_type, tx, "
        "confirmed, payload,"
        " reject_reason, messages) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        ns, batch.id, word(batch.type), batch.author, batch.key, batch.group, batch.node, batch.created, batch.hash,
        batch.namespace_, word(batch.tx.type), batch.tx.id, stored(row.confirmed), row.payload, row.reject_reason, ids);
}

void remove_batch(store::Transaction& tx, NamespaceId ns, const Uuid& id) {
    tx.run("DELETE FROM batches WHERE ns = ?1 AND id = ?2", ns, id);
}

void confirm_batch(store::Transaction& tx, NamespaceId ns, const Uuid& id, Time at) {
    tx.run("UPDATE batches SET confirmed = ?3 WHERE ns = ?1 AND id = ?2", ns, id, at);
}

void mark_sent(store::Transaction& tx, NamespaceId ns, std::int64_t seq, const Uuid& batch, const Uuid& transaction) {
    tx.run("UPDATE messages SET state = 'sent', batch = ?3, tx = ?4 WHERE ns = ?1 AND seq = ?2 AND state = 'ready'", ns,
           seq, batch, transaction);
}

void set_pins(store::Transaction& tx, NamespaceId ns, std::int64_t seq, const std::vector<std::string>& pins) {
    tx.run("UPDATE messages SET pins = ?3 WHERE ns = ?1 AND seq = ?2", ns, seq, join(pins));
}

void settle(
    store::Transaction& tx, NamespaceId ns, std::int64_t seq, MessageState state, Time at, std::string_view reason) {
    tx.run("UPDATE messages SET state = ?3, confirmed = ?4, reject_reason = ?5 WHERE ns = ?1 AND seq = ?2", ns, seq,
           word(state), at, reason);
}

std::optional<MessageRow> find_message(store::Session& session, NamespaceId ns, const Uuid& id) {
    static const std::string sql =
        "SELECT " + message_columns + " FROM messages WHERE ns = ?1 AND id = ?2 ORDER BY seq";
    return one(session, message_row, sql, ns, id);
}

std::optional<MessageRow> find_message(store::Session& session, NamespaceId ns, const Uuid& id, const Hash& hash) {
    static const std::string sql =
        "SELECT " + message_columns + " FROM messages WHERE ns = ?1 AND id = ?2 AND hash = ?3";
    return one(session, message_row, sql, ns, id, hash);
}

std::optional<MessageRow> load_message(store::Session& session, NamespaceId ns, std::int64_t seq) {
    static const std::string sql = "SELECT " + message_columns + " FROM messages WHERE ns = ?1 AND seq = ?2";
    return one(session, message_row, sql, ns, seq);
}

std::optional<MessageRow> find_message_by_key(store::Session& session,
                                              NamespaceId ns,
                                              std::string_view idempotency_key) {
    static const std::string sql =
        "SELECT " + message_columns + " FROM messages WHERE ns = ?1 AND idempotency_key = ?2";
    return one(session, message_row, sql, ns, idempotency_key);
}

std::optional<Data> find_data(store::Session& session, NamespaceId ns, const Uuid& id) {
    static const std::string sql = "SELECT " + data_columns + " FROM data WHERE ns = ?1 AND id = ?2 ORDER BY seq";
    return one(session, data_row, sql, ns, id);
}

std::optional<Data> find_data(store::Session& session, NamespaceId ns, const DataRef& ref) {
    static const std::string sql = "SELECT " + data_columns + " FROM data WHERE ns = ?1 AND id = ?2 AND hash = ?3";
    return one(session, data_row, sql, ns, ref.id, ref.hash);
}

std::optional<BatchRow> find_batch(store::Session& session, NamespaceId ns, const Uuid& id) {
    static const std::string sql = "SELECT " + batch_columns + " FROM batches WHERE ns = ?1 AND id = ?2";
    return one(session, batch_row, sql, ns, id);
}

std::optional<BatchRow> find_batch_by_payload(store::Session& session, NamespaceId ns, const Hash& payload) {
    static const std::string sql =
        "SELECT " + batch_columns + " FROM batches WHERE ns = ?1 AND payload = ?2 AND reject_reason = ''";
    return one(session, batch_row, sql, ns, payload);
}

namespace {
// A message that is in two batches is stored with the first of them. Empty when it cannot be told which of
// several with one id is meant.
std::optional<MessageRow> find_message_of_batch(store::Session& session,
                                                NamespaceId ns,
                                                const Uuid& id,
                                                const Uuid& batch) {
    static const std::string sql = "SELECT " + message_columns + " FROM messages WHERE ns = ?1 AND id = ?2";
    std::vector<MessageRow> found;
    for (auto& row : session.query(sql, ns, id)) {
        found.push_back(message_row(row));
        if (found.back().batch == batch) return std::move(found.back());
    }
    if (found.size() != 1) return std::nullopt;
    return std::move(found.front());
}
}  // namespace

std::optional<Batch> load_batch(store::Session& session, NamespaceId ns, const BatchRow& row) {
    auto batch = row.batch;
    for (auto const& id : row.message_ids) {
        auto message = find_message_of_batch(session, ns, id, row.batch.id);
        if (!message) return std::nullopt;
        for (auto const& ref : message->message.data) {
            auto data = find_data(session, ns, ref);
            if (!data) return std::nullopt;
            batch.data.push_back(std::move(*data));
        }
        batch.messages.push_back(std::move(message->message));
    }
    return batch;
}

std::vector<MessageRow> messages_of_data(store::Session& session, NamespaceId ns, const Uuid& data, std::size_t most) {
    static const std::string sql =
        "SELECT " + message_columns +
        " FROM messages WHERE ns = ?1 AND seq IN (SELECT message FROM data WHERE ns = ?1 AND id = ?2"
        " UNION SELECT message FROM message_data WHERE ns = ?1 AND data = ?2) ORDER BY seq DESC LIMIT ?3";
    std::vector<MessageRow> out;
    for (auto& row : session.query(sql, ns, data, most)) out.push_back(message_row(row));
    return out;
}

}  // namespace lockstep::messaging
