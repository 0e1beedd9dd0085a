// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "sequencer/private_pins.hpp"

namespace lockstep::sequencer {

const std::string next_pin_columns = "context, identity, hash, nonce";

NextPin next_pin_row(const store::Statement& row) {
    return {row.hash(0), row.string(1), row.hash(2), static_cast<std::uint64_t>(row.integer(3))};
}

std::optional<NextPin> PrivatePins::next(store::Session& session,
                                         const Hash& context,
                                         std::string_view identity) const {
    auto rows =
        session.query("SELECT " + next_pin_columns + " FROM next_pins WHERE ns = ?1 AND context = ?2 AND identity = ?3",
                      ns_, context, identity);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return next_pin_row(*row);
}

std::optional<NextPin> PrivatePins::expected(store::Session& session, const Hash& hash) const {
    auto rows = session.query("SELECT " + next_pin_columns + " FROM next_pins WHERE ns = ?1 AND hash = ?2", ns_, hash);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return next_pin_row(*row);
}

void PrivatePins::put(store::Transaction& tx, const NextPin& next) const {
    tx.run(
        "INSERT INTO next_pins (ns, context, identity, hash, nonce) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (ns, context, identity) DO UPDATE SET hash = excluded.hash, nonce = excluded.nonce",
        ns_, next.context, next.identity, next.hash, static_cast<std::int64_t>(next.nonce));
}

void PrivatePins::keep_pin(store::Transaction& tx, const Hash& hash, PinOrder pin) const {
    tx.run("INSERT INTO masked_pins (ns, hash, pin) VALUES (?1, ?2, ?3) ON CONFLICT (ns, hash, pin) DO NOTHING", ns_,
           hash, pin);
}

void PrivatePins::drop_pin(store::Transaction& tx, const Hash& hash, PinOrder pin) const {
    tx.run("DELETE FROM masked_pins WHERE ns = ?1 AND hash = ?2 AND pin = ?3", ns_, hash, pin);
}

std::vector<PinOrder> PrivatePins::kept(store::Session& session, const Hash& hash) const {
    std::vector<PinOrder> out;
    for (auto& row : session.query("SELECT pin FROM masked_pins WHERE ns = ?1 AND hash = ?2 ORDER BY pin", ns_, hash))
        out.push_back(row.integer(0));
    return out;
}

bool PrivatePins::settled(store::Session& session, const Hash& hash, PinOrder pin) const {
    auto rows = session.query("SELECT 1 FROM masked_pins WHERE ns = ?1 AND hash = ?2 AND pin = ?3", ns_, hash, pin);
    return rows.first() == nullptr;
}

void PrivatePins::keep_batch(store::Transaction& tx, const Uuid& batch, std::int64_t event) const {
    tx.run(
        "INSERT INTO masked_batches (ns, batch, event) VALUES (?1, ?2, ?3) ON CONFLICT (ns, batch, event) DO NOTHING",
        ns_, batch, event);
}

void PrivatePins::drop_batch(store::Transaction& tx, const Uuid& batch, std::int64_t event) const {
    tx.run("DELETE FROM masked_batches WHERE ns = ?1 AND batch = ?2 AND event = ?3", ns_, batch, event);
}

std::vector<std::int64_t> PrivatePins::events_of(store::Session& session, const Uuid& batch) const {
    std::vector<std::int64_t> out;
    for (auto& row :
         session.query("SELECT event FROM masked_batches WHERE ns = ?1 AND batch = ?2 ORDER BY event", ns_, batch))
        out.push_back(row.integer(0));
    return out;
}

void PrivatePins::keep_document(store::Transaction& tx, const Uuid& batch, const Hash& payload) const {
    tx.run(
        "INSERT INTO private_documents (ns, batch, payload) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (ns, batch, payload) DO NOTHING",
        ns_, batch, payload);
}

void PrivatePins::drop_document(store::Transaction& tx, const Uuid& batch, const Hash& payload) const {
    tx.run("DELETE FROM private_documents WHERE ns = ?1 AND batch = ?2 AND payload = ?3", ns_, batch, payload);
}

std::vector<Hash> PrivatePins::documents_of(store::Session& session, const Uuid& batch) const {
    std::vector<Hash> out;
    for (auto& row : session.query(
             "SELECT payload FROM private_documents WHERE ns = ?1 AND batch = ?2 ORDER BY payload", ns_, batch))
        out.push_back(row.hash(0));
    return out;
}

void PrivatePins::name(store::Transaction& tx, const Hash& context, const ContextName& name) const {
    tx.run(
        "INSERT INTO context_names (ns, context, topic, grp) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (ns, context) DO"
        " NOTHING",
        ns_, context, name.topic, name.group);
}

std::optional<ContextName> PrivatePins::name_of(store::Session& session, const Hash& context) const {
    auto rows = session.query("SELECT topic, grp FROM context_names WHERE ns = ?1 AND context = ?2", ns_, context);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return ContextName{row->string(0), row->hash(1)};
}

}  // namespace lockstep::sequencer
