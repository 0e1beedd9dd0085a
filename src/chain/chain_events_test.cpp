// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What contracts emitted, as rows and as JSON (firefly-core.md 6.1, 7.1, 18.10).
#include "chain/chain_events.hpp"

#include "chain/test_world.hpp"
#include "core/json.hpp"

namespace lockstep::chain {
namespace {

constexpr auto ns = flow::test_ns;

Hash filled(std::uint8_t byte) {
    Hash hash;
    hash.bytes.fill(byte);
    return hash;
}

ChainEventRow a_row(std::int64_t block = 7, std::int64_t tx_index = 26, std::int64_t log_index = 3) {
    ChainEventRow row;
    row.id = *Uuid::parse("019b77a0-0000-7abc-8000-000000000001");
    auto& event = row.event;
    event.pin.tx = *Uuid::parse("11111111-1111-7111-8111-111111111111");
    event.pin.batch = *Uuid::parse("22222222-2222-7222-8222-222222222222");
    event.pin.batch_hash = filled(0x33);
    event.pin.payload_ref = "payload";
    event.pin.contexts = {filled(0x44), filled(0x55)};
    event.author = "0xa0a0";
    event.action = "firefly:batch_pin";
    event.tx_hash = filled(0x66);
    event.block = BlockNumber{block};
    event.block_hash = filled(0x77);
    event.tx_index = tx_index;
    event.log_index = log_index;
    event.timestamp = Time{1'767'225'601'500'000'000};
    row.created = Time{1'767'225'602'000'000'000};
    return row;
}

class EventsTest : public testing::Test {
  protected:
    bool insert(ChainEventRow& row, NamespaceId where = ns) {
        return world_.write([&](store::Transaction& tx) { return chain::insert(tx, where, row); });
    }
    template <class Key>
    std::optional<ChainEventRow> find(const Key& key, NamespaceId where = ns) {
        return world_.read([&](store::Snapshot& snapshot) { return find_event(snapshot, where, key); });
    }

