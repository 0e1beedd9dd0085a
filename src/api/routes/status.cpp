// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/list.hpp"
#include "core/json.hpp"
#include "core/message.hpp"
#include "delivery/delivery.hpp"
#include "delivery/errors.hpp"
#include "registry/registry.hpp"

namespace lockstep::api {

namespace {

using registry::IdentityType;

// Where the organisation and the node of this member stand.
struct Standing {
    std::string org_did, node_did;  // empty: not configured
    std::optional<registry::Identity> org, node;
    std::vector<registry::Verifier> org_verifiers;
    std::optional<Uuid> org_pending, node_pending;  // claims under way
};

// The newest claim on the topic of a DID that is not settled. Asked only while there is no identity, when
// there are few messages to look through.
std::optional<Uuid> pending_claim(store::Session& session, NamespaceId ns, const std::string& did) {
    auto rows = session.query(
        "SELECT id FROM messages WHERE ns = ?1 AND topics = ?2 AND type = 'definition' AND tag = 'ff_identity_claim'"
        " AND state IN ('ready', 'sent', 'pending') ORDER BY seq DESC LIMIT 1",
        ns, identity_topic(did));
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return row->uuid(0);
}

Task<Standing> standing(const Call& call) {
    auto const& profile = call.services.profile;
    Standing known;
    if (!profile.org_name.empty()) known.org_did = registry::did_of(IdentityType::org, profile.org_name);
    if (!profile.node_name.empty()) known.node_did = registry::did_of(IdentityType::node, profile.node_name);
    auto look = [ns = call.facts->ns, known](store::Snapshot& snapshot) mutable {
        known.org = registry::find_identity_by_did(snapshot, ns, known.org_did);
        known.node = registry::find_identity_by_did(snapshot, ns, known.node_did);
        if (known.org) known.org_verifiers = registry::verifiers_of(snapshot, ns, known.org->id);
        if (!known.org) known.org_pending = pending_claim(snapshot, ns, known.org_did);
        if (!known.node) known.node_pending = pending_claim(snapshot, ns, known.node_did);
        return std::move(known);
    };
    co_return co_await call.services.database.read(std::move(look));
}

void write_namespace(json::Writer& writer, const Call& call) {
    auto const& profile = call.services.profile;
    writer.begin_object().field("name", profile.namespace_name).field("networkName", profile.network_namespace);
    writer.field("description", "Namespace " + profile.namespace_name)
        .field("created", call.services.namespace_created.text())
        .end_object();
}

void write_plugins(json::Writer& writer, const Call& call) {
    auto const list = [&](std::string_view kind, std::string_view name, std::string_view type) {
        writer.key(kind).begin_array();
        if (!type.empty()) writer.begin_object().field("name", name).field("pluginType", type).end_object();
        writer.end_array();
    };
    writer.key("plugins").begin_object();
    list("blockchain", "blockchain0", call.facts->ledger.plugin_type);
    list("database", "database0", "sqlite3");
    list("dataExchange", "dataexchange0", "lockstep");
    writer.key("events").begin_array().begin_object().field("pluginType", "websockets").end_object();
    writer.begin_object().field("pluginType", "system").end_object().end_array();
    list("identity", "", "");
    list("sharedStorage", "sharedstorage0", "lockstep");
    list("tokens", "", "");
    writer.end_object();
}

void write_contract(json::Writer& writer, const Call& call) {
    writer.key("index")
        .number(0)
        .key("location")
        .begin_object()
        .field("address", call.facts->ledger.contract)
        .end_object();
    writer.field("firstEvent", "0").key("info").begin_object().key("version").number(2).end_object();
}

Task<Result<Answer>> get_status(const Call& call) {
    auto const& profile = call.services.profile;
    auto const known = co_await standing(call);
    json::Writer writer;
    writer.begin_object().key("namespace");
    write_namespace(writer, call);
    if (!profile.node_name.empty()) {
        writer.key("node")
            .begin_object()
            .field("name", profile.node_name)
            .key("registered")
            .boolean(known.node.has_value());
        if (known.node) writer.field("id", known.node->id.text());
        writer.end_object();
    }
    if (!profile.org_name.empty()) {
        writer.key("org")
            .begin_object()
            .field("name", profile.org_name)
            .key("registered")
            .boolean(known.org.has_value());
        if (known.org) {
            writer.field("did", known.org->did).field("id", known.org->id.text()).key("verifiers").begin_array();
            for (auto const& verifier : known.org_verifiers) {
                writer.begin_object().field("type", verifier.type).field("value", verifier.value).end_object();
            }
            writer.end_array();
        }
        writer.end_object();
    }
    write_plugins(writer, call);
    writer.key("multiparty")
        .begin_object()
        .key("enabled")
        .boolean(true)
        .key("contract")
        .begin_object()
        .key("active")
        .begin_object();
    write_contract(writer, call);
    writer.end_object().end_object().end_object().end_object();
    co_return Answer{200, writer.take()};
}

void write_registration(json::Writer& writer,
                        std::string_view name,
                        bool registered,
                        const std::optional<Uuid>& pending) {
    writer.key(name).begin_object().field("status", registered ? "registered"
                                                    : pending  ? "registering"
                                                               : "unregistered");
    if (pending) writer.field("pendingRegistrationMessageId", pending->text());
    writer.end_object();
}

Task<Result<Answer>> multiparty(const Call& call) {
    auto const known = co_await standing(call);
    auto const& chain = call.services.follower.status();
    json::Writer writer;
    writer.begin_object().key("enabled").boolean(true);
    write_registration(writer, "org", known.org.has_value(), known.org_pending);
    write_registration(writer, "node", known.node.has_value(), known.node_pending);
    writer.key("contracts").begin_object().key("active").begin_object();
    write_contract(writer, call);
    writer.field("status", chain.head < 0 ? "unknown" : chain.block < chain.head ? "syncing" : "synced");
    writer.end_object().end_object().end_object();
    co_return Answer{200, writer.take()};
}

// A mean with as many digits as it needs, as Go prints a float.
std::string mean(std::uint64_t sum, std::uint64_t count) {
    if (count == 0) return "0";
    auto text = std::to_string(sum / count);
    if (auto const hundredths = sum % count * 100 / count; hundredths > 0) {
        text += '.' + std::to_string(hundredths / 10);
        if (hundredths % 10 > 0) text += std::to_string(hundredths % 10);
    }
    return text;
}

Task<Result<Answer>> batch_manager(const Call& call) {
    json::Writer writer;
    writer.begin_object().key("processors").begin_array();
    for (auto const& processor : call.services.batcher.status()) {
        writer.begin_object()
            .field("dispatcher", "pinned_broadcast")
            .field("name", processor.name)
            .key("status")
            .begin_object();
        if (processor.last_flush) writer.field("lastFlushStartTime", processor.last_flush->text());
        writer.key("cancelled").boolean(false).key("blocked").boolean(false);
        writer.field_if("lastFlushError", processor.last_error);
        if (processor.last_error_time) writer.field("lastFlushErrorTime", processor.last_error_time->text());
        writer.key("averageBatchBytes").raw(mean(processor.bytes, processor.batches));
        writer.key("averageBatchMessages").raw(mean(processor.messages, processor.batches));
        writer.key("averageBatchData").raw(mean(processor.data, processor.batches));
        auto const flush_ms = static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::milliseconds>(processor.flush_time).count());
        writer.key("averageFlushTimeMS").raw(mean(flush_ms, processor.batches));
        writer.key("totalBatches")
            .unsigned_number(processor.batches)
            .key("totalErrors")
            .unsigned_number(processor.errors);
        writer.end_object().end_object();
    }
    writer.end_array().end_object();
    co_return Answer{200, writer.take()};
}

Task<Result<Answer>> list_namespaces(const Call& call) {
    json::Writer writer;
    writer.begin_array();
    write_namespace(writer, call);
    writer.end_array();
    co_return Answer{200, writer.take()};
}

Task<Result<Answer>> get_namespace(const Call& call) {
    auto const& name = call.parameter("ns");
    if (name != call.facts->namespace_name) co_return refuse(errors::unknown_namespace, {{"namespace", name}});
    json::Writer writer;
    write_namespace(writer, call);
    co_return Answer{200, writer.take()};
}

Task<Result<Answer>> websockets(const Call& call) { co_return Answer{200, call.services.delivery.connections_json()}; }

}  // namespace

Routes status_routes() {
    return join({
        under("Status",
              {
                  route("GET", "status", "Tells who this member is and what it is made of", get_status)
                      .gives("NamespaceStatus"),
                  route("GET", "status/multiparty", "Tells how far registration and the ledger are", multiparty)
                      .gives("MultipartyStatus"),
                  route("GET", "status/batchmanager", "Tells what the batching of each author does", batch_manager)
                      .gives("BatchManagerStatus"),
              }),
        under("Global",
              {
                  route("GET", "namespaces", "Lists the namespaces", list_namespaces)
                      .gives("[Namespace]")
                      .with({{"includeinitializing", "Also those that are not ready"}})
                      .everywhere(),
                  route("GET", "namespaces/{ns}", "Gets a namespace", get_namespace).gives("Namespace").everywhere(),
                  route("GET", "websockets", "Lists the open WebSocket connections and what they started", websockets)
                      .gives("WebSocketStatus")
                      .everywhere(),
              }),
    });
}

}  // namespace lockstep::api
