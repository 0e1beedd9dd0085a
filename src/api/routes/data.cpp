// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/content.hpp"
#include "api/errors.hpp"
#include "api/list.hpp"
#include "api/routes/blobs.hpp"
#include "core/errors.hpp"
#include "delivery/errors.hpp"
#include "messaging/input.hpp"
#include "messaging/rows.hpp"

namespace lockstep::api {

namespace {

Task<Result<Answer>> store_value(const Call& call) {
    if (is_multipart(call.request.headers.get("Content-Type"))) co_return co_await upload_blob(call);
    CO_TRY(auto input, messaging::parse_data_input(call.body));
    if (!input.value && !input.has_blob) co_return refuse(errors::data_is_empty);
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

}  // namespace

Routes data_routes() {
    return under(
        "Data",
        {
            route("POST", "data", "Stores a JSON value or a blob, to be named in messages later", store_value)
                .takes("DataInput")
                .gives("Data", {201})
                .takes_blobs(),
            route("GET", "data", "Looks for data", list_data).lists("Data", data_fields),
            route("GET", "data/{dataid}", "Gets a data item", get_data).gives("Data"),
            route("DELETE", "data/{dataid}", "Deletes a data item that no message has", delete_data).gives_nothing(),
            route("GET", "data/{dataid}/value", "Gets the JSON value of a data item", value).gives("Any"),
            route("GET", "data/{dataid}/blob", "Gets the blob of a data item", download_blob).gives("Any"),
            route("GET", "data/{dataid}/messages", "Looks for the messages that have a data item", messages_with_data)
                .lists("Message", message_fields),
            route("GET", "datasubpaths/{parent}", "Lists directories of blobs", list_subpaths).gives("Names"),
        });
}

}  // namespace lockstep::api
