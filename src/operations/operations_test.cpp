// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Units of work and their outward calls, as rows and as JSON (firefly-core.md 18.6, 18.7, 19.1).
#include "operations/operations.hpp"

#include "operations/test_world.hpp"

namespace lockstep::operations {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// ---- words ----

TEST(OperationWords, AreThoseOfTheWire) {
    std::vector<std::string> const types{"blockchain_pin_batch",
                                         "blockchain_network_action",
                                         "blockchain_deploy",
                                         "blockchain_invoke",
                                         "sharedstorage_upload_batch",
                                         "sharedstorage_upload_blob",
                                         "sharedstorage_upload_value",
                                         "sharedstorage_download_batch",
                                         "sharedstorage_download_blob",
                                         "dataexchange_send_batch",
                                         "dataexchange_send_blob",
                                         "token_create_pool",
                                         "token_activate_pool",
                                         "token_transfer",
                                         "token_approval"};
    for (std::size_t i = 0; i < types.size(); ++i) EXPECT_EQ(word(static_cast<OperationType>(i)), types[i]);
    EXPECT_EQ(word(OperationType::token_approval), "token_approval") << "the last";

    EXPECT_EQ(word(OperationStatus::Initialized), "Initialized");
    EXPECT_EQ(word(OperationStatus::Pending), "Pending");
    EXPECT_EQ(word(OperationStatus::Succeeded), "Succeeded");
    EXPECT_EQ(word(OperationStatus::Failed), "Failed");
}

// ---- transactions ----

TEST(Transactions, ComeBackAsTheyWereStored) {
    OperationsWorld world;
    auto row = world.a_transaction("key");
    row.type = TxType::contract_invoke_pin;
    row.blockchain_ids = {"0x1", "0x2"};
    world.store(row);
    world.restart();

    auto const found = world.find(row.id);

    ASSERT_TRUE(found);
    EXPECT_GT(found->seq, 0);
    EXPECT_EQ(found->id, row.id);
    EXPECT_EQ(found->type, TxType::contract_invoke_pin);
    EXPECT_EQ(found->created, row.created);
    EXPECT_EQ(found->idempotency_key, "key");
    EXPECT_THAT(found->blockchain_ids, ElementsAre("0x1", "0x2"));
    EXPECT_FALSE(world.find(row.id, NamespaceId{2}));
    EXPECT_FALSE(world.find(world.ids().next()));
}

TEST(Transactions, CollectTheLedgersNamesSortedAndOnce) {
    OperationsWorld world;
    auto const row = world.a_transaction();
    world.store(row);

    for (auto const* id : {"0xb", "0xa", "0xc", "0xa", "0xb"}) world.add_id(row.id, id);

    EXPECT_THAT(world.find(row.id)->blockchain_ids, ElementsAre("0xa", "0xb", "0xc"));
}

TEST(Transactions, OfOthersAreMadeWhenTheLedgerNamesThem) {
    OperationsWorld world;
    auto const id = world.ids().next();
    world.add_id(id, "0xa");
    auto const created = world.clock().now();
    world.pass(1s);
    world.add_id(id, "0xb");

    EXPECT_EQ(world.count("transactions"), 1);
    EXPECT_EQ(world.find(id)->type, TxType::batch_pin);
    EXPECT_EQ(world.find(id)->created, created);
    EXPECT_THAT(world.find(id)->blockchain_ids, ElementsAre("0xa", "0xb"));
    EXPECT_FALSE(world.find(id, NamespaceId{2}));
}

TEST(Transactions, AreNeverThereTwice) {
    OperationsWorld world;
    auto const row = world.a_transaction("key");
    world.store(row);

    EXPECT_THROW(world.store(row), store::Conflict) << "by id";
    EXPECT_THROW(world.store(world.a_transaction("key")), store::Conflict) << "by idempotency key";
    world.store(world.a_transaction("another"));
    world.store(world.a_transaction());
    world.store(world.a_transaction());
    world.store(row, NamespaceId{2});
    EXPECT_EQ(world.count("transactions"), 5);
}

// ---- operations ----

TEST(Operations, ComeBackAsTheyWereStoredAndInThatOrder) {
    OperationsWorld world;
    auto const tx = world.ids().next();
    auto upload = world.an_operation(tx, OperationType::sharedstorage_upload_batch, OperationStatus::Succeeded);
    upload.output = R"({"out":2})";
    upload.error = "none";
    upload.retry = world.ids().next();
    auto const pin = world.an_operation(tx);
    world.store(upload);
    world.store(pin);
    world.store(world.an_operation(world.ids().next()));
    world.restart();

    auto const found = world.of(tx);

    ASSERT_THAT(found, SizeIs(2));
    EXPECT_LT(found[0].seq, found[1].seq);
    EXPECT_EQ(found[0].id, upload.id);
    EXPECT_EQ(found[0].tx, tx);
    EXPECT_EQ(found[0].type, OperationType::sharedstorage_upload_batch);
    EXPECT_EQ(found[0].status, OperationStatus::Succeeded);
    EXPECT_EQ(found[0].plugin, "ethereum");
    EXPECT_EQ(found[0].input, R"({"in":1})");
    EXPECT_EQ(found[0].output, R"({"out":2})");
    EXPECT_EQ(found[0].error, "none");
    EXPECT_EQ(found[0].created, upload.created);
    EXPECT_EQ(found[0].updated, upload.updated);
    EXPECT_EQ(found[0].retry, upload.retry);
    EXPECT_EQ(found[1].id, pin.id);
    EXPECT_EQ(found[1].retry, std::nullopt);
    EXPECT_THAT(world.of(tx, NamespaceId{2}), IsEmpty());
    EXPECT_THROW(world.store(pin), store::Conflict);
}

TEST(Operations, KeepEveryTypeAndStatus) {
    OperationsWorld world;
    auto const tx = world.ids().next();
    for (int type = 0; type < 15; ++type) world.store(world.an_operation(tx, static_cast<OperationType>(type)));
    for (int status = 0; status < 4; ++status)
        world.store(world.an_operation(tx, OperationType::token_approval, static_cast<OperationStatus>(status)));

    auto const found = world.of(tx);

    for (std::size_t i = 0; i < 15; ++i) EXPECT_EQ(found.at(i).type, static_cast<OperationType>(i));
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(found.at(15 + i).status, static_cast<OperationStatus>(i));
}

TEST(Operations, AreUpdatedByTransactionAndType) {
    OperationsWorld world;
    auto const tx = world.ids().next(), other = world.ids().next();
    world.store(world.an_operation(tx, OperationType::sharedstorage_upload_batch));
    world.store(world.an_operation(tx));
    world.store(world.an_operation(other));
    auto const created = world.clock().now();
    world.pass(1s);

    world.set(tx, OperationType::blockchain_pin_batch, OperationStatus::Succeeded, R"({"block":7})");

    EXPECT_EQ(world.of(tx)[0].status, OperationStatus::Pending);
    EXPECT_EQ(world.of(tx)[1].status, OperationStatus::Succeeded);
    EXPECT_EQ(world.of(tx)[1].output, R"({"block":7})");
    EXPECT_EQ(world.of(tx)[1].created, created);
    EXPECT_EQ(world.of(tx)[1].updated, world.clock().now());
    EXPECT_EQ(world.of(other)[0].status, OperationStatus::Pending);
    EXPECT_EQ(world.of(other)[0].updated, created);
}

TEST(Operations, KeepOutputAndErrorUntilAnUpdateBringsOthers) {
    OperationsWorld world;
    auto const tx = world.ids().next();
    auto const type = OperationType::blockchain_pin_batch;
    world.store(world.an_operation(tx));

    world.set(tx, type, OperationStatus::Failed, R"({"n":1})", "no gas");
    world.set(tx, type, OperationStatus::Succeeded);
    EXPECT_EQ(world.of(tx)[0].status, OperationStatus::Succeeded) << "a receipt is the last word";
    EXPECT_EQ(world.of(tx)[0].output, R"({"n":1})");
    EXPECT_EQ(world.of(tx)[0].error, "no gas");

    world.set(tx, type, OperationStatus::Failed, R"({"n":2})", "worse");
    EXPECT_EQ(world.of(tx)[0].output, R"({"n":2})");
    EXPECT_EQ(world.of(tx)[0].error, "worse");
}

TEST(Operations, ThatHaveEndedAreNotPendingAgain) {
    for (auto const ended : {OperationStatus::Succeeded, OperationStatus::Failed}) {
        OperationsWorld world;
        auto const tx = world.ids().next();
        world.store(world.an_operation(tx, OperationType::blockchain_pin_batch, OperationStatus::Initialized));
        world.set(tx, OperationType::blockchain_pin_batch, OperationStatus::Pending);
        EXPECT_EQ(world.of(tx)[0].status, OperationStatus::Pending);
        world.set(tx, OperationType::blockchain_pin_batch, ended);

        world.set(tx, OperationType::blockchain_pin_batch, OperationStatus::Pending, R"({"late":1})");

        EXPECT_EQ(world.of(tx)[0].status, ended);
        EXPECT_EQ(world.of(tx)[0].output, "");
    }
}

TEST(Operations, OfAnotherNamespaceAreNotUpdated) {
    OperationsWorld world;
    auto const tx = world.ids().next();
    world.store(world.an_operation(tx));
    world.store(world.an_operation(tx), NamespaceId{2});

    world.set(tx, OperationType::blockchain_pin_batch, OperationStatus::Failed, "", "no", NamespaceId{2});

    EXPECT_EQ(world.of(tx)[0].status, OperationStatus::Pending);
    EXPECT_EQ(world.of(tx, NamespaceId{2})[0].status, OperationStatus::Failed);
}

// ---- JSON ----

TEST(TransactionJson, OmitsWhatThereIsNot) {
    TransactionRow row;
    row.id = *Uuid::parse("019b77a0-0000-7abc-8000-000000000001");
    row.created = Time{1'767'225'600'000'000'000};
    EXPECT_EQ(transaction_json(row, "default"),
              R"({"id":"019b77a0-0000-7abc-8000-000000000001","namespace":"default","type":"batch_pin",)"
              R"("created":"2026-01-01T00:00:00Z"})");

    row.idempotency_key = "k\"";
    row.blockchain_ids = {"0x1", "0x2"};
    EXPECT_EQ(transaction_json(row, "default"),
              R"({"id":"019b77a0-0000-7abc-8000-000000000001","namespace":"default","type":"batch_pin",)"
              R"("created":"2026-01-01T00:00:00Z","idempotencyKey":"k\"","blockchainIds":["0x1","0x2"]})");
}

