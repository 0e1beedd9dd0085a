// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/dead_letters.hpp"

#include "core/json.hpp"

namespace lockstep::delivery {

const std::string dead_letter_columns =
    "seq, subscription, event, sequence, type, topic, reference, attempts, status, error, created, updated";

DeadLetter dead_letter_row(const store::Statement& row) {
    DeadLetter out;
    out.seq = row.integer(0);
    out.subscription = row.uuid(1);
    out.event = row.uuid(2);
    out.sequence = Offset{row.integer(3)};
    out.type = row.string(4);
    out.topic = row.string(5);
    out.reference = row.uuid(6);
    out.attempts = static_cast<std::uint64_t>(row.integer(7));
    out.status = static_cast<int>(row.integer(8));
    out.error = row.string(9);
    out.created = row.time(10);
    out.updated = row.time(11);
    return out;
}

std::string dead_letter_json(const DeadLetter& letter) {
    json::Writer writer;
    writer.begin_object().quoted("id", letter.event).quoted("subscription", letter.subscription);
    writer.key("sequence").number(letter.sequence.value).field("type", letter.type).field("topic", letter.topic);
    writer.quoted("reference", letter.reference).key("attempts").unsigned_number(letter.attempts);
    if (letter.status != 0) writer.key("status").number(letter.status);
    writer.field("error", letter.error).quoted("created", letter.created).quoted("updated", letter.updated);
    writer.end_object();
    return writer.take();
}

std::optional<DeadLetter> find_dead_letter(store::Session& session,
                                           NamespaceId ns,
                                           const Uuid& subscription,
                                           const Uuid& event) {
    static const std::string sql =
        "SELECT " + dead_letter_columns + " FROM dead_letters WHERE ns = ?1 AND subscription = ?2 AND event = ?3";
    auto rows = session.query(sql, ns, subscription, event);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return dead_letter_row(*row);
}

std::vector<Uuid> dead_letters_after(store::Session& session,
                                     NamespaceId ns,
                                     const Uuid& subscription,
                                     Offset position) {
    std::vector<Uuid> out;
    auto rows = session.query("SELECT event FROM dead_letters WHERE ns = ?1 AND subscription = ?2 AND sequence > ?3",
                              ns, subscription, position);
    for (auto& row : rows) out.push_back(row.uuid(0));
    return out;
}

void insert(store::Transaction& tx, NamespaceId ns, const DeadLetter& letter) {
    tx.run(
        "INSERT INTO dead_letters (ns, subscription, event, sequence, type, topic, reference, attempts, status, error,"
        " created, updated) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 WHERE EXISTS"
        " (SELECT 1 FROM subscriptions WHERE ns = ?1 AND id = ?2) ON CONFLICT (ns, subscription, event) DO NOTHING",
        ns, letter.subscription, letter.event, letter.sequence, letter.type, letter.topic, letter.reference,
        letter.attempts, letter.status, letter.error, letter.created, letter.updated);
}

void note_attempt(store::Transaction& tx, NamespaceId ns, const DeadLetter& letter) {
    tx.run(
        "UPDATE dead_letters SET attempts = attempts + 1, status = ?4, error = ?5, updated = ?6 WHERE ns = ?1 AND "
        "subscription = ?2 AND event = ?3",
        ns, letter.subscription, letter.event, letter.status, letter.error, letter.updated);
}

bool erase_dead_letter(store::Transaction& tx, NamespaceId ns, const Uuid& subscription, const Uuid& event) {
    return tx.run("DELETE FROM dead_letters WHERE ns = ?1 AND subscription = ?2 AND event = ?3", ns, subscription,
                  event) > 0;
}

}  // namespace lockstep::delivery
