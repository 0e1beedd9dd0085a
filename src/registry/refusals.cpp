// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "registry/refusals.hpp"

#include "core/json.hpp"
#include "identity/ledger_key.hpp"
#include "registry/errors.hpp"
#include "registry/registry.hpp"

namespace lockstep::registry {

std::string refusal_topic(std::string_view key) { return definition_topic("keyrefusal", "", key); }

std::string refusal_json(std::string_view key, std::string_view reason) {
    json::Writer writer;
    writer.begin_object().field("key", key).field("reason", reason).end_object();
    return writer.take();
}

Result<KeyRefusal> apply_refusal(store::Transaction& tx,
                                 NamespaceId ns,
                                 const MessageHeader& header,
                                 std::string_view data_value,
                                 std::int64_t pin) {
    auto const id = header.id.text();
    auto const invalid = [&](std::string_view why) {
        return refuse(errors::definition_not_valid, {{"id", id}, {"reason", why}});
    };
    json::Value const value{data_value};
    if (value.kind() != json::Kind::object) return invalid("it is no object");
    KeyRefusal out{value["key"].as_string().value_or(""), value["reason"].as_string().value_or(""), header.author, pin};
    auto const account = identity::normalise_address(out.key);
    if (!account || *account != out.key) return invalid("key");
    if (out.reason.empty() || out.reason.size() > refusal_reason_max) return invalid("reason");
    if (header.topics.size() != 1 || header.topics[0] != refusal_topic(out.key))
        return invalid("its topic is not that of its key");
    auto const author = find_identity_by_did(tx, ns, header.author);
    if (!author || author->type != IdentityType::org) return refuse(errors::definition_by_wrong_author, {{"id", id}});
    tx.run(
        "INSERT INTO key_refusals (ns, key, pin, author, reason) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (ns, key, pin) DO NOTHING",
        ns, out.key, out.pin, out.author, out.reason);
    return out;
}

std::optional<KeyRefusal> first_refusal_after(store::Session& session,
                                              NamespaceId ns,
                                              std::string_view key,
                                              std::int64_t pin) {
    auto rows = session.query(
        "SELECT key, reason, author, pin FROM key_refusals WHERE ns = ?1 AND key = ?2 AND pin > ?3"
        " ORDER BY pin LIMIT 1",
        ns, key, pin);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return KeyRefusal{row->string(0), row->string(1), row->string(2), row->integer(3)};
}

void note_claim(store::Transaction& tx, NamespaceId ns, std::string_view key, std::int64_t pin) {
    tx.run(
        "INSERT INTO first_claims (ns, key, pin) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (ns, key) DO UPDATE SET pin = excluded.pin WHERE excluded.pin < first_claims.pin",
        ns, key, pin);
}

std::int64_t first_claim(store::Session& session, NamespaceId ns, std::string_view key) {
    auto rows = session.query("SELECT pin FROM first_claims WHERE ns = ?1 AND key = ?2", ns, key);
    auto const* row = rows.first();
    return row ? row->integer(0) : INT64_MAX;
}

}  // namespace lockstep::registry
