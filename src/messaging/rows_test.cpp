// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Messages, data and batches as rows and as JSON (firefly-core.md 18.1 to 18.3).
#include "messaging/rows.hpp"

#include "messaging/test_world.hpp"

namespace lockstep::messaging {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Uuid message_id = *Uuid::parse("019b77a0-0000-7abc-8000-000000000001");
const Uuid data_id = *Uuid::parse("019b77a0-0000-7abc-8000-000000000002");
const Uuid batch_id = *Uuid::parse("019b77a0-0000-7abc-8000-000000000003");
const Uuid tx_id = *Uuid::parse("019b77a0-0000-7abc-8000-000000000004");
constexpr Time new_year{1'767'225'600'000'000'000};

Data some_data(const std::string& value = R"({"a":1})") {
    Data data;
    data.id = data_id;
    data.created = new_year;
    data.value = value;
    data.hash = *data_hash(value, std::nullopt);
    return data;
}

MessageRow some_message() {
    MessageRow row;
    auto& header = row.message.header;
    header.id = message_id;
    header.author = "did:firefly:org/acme";
    header.key = "0xa0";
    header.created = new_year;
    header.namespace_ = "network";
    header.topics = {"b", "a"};
    row.message.data = {{data_id, some_data().hash}};
    seal(row.message);
    return row;
}

class RowsTest : public testing::Test {
  protected:
    template <class... Args>
    void store(const Args&... args) {
        member_.write([&](store::Transaction& tx) { insert(tx, test_ns, args...); });
    }
    MessageRow message() { return member_.find(message_id).value(); }