TEST(OperationJson, OmitsWhatThereIsNot) {
    OperationRow row;
    row.id = *Uuid::parse("019b77a0-0000-7abc-8000-000000000001");
    row.tx = *Uuid::parse("019b77a0-0000-7abc-8000-000000000002");
    row.plugin = "ethereum";
    row.created = Time{1'767'225'600'000'000'000};
    row.updated = Time{1'767'225'601'000'000'000};
    std::string const head =
        R"({"id":"019b77a0-0000-7abc-8000-000000000001","namespace":"default",)"
        R"("tx":"019b77a0-0000-7abc-8000-000000000002","type":"blockchain_pin_batch","status":"Initialized",)"
        R"("plugin":"ethereum")";
    EXPECT_EQ(operation_json(row, "default"),
              head + R"(,"created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:01Z"})");

    row.input = R"({"a":1})";
    row.output = R"({"b":2})";
    row.error = "no";
    row.retry = Uuid::parse("019b77a0-0000-7abc-8000-000000000003");
    EXPECT_EQ(operation_json(row, "default"),
              head + R"(,"input":{"a":1},"output":{"b":2},"error":"no","created":"2026-01-01T00:00:00Z",)"
                     R"("updated":"2026-01-01T00:00:01Z","retry":"019b77a0-0000-7abc-8000-000000000003"})");
}

}  // namespace
}  // namespace lockstep::operations
