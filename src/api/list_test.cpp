// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/list.hpp"

#include <gtest/gtest.h>

#include "api/test_world.hpp"
#include "api/transaction_status.hpp"

namespace lockstep::api {
namespace {

std::string plan_of(TestWorld& world, const Table& table, std::string_view query, Restriction restriction = {}) {
    auto const parsed = filter::parse_filter(query, table.fields);
    EXPECT_TRUE(parsed) << query;
    auto look = [&](store::Snapshot& snapshot) {
        std::vector<filter::Value> values;
        auto const sql = page_sql(table, *parsed, restriction, values);
        std::string plan;
        for (auto& row : snapshot.query("EXPLAIN QUERY PLAN " + sql)) plan += row.string(3) + "; ";
        return plan;
    };
    return world.read(std::move(look));
}

TEST(List, pages_of_every_collection_are_read_without_sorting_the_whole_of_it) {
    TestWorld world;
    for (auto const* table :
         {&messages_table(), &batches_table(), &transactions_table(), &data_table(), &operations_table(),
          &subscriptions_table(), &identities_table(), &verifiers_table(), &chain_events_table()}) {
        auto const plan = plan_of(world, *table, "limit=25");
        EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << table->name << ": " << plan;
    }
    EXPECT_NE(plan_of(world, messages_table(), "").find("messages_confirmed"), std::string::npos);
    EXPECT_NE(plan_of(world, messages_table(), "tag=x").find("messages_confirmed"), std::string::npos);
    EXPECT_EQ(plan_of(world, messages_table(), "sort=-sequence").find("TEMP B-TREE"), std::string::npos);
}

TEST(List, rows_that_an_index_finds_are_found_by_it) {
    TestWorld world;
    auto const id = world.new_id().text(), other = world.new_id().text();

    for (auto const& query : {"id=" + id, "id=" + id + "&id=" + other, "id=" + id + "&tag=x"})
        EXPECT_NE(plan_of(world, messages_table(), query).find("(ns=? AND id=?)"), std::string::npos)
            << plan_of(world, messages_table(), query);
    EXPECT_NE(plan_of(world, operations_table(), "tx=" + id).find("operations_tx (ns=? AND tx=?)"), std::string::npos)
        << plan_of(world, operations_table(), "tx=" + id);
    EXPECT_NE(
        plan_of(world, chain_events_table(), "", {" AND tx = ?2", {Uuid{}}}).find("chain_events_tx (ns=? AND tx=?)"),
        std::string::npos);
}

TEST(List, the_text_of_a_query_does_not_depend_on_its_values) {
    std::vector<filter::Value> values;
    auto const sql = [&](std::string_view query) {
        return page_sql(messages_table(), filter::parse_filter(query, message_fields).value(), {}, values);
    };

    EXPECT_EQ(sql("limit=25"), sql("limit=10"));
    EXPECT_EQ(sql("tag=a&limit=25"), sql("limit=3&tag=b"));
    EXPECT_EQ(sql("tag=@a"), sql("tag=@%27;DROP"));
}

TEST(List, every_field_of_every_collection_can_be_filtered_and_sorted_by) {
    TestWorld world;
    auto const value_of = [](const filter::Field& field) -> std::string {
        switch (field.kind) {
            case filter::Kind::uuid: return "00000000-0000-4000-8000-000000000000";
            case filter::Kind::hash: return std::string(64, '0');
            case filter::Kind::boolean: return "true";
            default: return "1";
        }
    };
    world.broadcast("t");
    world.append({"t"});
    for (auto const& route : all_routes()) {
        if (route.method != "GET" || route.fields.empty() || route.path.find('{') != std::string_view::npos) continue;
        for (auto const& field : route.fields) {
            auto const target = std::string(route.path) + "?" + std::string(field.name) + "=";
            EXPECT_EQ(world.get(target + value_of(field)).status, 200) << target;
            EXPECT_EQ(world.get(target + "!" + value_of(field) + "&count&sort=" + std::string(field.name)).status, 200)
                << target;
            EXPECT_EQ(world.get(target + "?&sort=-" + std::string(field.name)).status, 200) << target;
            EXPECT_EQ(world.get(target + ">" + value_of(field)).status, 200) << target;
            if (field.kind != filter::Kind::text) continue;
            for (auto const op : {"@x", "!@x", ":x", "^x", "$x", "!:$x", "@", "!@", "^", "$"})
                EXPECT_EQ(world.get(target + op).status, 200) << target << op;
        }
    }
}

TEST(TransactionStatus, is_pending_until_the_ledger_shows_the_pin_and_failed_when_an_operation_is) {
    TestWorld world;
    operations::TransactionRow transaction;
    transaction.id = world.new_id();
    transaction.created = world.clock().now();
    operations::OperationRow operation;
    operation.id = world.new_id();
    operation.tx = transaction.id;
    operation.status = operations::OperationStatus::Succeeded;
    operation.plugin = "ethereum";
    operation.created = operation.updated = world.clock().now();
    auto closure = [=](store::Transaction& tx) {
        operations::insert(tx, TestWorld::ns, transaction);
        operations::insert(tx, TestWorld::ns, operation);
    };
    world.write(std::move(closure));
    auto const target = "transactions/" + transaction.id.text();

    Shown const pending(world.get(target + "/status"));
    EXPECT_EQ(pending["status"].as_string(), "Pending");
    EXPECT_EQ(pending["details"].elements().size(), 3U);
    EXPECT_EQ(pending["details"].elements().at(0)["type"].as_string(), "BlockchainEvent");
    EXPECT_EQ(pending["details"].elements().at(2)["subtype"].as_string(), "blockchain_pin_batch");

    auto fail = [id = transaction.id, now = world.clock().now()](store::Transaction& tx) {
        operations::update(tx, TestWorld::ns, id, operations::OperationType::blockchain_pin_batch,
                           operations::OperationStatus::Failed, "", "no funds", now);
    };
    world.write(std::move(fail));
    Shown const failed(world.get(target + "/status"));
    EXPECT_EQ(failed["status"].as_string(), "Failed");
    EXPECT_EQ(failed["details"].elements().at(2)["error"].as_string(), "no funds");

    EXPECT_EQ(Shown(world.get(target + "/operations")).elements().size(), 1U);
    EXPECT_EQ(world.get(target + "/blockchainevents").body, "[]\n");
    EXPECT_EQ(Shown(world.get("operations/" + operation.id.text()))["error"].as_string(), "no funds");
    EXPECT_EQ(code_of(world.get("transactions/" + world.new_id().text() + "/status")), "FF00164");
}

}  // namespace
}  // namespace lockstep::api
