// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/subscription.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "core/names.hpp"
#include "delivery/errors.hpp"
#include "delivery/signature.hpp"

namespace lockstep::delivery {

namespace {

constexpr std::int64_t read_ahead_max = 65'535;
constexpr std::size_t read_ahead_of_batches = 50;
constexpr Duration batch_timeout_max = 24h;

Error wrong_option_kind(std::string_view what, std::string_view wanted) {
    return refuse(errors::bad_subscription, {{"reason", std::string(what) + " is no " + std::string(wanted)}});
}

// One option of a known name; null counts as absent.
Result<std::optional<std::string>> text_option(json::Value options, std::string_view name) {
    auto const value = options[name];
    if (value.is_null()) return std::optional<std::string>{};
    auto text = value.as_string();
    if (!text) return wrong_option_kind("options." + std::string(name), "text");
    return text;
}

Result<std::optional<bool>> flag_option(json::Value options, std::string_view name) {
    auto const value = options[name];
    if (value.is_null()) return std::optional<bool>{};
    auto const flag = value.as_bool();
    if (!flag) return wrong_option_kind("options." + std::string(name), "boolean");
    return flag;
}

Result<FirstEvent> parse_first_event(std::string_view text) {
    if (text == "newest") return FirstEvent{};
    if (text == "oldest") return FirstEvent{false, Offset{-1}};
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        return refuse(errors::bad_first_event, {{"value", text}});
    if (number < -1) return refuse(errors::first_event_too_low);
    return FirstEvent{false, Offset{number}};
}

// What every transport has.
struct CoreOptions {
    FirstEvent first_event;
    DispatchOptions dispatch;
    std::optional<bool> with_data;
};

Result<CoreOptions> parse_core(json::Value options) {
    CoreOptions out;
    TRY(auto const first_event, text_option(options, "firstEvent"));
    if (first_event) {
        TRY(out.first_event, parse_first_event(*first_event));
    }
    TRY(out.with_data, flag_option(options, "withData"));
    TRY(auto const batch, flag_option(options, "batch"));
    out.dispatch.batch = batch.value_or(false);
    if (out.dispatch.batch) out.dispatch.read_ahead = read_ahead_of_batches;
    if (auto const read_ahead = options["readAhead"]; !read_ahead.is_null()) {
        auto const number = read_ahead.as_int();
        if (!number || *number < 0) return wrong_option_kind("options.readAhead", "number of events");
        out.dispatch.read_ahead = static_cast<std::size_t>(std::min(*number, read_ahead_max));
    }
    TRY(auto const timeout, text_option(options, "batchTimeout"));
    if (timeout) {
        auto const duration = parse_duration(*timeout, 1ms);
        if (!duration) return refuse(errors::bad_duration, {{"value", *timeout}, {"unit", "milliseconds"}});
        out.dispatch.batch_timeout = std::clamp<Duration>(*duration, 0ms, batch_timeout_max);
    }
    return out;
}

// One flat object with sorted keys; of duplicates the last, and no nulls for what we know.
std::string write_sorted(const std::map<std::string, std::string>& members) {
    json::Writer writer;
    writer.begin_object();
    for (auto const& [name, text] : members) writer.key(name).raw(text);
    writer.end_object();
    return writer.take();
}

std::map<std::string, std::string> sorted_members(json::Value object);

// Sorted at every depth, as Go prints its maps; numbers and texts verbatim.
std::string sorted_text(json::Value value) {
    if (value.kind() == json::Kind::object) return write_sorted(sorted_members(value));
    if (value.kind() != json::Kind::array) return std::string(value.text());
    json::Writer writer;
    writer.begin_array();
    for (auto const& element : value.elements()) writer.raw(sorted_text(element));
    writer.end_array();
    return writer.take();
}

std::map<std::string, std::string> sorted_members(json::Value object) {
    std::map<std::string, std::string> members;
    for (auto const& [name, value] : object.members()) members.insert_or_assign(name, sorted_text(value));
    return members;
}

std::string shown_options(json::Value options, bool with_data) {
    auto members = sorted_members(options);
    members.erase("firstEvent");
    members.erase("signingSecrets");
    for (auto const* name : {"batch", "batchTimeout", "readAhead"}) {
        if (auto const found = members.find(name); found != members.end() && found->second == "null")
            members.erase(found);
    }
    members.insert_or_assign("withData", with_data ? "true" : "false");
    return write_sorted(members);
}

Result<void> read_webhook(json::Value options,
                          std::string_view namespace_name,
                          const TlsProfiles& profiles,
                          SubscriptionInput& out) {
    TRY(auto const core, parse_core(options));
    TRY(auto const hook, parse_webhook_options(options));
    if (!hook.tls_profile.empty() && (!profiles || !profiles(hook.tls_profile)))
        return refuse(errors::unknown_tls_profile, {{"namespace", namespace_name}, {"name", hook.tls_profile}});
    if (core.dispatch.batch && core.with_data.value_or(false))
        return refuse(errors::batch_with_data, {{"name", out.name}});
    if (auto const secrets = options["signingSecrets"]; secrets.exists()) {
        TRY(auto const parsed, parse_signing_secrets(secrets));
        out.secrets = parsed.empty() ? std::string() : std::string(secrets.text());
    }
    out.transport = Transport::webhooks;
    out.options = {shown_options(options, hook.with_data), core.first_event, core.dispatch};
    return {};
}

}  // namespace

std::string_view word(Transport transport) { return transport == Transport::webhooks ? "webhooks" : "websockets"; }

Result<OptionsInput> parse_options(json::Value options) {
    if (!options.is_null() && options.kind() != json::Kind::object) return wrong_option_kind("options", "object");
    TRY(auto const core, parse_core(options));
    if (core.with_data.value_or(false)) return refuse(errors::websocket_with_data);
    return OptionsInput{shown_options(options, false), core.first_event, core.dispatch};
}

Result<SubscriptionInput> parse_subscription(json::Value body,
                                             std::string_view namespace_name,
                                             const TlsProfiles& profiles) {
    if (body.kind() != json::Kind::object) return wrong_option_kind("the body", "object");
    auto const [name, transport, filter, options] = body.pick("name", "transport", "filter", "options");
    if (!name.is_null() && name.kind() != json::Kind::string) return wrong_option_kind("name", "text");
    if (!transport.is_null() && transport.kind() != json::Kind::string) return wrong_option_kind("transport", "text");
    if (!options.is_null() && options.kind() != json::Kind::object) return wrong_option_kind("options", "object");

    SubscriptionInput out;
    out.name = name.as_string().value_or("");
    TRY_VOID(check_name_no_uuid(out.name, "name"));
    auto const wanted = transport.as_string().value_or("");
    if (wanted == "system") return refuse(errors::system_transport_is_internal);
    if (wanted == word(Transport::webhooks)) {
        TRY_VOID(read_webhook(options, namespace_name, profiles, out));
    } else {
        if (!wanted.empty() && wanted != word(Transport::websockets))
            return refuse(errors::unknown_transport, {{"transport", wanted}});
        TRY(out.options, parse_options(options));
        out.secrets = "";
    }
    TRY(out.filter, parse_filter(filter));
    return out;
}

std::string with_first_event(std::string_view options, Offset first_event) {
    auto members = sorted_members(json::Value{options});
    members.insert_or_assign("firstEvent", "\"" + std::to_string(first_event.value) + "\"");
    return write_sorted(members);
}

// What was stored has passed parse_options() once.
DispatchOptions SubscriptionRow::dispatch_options() const {
    auto const core = parse_core(json::Value{options});
    return core ? core->dispatch : DispatchOptions{};
}

Offset SubscriptionRow::first_event() const {
    auto const first = parse_first_event(json::Value{options}["firstEvent"].as_string().value_or("oldest"));
    return first ? first->number : Offset{-1};
}

std::string subscription_json(const SubscriptionRow& row,
                              std::string_view namespace_name,
                              std::optional<Offset> position) {
    json::Writer writer;
    writer.reserve(512);
    writer.begin_object().field("id", row.id.text()).field("namespace", namespace_name).field("name", row.name);
    writer.field("transport", word(row.transport)).key("filter").raw(row.filter).key("options").raw(row.options);
    writer.field("created", row.created.text()).key("updated");
    row.updated.is_zero() ? writer.null() : writer.string(row.updated.text());
    if (position) writer.key("status").begin_object().key("currentOffset").number(position->value).end_object();
    writer.end_object();
    return writer.take();
}

// ---- rows ----

store::Migrations schema() {
    return {"delivery",
            {"CREATE TABLE subscriptions (seq INTEGER PRIMARY KEY, ns BIGINT NOT NULL, id BLOB NOT NULL, name TEXT NOT "
             "NULL,"
             " transport TEXT NOT NULL, events TEXT NOT NULL, filters TEXT NOT NULL, options TEXT NOT NULL, created "
             "BIGINT NOT NULL,"
             " updated BIGINT NOT NULL, UNIQUE (ns, id), UNIQUE (ns, name));"
             "CREATE TABLE delivery_offsets (ns BIGINT NOT NULL, subscription BLOB NOT NULL, position BIGINT NOT NULL,"
             " PRIMARY KEY (ns, subscription)) WITHOUT ROWID;",
             "ALTER TABLE subscriptions ADD COLUMN secrets TEXT NOT NULL DEFAULT '';"
             "CREATE TABLE dead_letters (seq INTEGER PRIMARY KEY, ns BIGINT NOT NULL, subscription BLOB NOT NULL,"
             " event BLOB NOT NULL, sequence BIGINT NOT NULL, type TEXT NOT NULL, topic TEXT NOT NULL, reference BLOB "
             "NOT NULL,"
             " attempts BIGINT NOT NULL, status BIGINT NOT NULL, error TEXT NOT NULL, created BIGINT NOT NULL,"
             " updated BIGINT NOT NULL, UNIQUE (ns, subscription, event));"}};
}

const std::string subscription_columns =
    "seq, id, name, transport, events, filters, options, created, updated, secrets";

namespace {

std::optional<Transport> parse_transport(std::string_view text) {
    for (auto const transport : {Transport::websockets, Transport::webhooks}) {
        if (word(transport) == text) return transport;
    }
    return std::nullopt;
}

}  // namespace

SubscriptionRow subscription_row(const store::Statement& row) {
    auto const transport = store::meaning(parse_transport(row.text(3)), "a transport", row.text(3));
    return {row.integer(0), row.uuid(1),   row.string(2), transport,   row.string(4),
            row.string(5),  row.string(6), row.time(7),   row.time(8), row.string(9)};
}

namespace {

template <class Key>
std::optional<SubscriptionRow> find_where(store::Session& session,
                                          const std::string& condition,
                                          NamespaceId ns,
                                          const Key& key) {
    auto rows =
        session.query("SELECT " + subscription_columns + " FROM subscriptions WHERE ns = ?1 AND " + condition, ns, key);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return subscription_row(*row);
}

}  // namespace

std::optional<SubscriptionRow> find_subscription(store::Session& session, NamespaceId ns, const Uuid& id) {
    return find_where(session, "id = ?2", ns, id);
}

std::optional<SubscriptionRow> find_subscription_by_name(store::Session& session,
                                                         NamespaceId ns,
                                                         std::string_view name) {
    return find_where(session, "name = ?2", ns, name);
}

std::vector<SubscriptionRow> list_subscriptions(store::Session& session, NamespaceId ns) {
    static const std::string sql = "SELECT " + subscription_columns + " FROM subscriptions WHERE ns = ?1 ORDER BY seq";
    std::vector<SubscriptionRow> out;
    for (auto& row : session.query(sql, ns)) out.push_back(subscription_row(row));
    return out;
}

std::optional<Offset> find_position(store::Session& session, NamespaceId ns, const Uuid& subscription) {
    auto rows =
        session.query("SELECT position FROM delivery_offsets WHERE ns = ?1 AND subscription = ?2", ns, subscription);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return Offset{row->integer(0)};
}

void insert(store::Transaction& tx, NamespaceId ns, const SubscriptionRow& row) {
    tx.run(
        "INSERT INTO subscriptions (ns, id, name, transport, events, filters, options, created, updated, secrets)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        ns, row.id, row.name, word(row.transport), row.events, row.filter, row.options, row.created, row.updated,
        row.secrets);
    tx.run("INSERT INTO delivery_offsets (ns, subscription, position) VALUES (?1, ?2, ?3)", ns, row.id,
           row.first_event());
}

void update(store::Transaction& tx, NamespaceId ns, const SubscriptionRow& row) {
    tx.run(
        "UPDATE subscriptions SET transport = ?3, events = ?4, filters = ?5, options = ?6, updated = ?7, secrets = ?8 "
        "WHERE ns = ?1 AND id = ?2",
        ns, row.id, word(row.transport), row.events, row.filter, row.options, row.updated, row.secrets);
}

bool erase(store::Transaction& tx, NamespaceId ns, const Uuid& id) {
    tx.run("DELETE FROM delivery_offsets WHERE ns = ?1 AND subscription = ?2", ns, id);
    tx.run("DELETE FROM dead_letters WHERE ns = ?1 AND subscription = ?2", ns, id);
    return tx.run("DELETE FROM subscriptions WHERE ns = ?1 AND id = ?2", ns, id) > 0;
}

void save_position(store::Transaction& tx, NamespaceId ns, const Uuid& subscription, Offset position) {
    tx.run("UPDATE delivery_offsets SET position = ?3 WHERE ns = ?1 AND subscription = ?2 AND position < ?3", ns,
           subscription, position);
}

}  // namespace lockstep::delivery