    Member member_{1, {}, false};
};

using MessageRows = RowsTest;
using DataRows = RowsTest;
using BatchRows = RowsTest;

TEST_F(MessageRows, ComeBackAsTheyWereStored) {
    auto row = some_message();
    auto& header = row.message.header;
    header.type = MessageType::private_;
    header.txtype = TxType::unpinned;
    header.cid = data_id;
    header.group = some_data().hash;
    header.tag = "tag";
    header.txparent = TxRef{TxType::token_transfer, tx_id};
    row.message.pins = {"pin:1", "pin:2"};
    row.message.data.push_back({batch_id, header.datahash});
    row.state = MessageState::rejected;
    row.confirmed = Time{5};
    row.reject_reason = "no";
    row.batch = batch_id;
    row.tx = tx_id;
    row.idempotency_key = "k";
    store(row);
    member_.restart();

    auto const found = message();

    EXPECT_EQ(header_json(found.message.header), header_json(header));
    EXPECT_EQ(found.message.hash, row.message.hash);
    EXPECT_EQ(found.message.data, row.message.data);
    EXPECT_EQ(found.message.pins, row.message.pins);
    EXPECT_EQ(found.state, MessageState::rejected);
    EXPECT_EQ(found.confirmed, Time{5});
    EXPECT_EQ(found.reject_reason, "no");
    EXPECT_EQ(found.batch, row.batch);
    EXPECT_EQ(found.tx, row.tx);
    EXPECT_EQ(found.idempotency_key, "k");
    EXPECT_TRUE(member_.read([&](store::Snapshot& s) { return load_message(s, test_ns, found.seq); }));
    EXPECT_TRUE(member_.read([&](store::Snapshot& s) { return find_message_by_key(s, test_ns, "k"); }));
    EXPECT_FALSE(member_.read([&](store::Snapshot& s) { return find_message_by_key(s, NamespaceId{2}, "k"); }));
    EXPECT_FALSE(member_.read([&](store::Snapshot& s) { return find_message(s, NamespaceId{2}, message_id); }));
}

TEST_F(MessageRows, AreNeverThereTwice) {
    auto row = some_message();
    row.idempotency_key = "k";
    store(row);
    EXPECT_THROW(store(row), store::Conflict);

    auto other = row;
    other.message.header.id = tx_id;
    seal(other.message);
    EXPECT_THROW(store(other), store::Conflict) << "the key";
    other.idempotency_key = "";
    store(other);
    EXPECT_EQ(member_.count("messages"), 2);
}

// Others may give one id to two messages; both are kept, and told apart by their hashes.
TEST_F(MessageRows, OfOneIdAndTwoHashesAreTwo) {
    auto const first = some_message();
    auto second = first;
    second.message.header.tag = "another";
    seal(second.message);
    store(first);
    store(second);

    EXPECT_EQ(message().message.hash, first.message.hash) << "by id alone the first that came";
    auto const found =
        member_.read([&](store::Snapshot& s) { return find_message(s, test_ns, message_id, second.message.hash); });
    EXPECT_EQ(found->message.header.tag, "another");
}

TEST_F(MessageRows, GoFromReadyToSentAndAreSettled) {
    auto row = some_message();
    store(row);
    auto const seq = message().seq;
    member_.write([&](store::Transaction& tx) { mark_sent(tx, test_ns, seq, batch_id, tx_id); });
    EXPECT_EQ(message().state, MessageState::sent);
    EXPECT_EQ(message().batch, batch_id);
    EXPECT_EQ(message().tx, tx_id);
    EXPECT_TRUE(message().confirmed.is_zero());

    member_.write([&](store::Transaction& tx) {
        settle(tx, test_ns, seq, MessageState::rejected, new_year, "FF10407: taken");
        mark_sent(tx, test_ns, seq, tx_id, batch_id);  // too late
    });

    EXPECT_EQ(message().state, MessageState::rejected);
    EXPECT_EQ(message().confirmed, new_year);
    EXPECT_EQ(message().reject_reason, "FF10407: taken");
    EXPECT_EQ(message().batch, batch_id);
}

TEST_F(MessageRows, ThatAreUnsettledComeFirstInTheOrderOfListings) {
    std::vector<Uuid> ids;
    for (std::int64_t confirmed : {3, 0, 5, 0}) {
        auto row = some_message();
        row.message.header.id = member_.ids().next();
        row.message.header.created = Time{new_year.ns + std::ssize(ids)};
        row.confirmed = Time{confirmed};
        ids.push_back(row.message.header.id);
        store(row);
    }

    auto const listed = member_.read([&](store::Snapshot& snapshot) {
        std::vector<Uuid> out;
        for (auto& row : snapshot.query("SELECT id FROM messages ORDER BY confirmed DESC, created DESC"))
            out.push_back(row.uuid(0));
        return out;
    });
    EXPECT_THAT(listed, ElementsAre(ids[3], ids[1], ids[2], ids[0]));
}

TEST_F(DataRows, ComeBackAsTheyWereStored) {
    auto data = some_data("\"\u20ac\\u0000\"");
    data.validator = "none";
    data.datatype = {"n", "v"};
    data.blob = BlobRef{some_message().message.hash, 17, "name", "/path", "public"};
    store(data, std::int64_t{0});

    auto const found = member_.read([&](store::Snapshot& s) { return find_data(s, test_ns, data_id); });

    ASSERT_TRUE(found);
    EXPECT_EQ(found->value, data.value);
    EXPECT_EQ(found->validator, "none");
    EXPECT_EQ(found->hash, data.hash);
    EXPECT_EQ(found->created, new_year);
    EXPECT_EQ(found->datatype.name + "/" + found->datatype.version, "n/v");
    ASSERT_TRUE(found->blob);
    EXPECT_EQ(found->blob->hash, data.blob->hash);
    EXPECT_EQ(found->blob->size, 17);
    EXPECT_EQ(found->blob->name + found->blob->path + found->blob->public_ref, "name/pathpublic");
}

TEST_F(DataRows, AreStoredOnceHoweverOftenTheyCome) {
    auto const first = some_message();
    auto second = some_message();
    second.message.header.id = tx_id;
    seal(second.message);
    store(first);
    store(second);
    for (std::int64_t seq : {1, 2, 1}) store(some_data(), seq);

    EXPECT_EQ(member_.count("data"), 1);
    auto const users = member_.read([&](store::Snapshot& s) { return messages_of_data(s, test_ns, data_id, 10); });
    ASSERT_THAT(users, SizeIs(2));
    EXPECT_EQ(users[0].message.header.id, tx_id) << "the newest first";
    EXPECT_THAT(member_.read([&](store::Snapshot& s) { return messages_of_data(s, test_ns, data_id, 1); }), SizeIs(1));
    EXPECT_THAT(member_.read([&](store::Snapshot& s) { return messages_of_data(s, test_ns, tx_id, 1); }), IsEmpty());
}

TEST_F(DataRows, OfOneIdAndTwoHashesAreTwo) {
    auto const other = some_data("2");
    store(some_data(), std::int64_t{0});
    store(other, std::int64_t{0});

    auto const found = member_.read([&](store::Snapshot& s) {
        return find_data(s, test_ns, DataRef{data_id, other.hash});
    });
    EXPECT_EQ(found->value, "2");
    EXPECT_EQ(member_.read([&](store::Snapshot& s) { return find_data(s, test_ns, data_id); })->value, R"({"a":1})");
}

BatchRow some_batch() {
    BatchRow row;
    row.batch.id = batch_id;
    row.batch.namespace_ = "network";
    row.batch.created = new_year;
    row.batch.author = "did:firefly:org/acme";
    row.batch.key = "0xa0";
    row.batch.node = tx_id;
    row.batch.tx = {TxType::batch_pin, tx_id};
    row.batch.hash = some_data().hash;
    row.payload = some_message().message.hash;
    row.message_ids = {message_id};
    return row;
}

TEST_F(BatchRows, ComeBackAndAreConfirmedOnce) {
    auto const row = some_batch();
    store(row);
    auto const found = [&] {
        return *member_.read([&](store::Snapshot& s) { return find_batch(s, test_ns, batch_id); });
    };
    EXPECT_EQ(found().batch.hash, row.batch.hash);
    EXPECT_EQ(found().batch.node, row.batch.node);
    EXPECT_EQ(found().batch.group, std::nullopt);
    EXPECT_EQ(found().payload, row.payload);
    EXPECT_EQ(found().message_ids, row.message_ids);
    EXPECT_TRUE(found().confirmed.is_zero());

    member_.write([](store::Transaction& tx) { confirm_batch(tx, test_ns, batch_id, new_year); });

    EXPECT_EQ(found().confirmed, new_year);
    EXPECT_THROW(store(row), store::Conflict);
}

TEST_F(BatchRows, AreWholeOnlyWithAllMessagesAndData) {
    store(some_batch());
    auto const load = [&] {
        return member_.read([&](store::Snapshot& s) { return load_batch(s, test_ns, some_batch()); });
    };
    EXPECT_FALSE(load());
    store(some_message());
    EXPECT_FALSE(load());
    store(some_data("of another hash"), std::int64_t{1});
    EXPECT_FALSE(load());
    store(some_data(), std::int64_t{1});

    auto const batch = load();
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->messages.at(0).header.id, message_id);
    EXPECT_EQ(batch->data.at(0).value, R"({"a":1})");
}

