// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/enricher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery/test_world.hpp"

namespace lockstep::delivery {
namespace {

const NamespaceId ns{1};

class EnricherTest : public testing::Test {
  protected:
    // Stored by a closure, then enriched: the text behind the event's own members.
    EnrichedEvent enrich(log::EventType type, const Uuid& reference, std::function<void(store::Transaction&)> store) {
        if (store) world.await(world.database().write(std::move(store)));
        log::Event event;
        event.type = type;
        event.reference = reference;
        auto closure = [event](store::Snapshot& snapshot) {
            RowEnricher const enricher(ns, "default", {"ethereum", "ethereum_address", "2021", "0x70"});
            return enricher.enrich(snapshot, {event});
        };
        return world.await(world.database().read(std::move(closure))).at(0);
    }
    static std::string own_members(const EnrichedEvent& enriched) {
        std::string text;
        log::append_event_json(text, enriched.event, "default");
        return text;
    }

    World world;
    Uuid id = *Uuid::parse("21ee0fa1-8e20-4acc-9105-c636cbca6fd9");
};

TEST_F(EnricherTest, AMessageEventCarriesTheMessage) {
    messaging::MessageRow row;
    row.message.header.id = id;
    row.message.header.author = "did:firefly:org/org_0";
    row.message.header.tag = "order";
    row.message.header.topics = {"a", "b"};
    row.message.header.group = Hash{};
    seal(row.message);
    auto const enriched = enrich(log::EventType::message_confirmed, id,
                                 [row](store::Transaction& tx) { messaging::insert(tx, ns, row); });

    EXPECT_EQ(enriched.json, own_members(enriched) + R"(,"message":)" + messaging::message_json(row, "default"));
    EXPECT_EQ(enriched.tag, "order");
    EXPECT_EQ(enriched.author, "did:firefly:org/org_0");
    EXPECT_EQ(enriched.group, Hash{}.text());
    EXPECT_EQ(enriched.transaction_type, "");
}

TEST_F(EnricherTest, ASubmittedTransactionCarriesTheTransaction) {
    operations::TransactionRow row;
    row.id = id;
    row.created = Time{1'000'000'000};
    auto const enriched = enrich(log::EventType::transaction_submitted, id,
                                 [row](store::Transaction& tx) { operations::insert(tx, ns, row); });

    EXPECT_EQ(enriched.json, own_members(enriched) +
                                 R"(,"transaction":{"id":"21ee0fa1-8e20-4acc-9105-c636cbca6fd9","namespace":"default",)"
                                 R"("type":"batch_pin","created":"1970-01-01T00:00:01Z"})");
    EXPECT_EQ(enriched.transaction_type, "batch_pin");
}

TEST_F(EnricherTest, AnOperationEventCarriesTheOperation) {
    operations::OperationRow row;
    row.id = id;
    row.type = operations::OperationType::blockchain_invoke;
    row.status = operations::OperationStatus::Failed;
    row.plugin = "ethereum";
    auto const enriched = enrich(log::EventType::blockchain_invoke_op_failed, id,
                                 [row](store::Transaction& tx) { operations::insert(tx, ns, row); });

    EXPECT_EQ(enriched.json, own_members(enriched) + R"(,"operation":)" + operations::operation_json(row, "default"));
}

TEST_F(EnricherTest, ABlockchainEventCarriesItsNameForFilters) {
    chain::ChainEventRow row;
    row.id = id;
    row.event.action = "firefly:batch_pin";
    auto const enriched = enrich(log::EventType::blockchain_event_received, id, [row](store::Transaction& tx) {
        auto fresh = row;
        chain::insert(tx, ns, fresh);
    });

    EXPECT_TRUE(enriched.json.starts_with(own_members(enriched) + R"(,"blockchainEvent":{"id":")" + id.text() + "\""))
        << enriched.json;
    EXPECT_EQ(enriched.chain_event_name, "BatchPin");
    EXPECT_EQ(enriched.chain_listener, "");
}

TEST_F(EnricherTest, WhatIsNotHereLeavesItsMemberAbsent) {
    for (auto const type : {log::EventType::message_confirmed, log::EventType::transaction_submitted,
                            log::EventType::blockchain_event_received, log::EventType::identity_confirmed,
                            log::EventType::blockchain_invoke_op_succeeded, log::EventType::datatype_confirmed}) {
        auto const enriched = enrich(type, id, {});
        EXPECT_EQ(enriched.json, own_members(enriched));
        EXPECT_TRUE(json::compact(enriched.json + "}"));
    }
}

}  // namespace
}  // namespace lockstep::delivery
