// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "registry/datatypes.hpp"

#include "core/json.hpp"
#include "core/names.hpp"
#include "core/sha256.hpp"
#include "registry/errors.hpp"

namespace lockstep::registry {

namespace {

std::string text_of_ref(const DatatypeRef& ref) { return ref.name + "/" + ref.version; }

std::optional<Datatype> first_datatype(store::Rows rows) {
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return datatype_row(*row);
}

}  // namespace

const std::string datatype_columns = "seq, id, message, name, version, hash, created, value, pin";

Datatype datatype_row(const store::Statement& row) {
    return {row.integer(0), row.uuid(1), row.uuid_or_null(2), row.string(3), row.string(4),
            row.hash(5),    row.time(6), row.string(7),       row.integer(8)};
}

// The namespace is cleared before a definition is sent (firefly-core.md 2.10).
std::string datatype_topic(std::string_view name) { return definition_topic("datatype", "", name); }

std::optional<Datatype> find_datatype(store::Session& session,
                                      NamespaceId ns,
                                      const DatatypeRef& ref,
                                      std::int64_t before) {
    static const std::string sql =
        "SELECT " + datatype_columns + " FROM datatypes WHERE ns = ?1 AND name = ?2 AND version = ?3 AND pin < ?4";
    return first_datatype(session.query(sql, ns, ref.name, ref.version, before));
}

// Others may have given one id to several.
std::optional<Datatype> find_datatype(store::Session& session, NamespaceId ns, const Uuid& id) {
    static const std::string sql =
        "SELECT " + datatype_columns + " FROM datatypes WHERE ns = ?1 AND id = ?2 ORDER BY pin LIMIT 1";
    return first_datatype(session.query(sql, ns, id));
}

std::string datatype_json(const Datatype& datatype, std::string_view namespace_name) {
    json::Writer writer;
    writer.begin_object().field("id", datatype.id.text());
    if (datatype.message) writer.field("message", datatype.message->text());
    writer.field("validator", "json").field("namespace", namespace_name);
    writer.field("name", datatype.name).field("version", datatype.version).field("hash", datatype.hash.text());
    writer.field("created", datatype.created.text()).key("value").raw(datatype.value).end_object();
    return writer.take();
}

std::string datatype_definition(const Datatype& datatype) {
    json::Writer writer;
    writer.begin_object().field("id", datatype.id.text()).field("validator", "json");
    writer.field("name", datatype.name).field("version", datatype.version).field("hash", datatype.hash.text());
    writer.field("created", datatype.created.text()).key("value").raw(datatype.value).end_object();
    return writer.take();
}

Result<void> check_schema(const DatatypeRef& ref, std::string_view schema) {
    auto const compiled = schema::compile(schema);
    if (compiled.schema) return {};
    auto const name = text_of_ref(ref);
    return refuse(errors::schema_not_usable, {{"datatype", name}, {"reason", compiled.fault}});
}

Result<Datatype> parse_datatype(std::string_view data_value) {
    json::Value const value{data_value};
    auto const malformed = [](std::string_view what) {
        return refuse(errors::definition_not_valid, {{"id", "of a datatype"}, {"reason", what}});
    };
    if (value.kind() != json::Kind::object) return malformed("it is no object");
    auto const text = [&](std::string_view name) { return value[name].as_string().value_or(""); };
    Datatype out;
    auto const id = Uuid::parse(text("id"));
    if (!id || id->is_nil()) return malformed("id");
    out.id = *id;
    if (text("validator") != "json") return malformed("validator");
    out.name = text("name");
    out.version = text("version");
    TRY_VOID(check_name(out.name, "name"));
    TRY_VOID(check_name(out.version, "version"));
    if (auto const created = value["created"]; !created.is_null()) {
        auto const time = Time::parse(created.as_string().value_or(""));
        if (!time) return malformed("created");
        out.created = *time;
    }
    auto const schema = value["value"];
    if (schema.is_null()) return malformed("value");
    out.value = schema.text();
    out.hash = sha256(out.value);
    if (Hash::parse(text("hash")) != out.hash) return malformed("hash");
    TRY_VOID(check_schema({out.name, out.version}, out.value));
    return out;
}

Result<Datatype> apply_datatype(store::Transaction& tx,
                                NamespaceId ns,
                                const MessageHeader& header,
                                std::string_view data_value,
                                std::int64_t pin) {
    TRY(auto datatype, parse_datatype(data_value));
    auto const id = datatype.id.text();
    // Messages wait for what is undecided on this topic, so a definition counts nowhere else.
    if (header.topics.size() != 1 || header.topics[0] != datatype_topic(datatype.name))
        return refuse(errors::definition_not_valid, {{"id", id}, {"reason", "its topic is not that of its name"}});
    if (find_datatype(tx, ns, DatatypeRef{datatype.name, datatype.version}))
        return refuse(errors::definition_conflicts, {{"id", id}});
    datatype.message = header.id;
    datatype.pin = pin;
    tx.run(
        "INSERT INTO datatypes (ns, id, message, name, version, hash, created, value, pin)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        ns, datatype.id, datatype.message, datatype.name, datatype.version, datatype.hash, datatype.created,
        datatype.value, datatype.pin);
    datatype.seq = tx.last_id();
    return datatype;
}

Result<void> check_value(store::Session& session,
                         NamespaceId ns,
                         const DatatypeRef& ref,
                         std::string_view value,
                         std::int64_t before,
                         SchemaCache& cache) {
    auto const name = text_of_ref(ref);
    auto const datatype = find_datatype(session, ns, ref, before);
    if (!datatype) return refuse(errors::unknown_datatype, {{"datatype", name}});
    if (value.empty() || value == "null") return refuse(errors::typed_value_missing, {{"datatype", name}});
    auto& schema = cache[datatype->seq];
    if (!schema) {
        auto compiled = schema::compile(datatype->value);
        // It was compiled when it was defined; a later version of this program may know better.
        if (!compiled.schema)
            return refuse(errors::schema_not_usable, {{"datatype", name}, {"reason", compiled.fault}});
        schema = std::move(compiled.schema);
    }
    if (auto const fault = schema->fault_of(value))
        return refuse(errors::value_against_datatype, {{"datatype", name}, {"reason", *fault}});
    return {};
}

}  // namespace lockstep::registry