// ---- JSON ----

TEST_F(MessageRows, AreShownWithReferencesOrWithData) {
    auto row = some_message();
    store(row);
    store(some_data(), std::int64_t{1});
    auto const& message = row.message;
    auto const hash = some_data().hash.text();
    auto const head = R"({"header":)" + header_json(message.header) + R"(,"localNamespace":"default","hash":")" +
                      message.hash.text() + "\"";
    auto const reference = R"("data":[{"id":"019b77a0-0000-7abc-8000-000000000002","hash":")" + hash + "\"";

    EXPECT_EQ(message_json(row, "default"), head + R"(,"state":"ready",)" + reference + "}]}");
    EXPECT_EQ(member_.read([&](store::Snapshot& s) { return message_json_with_data(s, test_ns, row, "default"); }),
              head + R"(,"state":"ready",)" + reference + R"(,"validator":"json","value":{"a":1}}]})");

    row.batch = batch_id;
    row.tx = tx_id;
    row.state = MessageState::rejected;
    row.confirmed = new_year;
    row.reject_reason = "no";
    row.message.pins = {"p"};
    row.idempotency_key = "k";
    EXPECT_EQ(message_json(row, "default"), head +
                                                R"(,"batch":"019b77a0-0000-7abc-8000-000000000003",)"
                                                R"("txid":"019b77a0-0000-7abc-8000-000000000004","state":"rejected",)"
                                                R"("confirmed":"2026-01-01T00:00:00Z","rejectReason":"no",)" +
                                                reference + R"(}],"pins":["p"],"idempotencyKey":"k"})");
}

TEST_F(DataRows, AreShownWithTheirValueInItsText) {
    auto data = some_data(R"({"b":1.50,"a":[]})");
    auto const head =
        R"({"id":"019b77a0-0000-7abc-8000-000000000002","validator":"json","namespace":"default","hash":")" +
        data.hash.text() + R"(","created":"2026-01-01T00:00:00Z",)";
    EXPECT_EQ(data_json(data, "default"), head + R"("value":{"b":1.50,"a":[]}})");

    data.datatype = {"n", "v"};
    EXPECT_EQ(data_json(data, "default"), head + R"("datatype":{"name":"n","version":"v"},"value":{"b":1.50,"a":[]}})");
}

TEST_F(BatchRows, AreShownWithTheirManifestBuiltAgain) {
    auto row = some_batch();
    auto const shown = [&] {
        return member_.read([&](store::Snapshot& s) { return batch_json(s, test_ns, row, "default"); });
    };
    auto const head = R"({"id":"019b77a0-0000-7abc-8000-000000000003","type":"broadcast","namespace":"default",)"
                      R"("node":"019b77a0-0000-7abc-8000-000000000004","created":"2026-01-01T00:00:00Z",)"
                      R"("author":"did:firefly:org/acme","key":"0xa0","hash":")" +
                      row.batch.hash.text() + R"(","manifest":)";
    std::string const tx = R"(,"tx":{"type":"batch_pin","id":"019b77a0-0000-7abc-8000-000000000004"},"confirmed":)";
    EXPECT_EQ(shown(), head + "null" + tx + "null}");

    store(some_message());
    store(some_data(), std::int64_t{1});
    row.confirmed = new_year;
    auto const whole = member_.read([&](store::Snapshot& s) { return load_batch(s, test_ns, row); });
    EXPECT_EQ(shown(), head + manifest_json(*whole) + tx + "\"2026-01-01T00:00:00Z\"}");
}

TEST_F(MessageRows, AreNotReadAsSomethingElseWhenTheyAreDamaged) {
    store(some_message());
    for (auto const* damage : {"type = 'letter'", "txtype = ''", "state = 'lost'", "data = x'00'", "hash = x'0102'",
                               "txparent_type = 'x'"}) {
        auto const undo = message();
        member_.write([&](store::Transaction& tx) { tx.run("UPDATE messages SET " + std::string(damage)); });
        EXPECT_THROW(message(), store::DamagedRow) << damage;
        member_.write([&](store::Transaction& tx) {
            tx.run("DELETE FROM messages");
            insert(tx, test_ns, undo);
        });
    }
}

}  // namespace
}  // namespace lockstep::messaging
