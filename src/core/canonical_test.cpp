// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "core/message.hpp"
#include "core/sha256.hpp"

namespace lockstep {
namespace {

const Uuid id_one = *Uuid::parse("11111111-1111-4111-8111-111111111111");
const Uuid id_two = *Uuid::parse("22222222-2222-4222-8222-222222222222");
const Hash hash_one = *Hash::parse(std::string(64, '1'));
const Hash hash_two = *Hash::parse(std::string(64, '2'));
const std::string ones(64, '1'), twos(64, '2');

TEST(Canonical, header_leaves_out_what_is_empty) {
    EXPECT_EQ(header_json(MessageHeader{}), R"({"type":"broadcast","txtype":"batch_pin"})");
}

TEST(Canonical, header_has_its_members_in_the_order_of_declaration) {
    MessageHeader header;
    header.id = id_one;
    header.cid = id_two;
    header.type = MessageType::private_;
    header.txtype = TxType::unpinned;
    header.author = "did:firefly:org/<a>";
    header.key = "0xabc";
    header.created = Time{1};
    header.namespace_ = "ns1";
    header.group = hash_one;
    header.topics = {"a", "b"};
    header.tag = "t";
    header.datahash = hash_two;
    header.txparent = TxRef{TxType::token_transfer, id_two};

    EXPECT_EQ(
        header_json(header),
        R"({"id":"11111111-1111-4111-8111-111111111111","cid":"22222222-2222-4222-8222-222222222222","type":"private",)"
        R"("txtype":"unpinned","author":"did:firefly:org/\u003ca\u003e","key":"0xabc",)"
        R"("created":"1970-01-01T00:00:00.000000001Z","namespace":"ns1","group":")" +
            ones + R"(","topics":["a","b"],"tag":"t","datahash":")" + twos +
            R"(","txparent":{"type":"token_transfer","id":"22222222-2222-4222-8222-222222222222"}})");

    header = MessageHeader{};
    header.txparent = TxRef{TxType::token_approval, std::nullopt};
    EXPECT_EQ(header_json(header), R"({"type":"broadcast","txtype":"batch_pin","txparent":{"type":"token_approval"}})");
}

TEST(Canonical, data_in_transport_has_a_value_always_and_the_rest_when_there) {
    Data data;
    data.id = id_one;
    data.hash = hash_one;
    std::string out;
    append_data_json(out, data);
    EXPECT_EQ(out, R"({"id":"11111111-1111-4111-8111-111111111111","validator":"json","hash":")" + ones +
                       R"(","value":null})");

    data.created = Time{1'000'000'000};
    data.datatype = {"order", "v1"};
    data.value = "{\"a\":1.0}";
    data.blob = BlobRef{hash_two, 12, "", "", ""};
    out.clear();
    append_data_json(out, data);
    EXPECT_EQ(
        out, R"({"id":"11111111-1111-4111-8111-111111111111","validator":"json","hash":")" + ones +
                 R"(","created":"1970-01-01T00:00:01Z","datatype":{"name":"order","version":"v1"},"value":{"a":1.0},)" +
                 R"("blob":{"hash":")" + twos + R"(","size":12,"name":""}})");

    data.blob = BlobRef{hash_two, 12, "dir/f.txt", "/dir", "Qm1"};
    out.clear();
    append_data_json(out, data);
    EXPECT_TRUE(out.ends_with(R"("size":12,"name":"dir/f.txt","path":"/dir","public":"Qm1"}})"));
}

TEST(Canonical, message_in_transport_shows_pins_and_transaction_only_when_there) {
    Message message;
    message.hash = hash_one;
    std::string out;
    append_message_json(out, message);
    EXPECT_EQ(out, R"({"header":{"type":"broadcast","txtype":"batch_pin"},"hash":")" + ones + R"(","data":[]})");

    message.txid = id_two;
    message.data = {{id_one, hash_two}};
    message.pins = {ones + ":0000000000000003"};
    out.clear();
    append_message_json(out, message);
    EXPECT_EQ(out, R"({"header":{"type":"broadcast","txtype":"batch_pin"},"hash":")" + ones +
                       R"(","txid":"22222222-2222-4222-8222-222222222222",)" +
                       R"("data":[{"id":"11111111-1111-4111-8111-111111111111","hash":")" + twos + R"("}],"pins":[")" +
                       ones + R"(:0000000000000003"]})");
}

TEST(Canonical, manifest_counts_topics_and_repeats_data) {
    Batch batch;
    batch.id = id_one;
    batch.tx = {TxType::batch_pin, id_two};
    EXPECT_EQ(manifest_json(batch),
              R"({"version":1,"id":"11111111-1111-4111-8111-111111111111",)"
              R"("tx":{"type":"batch_pin","id":"22222222-2222-4222-8222-222222222222"},"messages":[],"data":[]})");

    batch.messages.resize(1);
    batch.messages[0].header.id = id_two;
    batch.messages[0].hash = hash_one;
    batch.messages[0].header.topics = {"a", "b", "c"};
    batch.data.resize(2);
    for (Data& data : batch.data) {
        data.id = id_one;
        data.hash = hash_two;
    }
    const std::string item = R"({"id":"11111111-1111-4111-8111-111111111111","hash":")" + twos + R"("})";
    EXPECT_TRUE(manifest_json(batch).ends_with(R"("messages":[{"id":"22222222-2222-4222-8222-222222222222","hash":")" +
                                               ones + R"(","topics":3}],"data":[)" + item + "," + item + "]}"));
}

TEST(Hashes, of_data_without_value_and_blob_are_refused) {
    EXPECT_TRUE(data_hash("null", std::nullopt).error().is(errors::data_is_empty));
    EXPECT_TRUE(data_hash("", std::nullopt).error().is(errors::data_is_empty));
}

TEST(Hashes, of_data_with_only_a_blob_are_the_blobs) {
    EXPECT_EQ(data_hash("null", hash_one).value(), hash_one);
    EXPECT_EQ(data_hash("", hash_one).value(), hash_one);
}

TEST(Hashes, of_data_with_both_cover_the_hex_of_both) {
    EXPECT_EQ(data_hash("1", hash_one).value(), sha256(sha256("1").text() + ones));
}

TEST(Hashes, change_with_everything_that_they_cover) {
    EXPECT_NE(masked_pin("t", hash_one, "a", 0), masked_pin("t", hash_one, "a", 1));
    EXPECT_NE(masked_pin("t", hash_one, "a", 0), masked_pin("t", hash_two, "a", 0));
    EXPECT_EQ(masked_pin("t", hash_one, "a", 0x0102030405060708),
              sha256("t" + std::string(32, '\x11') + "a\x01\x02\x03\x04\x05\x06\x07\x08"));
    EXPECT_EQ(definition_topic("datatype", "", "order"), sha256("datatypeorder").text());
    EXPECT_EQ(definition_topic("ffi", "ns1", "x"), sha256("ffins1x").text());
}

TEST(Seal, fills_the_data_hash_and_then_the_hash) {
    Message message;
    message.header.id = id_one;

    seal(message);

    EXPECT_EQ(message.header.datahash.text(), "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945");
    EXPECT_EQ(message.hash, sha256(header_json(message.header)));
}

}  // namespace
}  // namespace lockstep
