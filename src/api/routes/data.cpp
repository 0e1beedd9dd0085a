// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/errors.hpp"
#include "api/list.hpp"
#include "core/errors.hpp"
#include "delivery/errors.hpp"
#include "messaging/input.hpp"
#include "messaging/rows.hpp"

namespace lockstep::api {

namespace {

Task<Result<Answer>> store_value(const Call& call) {
    CO_TRY(auto input, messaging::parse_data_input(call.body));
    if (!input.value) co_return refuse(errors::data_is_empty);
    auto const data = co_await call.services.sender.store_data(std::move(input));
    if (!data) co_return data.error();
    co_return Answer{201, messaging::data_json(*data, call.facts->namespace_name)};
}

void print_data(std::string& out, store::Session&, const Facts& facts, const store::Statement& row) {
    out = messaging::data_json(messaging::data_row(row), facts.namespace_name);
}

Task<Result<Answer>> list_data(const Call& call) { return list(call, data_table(), print_data); }

Task<Result<Answer>> get_data(const Call& call) {
    CO_TRY(auto const id, call.uuid("dataid"));
    auto look = [facts = call.facts, id](store::Snapshot& snapshot) -> std::optional<std::string> {
        auto const data = messaging::find_data(snapshot, facts->ns, id);
        if (!data) return std::nullopt;
        return messaging::data_json(*data, facts->namespace_name);
    };
    co_return co_await read_one(call, std::move(look));
}

Task<Result<Answer>> value(const Call& call) {
    CO_TRY(auto const id, call.uuid("dataid"));
    auto look = [facts = call.facts, id](store::Snapshot& snapshot) -> std::optional<std::string> {
        auto const data = messaging::find_data(snapshot, facts->ns, id);
        if (!data) return std::nullopt;
        return data->value;
    };
    co_return co_await read_one(call, std::move(look));
}

// There are no blobs yet; a download of none is answered as the original does.
Task<Result<Answer>> blob(const Call& call) {
    CO_TRY(auto const id, call.uuid("dataid"));
    static_cast<void>(id);
    co_return refuse(errors::no_result);
}

void print_its_message(std::string& out, store::Session&, const Facts& facts, const store::Statement& row) {
    out = messaging::message_json(messaging::message_row(row), facts.namespace_name);
}

Task<Result<Answer>> messages_with_data(const Call& call) {
    CO_TRY(auto const id, call.uuid("dataid"));
    Restriction restriction{
        " AND seq IN (SELECT message FROM data WHERE ns = ?1 AND id = ?2"
        " UNION SELECT message FROM message_data WHERE ns = ?1 AND data = ?2)",
        {id}};
    co_return co_await list(call, messages_table(), print_its_message, std::move(restriction));
}

enum class Removal { done, unknown, in_use };

// What a message carries belongs to its batch, whose document has to be shown to members that ask for it
// late; so it stays. Only what was stored by itself, and no message has taken up, can go.
Removal remove_data(store::Transaction& tx, NamespaceId ns, const Uuid& id) {
    std::int64_t carrier = 0;
    {
        auto rows = tx.query("SELECT message FROM data WHERE ns = ?1 AND id = ?2", ns, id);
        auto const* row = rows.first();
        if (!row) return Removal::unknown;
        carrier = row->integer(0);
    }
    auto users = tx.query("SELECT 1 FROM message_data WHERE ns = ?1 AND data = ?2 LIMIT 1", ns, id);
    if (carrier > 0 || users.first()) return Removal::in_use;
    tx.run("DELETE FROM data WHERE ns = ?1 AND id = ?2", ns, id);
    return Removal::done;
}

Task<Result<Answer>> remove_data(const Call& call) {
    CO_TRY(auto const id, call.uuid("dataid"));
    auto erase = [ns = call.facts->ns, id](store::Transaction& tx) { return remove_data(tx, ns, id); };
    auto const removal = co_await call.services.database.write(std::move(erase));
    auto const text = id.text();
    if (removal == Removal::unknown) co_return refuse(errors::object_not_found);
    if (removal == Removal::in_use) co_return refuse(errors::data_in_use, {{"id", text}});
    co_return Answer{204, ""};
}

// Directories of blobs, of which there are none.
Task<Result<Answer>> subpaths(const Call&) { co_return Answer{200, "[]"}; }

}  // namespace

Routes data_routes() {
    return under(
        "Data",
        {
            route("POST", "data", "Stores a JSON value, to be named in messages later", store_value)
                .takes("DataInput")
                .gives("Data", {201})
                .takes_blobs(),
            route("GET", "data", "Looks for data", list_data).lists("Data", data_fields),
            route("GET", "data/{dataid}", "Gets a data item", get_data).gives("Data"),
            route("DELETE", "data/{dataid}", "Deletes a data item that no message has", remove_data).gives_nothing(),
            route("GET", "data/{dataid}/value", "Gets the JSON value of a data item", value).gives("Any"),
            route("GET", "data/{dataid}/blob", "Gets the blob of a data item (not there yet)", blob).gives("Any"),
            route("GET", "data/{dataid}/messages", "Looks for the messages that have a data item", messages_with_data)
                .lists("Message", message_fields),
            route("GET", "datasubpaths/{parent}", "Lists directories of blobs (none yet)", subpaths).gives("Names"),
        });
}

}  // namespace lockstep::api