    ChainWorld world_;
};

using ChainEvents = EventsTest;

TEST_F(ChainEvents, ComeBackAsTheyWereStored) {
    auto row = a_row();
    ASSERT_TRUE(insert(row));
    EXPECT_GT(row.seq, 0);

    for (auto const& found : {find(row.seq), find(row.id)}) {
        ASSERT_TRUE(found);
        EXPECT_EQ(found->seq, row.seq);
        EXPECT_EQ(found->id, row.id);
        EXPECT_EQ(found->created, row.created);
        auto const& event = found->event;
        EXPECT_EQ(event.pin.tx, row.event.pin.tx);
        EXPECT_EQ(event.pin.batch, row.event.pin.batch);
        EXPECT_EQ(event.pin.batch_hash, row.event.pin.batch_hash);
        EXPECT_EQ(event.pin.payload_ref, row.event.pin.payload_ref);
        EXPECT_EQ(event.pin.contexts, row.event.pin.contexts);
        EXPECT_EQ(event.author, row.event.author);
        EXPECT_EQ(event.action, row.event.action);
        EXPECT_EQ(event.tx_hash, row.event.tx_hash);
        EXPECT_EQ(event.block, row.event.block);
        EXPECT_EQ(event.block_hash, row.event.block_hash);
        EXPECT_EQ(event.tx_index, row.event.tx_index);
        EXPECT_EQ(event.log_index, row.event.log_index);
        EXPECT_EQ(event.timestamp, row.event.timestamp);
    }
    EXPECT_FALSE(find(row.seq + 1));
    EXPECT_FALSE(find(row.event.pin.tx));
}

TEST_F(ChainEvents, MayHaveNoContextsAndNoPayload) {
    auto row = a_row();
    row.event.pin.contexts.clear();
    row.event.pin.payload_ref.clear();
    ASSERT_TRUE(insert(row));

    auto const found = find(row.id);
    EXPECT_TRUE(found->event.pin.contexts.empty());
    EXPECT_EQ(found->event.pin.payload_ref, "");
}

TEST_F(ChainEvents, AreKnownByTheirPlaceOnTheChain) {
    EXPECT_EQ(a_row().event.protocol_id(), "000000000007/000026/000003");
    auto row = a_row();
    ASSERT_TRUE(insert(row));

    auto again = a_row();
    again.id = world_.ids().next();
    again.event.action = "another";
    EXPECT_FALSE(insert(again));
    EXPECT_EQ(world_.count("chain_events"), 1);
    EXPECT_EQ(find(row.id)->event.action, "firefly:batch_pin") << "the first stays";

    for (auto const& place : {a_row(8), a_row(7, 27), a_row(7, 26, 4)}) {
        auto other = place;
        other.id = world_.ids().next();
        EXPECT_TRUE(insert(other));
    }
}

TEST_F(ChainEvents, AreOfTheirNamespaceAlone) {
    auto here = a_row();
    auto there = a_row();
    ASSERT_TRUE(insert(here));
    ASSERT_TRUE(insert(there, NamespaceId{2}));

    EXPECT_FALSE(find(here.seq, NamespaceId{2}));
    EXPECT_EQ(find(here.id)->seq, here.seq);
    EXPECT_EQ(find(here.id, NamespaceId{2})->seq, there.seq);
}

TEST_F(ChainEvents, OfATransactionComeInChainOrder) {
    for (std::int64_t block = 0; block < 4; ++block) {
        auto row = a_row(block);
        row.id = world_.ids().next();
        if (block == 2) row.event.pin.tx = row.id;
        ASSERT_TRUE(insert(row));
    }

    auto const rows = world_.read(
        [](store::Snapshot& snapshot) { return events_of_transaction(snapshot, ns, a_row().event.pin.tx); });

    std::vector<std::int64_t> blocks;
    for (auto const& row : rows) blocks.push_back(row.event.block.value);
    EXPECT_THAT(blocks, testing::ElementsAre(0, 1, 3));
}

TEST_F(ChainEvents, StandForATransactionOfTheTypeThatTheActionSays) {
    auto event = a_row().event;
    EXPECT_EQ(tx_type_of(event), TxType::batch_pin);
    event.action = "firefly:contract_invoke_pin";
    EXPECT_EQ(tx_type_of(event), TxType::contract_invoke_pin);
    event.action = "whatever a contract says";
    EXPECT_EQ(tx_type_of(event), TxType::batch_pin);
}

TEST_F(ChainEvents, AreShownAsTheOriginalShowsThem) {
    ledger::Info const ledger{"ethereum", "ethereum_address", "1337", "0xc0ffee"};
    auto const shown = chain_event_json(a_row(), "default", ledger);

    std::string wanted =
        R"({"id":"019b77a0-0000-7abc-8000-000000000001","source":"ethereum","namespace":"default","name":"BatchPin",)"
        R"("protocolId":"000000000007/000026/000003","output":{"author":"0xa0a0","batchHash":"0x<33>",)"
        R"("contexts":["0x<44>","0x<55>"],"namespace":"firefly:batch_pin","payloadRef":"payload",)"
        R"("timestamp":"1767225601","uuids":"0x1111111111117111811111111111111122222222222272228222222222222222"},)"
        R"("info":{"address":"0xc0ffee","blockHash":"0x<77>","blockNumber":"7","chainId":"1337","logIndex":"3",)"
        R"-("signature":"BatchPin(address,uint256,string,bytes32,bytes32,string,bytes32[])",)-"
        R"("transactionHash":"0x<66>","transactionIndex":"0x1a"},"timestamp":"2026-01-01T00:00:01.5Z",)"
        R"("tx":{"type":"batch_pin","id":"11111111-1111-7111-8111-111111111111","blockchainId":"0x<66>"}})";
    for (std::uint8_t const byte : {0x33, 0x44, 0x55, 0x66, 0x77}) {
        auto const mark = "<" + to_hex(Bytes{byte}) + ">";
        for (auto at = wanted.find(mark); at != std::string::npos; at = wanted.find(mark))
            wanted.replace(at, mark.size(), filled(byte).text());
    }
    EXPECT_EQ(shown, wanted);
}

}  // namespace
}  // namespace lockstep::chain
