// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/chance.hpp"
#include "core/json.hpp"
#include "core/message.hpp"
#include "core/sha256.hpp"

namespace lockstep {
namespace {

Uuid numbered_id(std::uint64_t number) {
    Uuid out;
    for (std::size_t i = 0; i < 8; ++i) out.bytes[15 - i] = static_cast<std::uint8_t>(number >> i * 8);
    return out;
}

Data some_data(std::uint64_t number, std::string value) {
    Data data;
    data.id = numbered_id(1000 + number);
    data.value = std::move(value);
    data.created = Time{1'700'000'000'000'000'000};
    data.hash = data_hash(data.value, std::nullopt).value();
    return data;
}

void reseal(Batch& batch) {
    for (Message& message : batch.messages) seal(message);
    batch.hash = sha256(manifest_json(batch));
}

// Two messages about two values, the first of which both refer to.
Batch a_broadcast() {
    Batch batch;
    batch.id = numbered_id(1);
    batch.namespace_ = "default";
    batch.node = numbered_id(2);
    batch.created = Time{1'700'000'000'000'000'000};
    batch.author = "did:firefly:org/org_0";
    batch.key = "0xabc";
    batch.tx = {TxType::batch_pin, numbered_id(3)};
    batch.data = {some_data(0, "{\"a\":1}"), some_data(1, "\"x\""), some_data(0, "{\"a\":1}")};
    for (std::uint64_t i = 0; i < 2; ++i) {
        Message message;
        message.header.id = numbered_id(100 + i);
        message.header.author = batch.author;
        message.header.key = batch.key;
        message.header.created = batch.created;
        message.header.namespace_ = batch.namespace_;
        message.header.topics = {"orders", "topic" + std::to_string(i)};
        message.header.tag = "t";
        batch.messages.push_back(message);
    }
    const auto ref = [&](std::size_t i) { return DataRef{batch.data[i].id, batch.data[i].hash}; };
    batch.messages[0].data = {ref(0), ref(1)};
    batch.messages[1].data = {ref(2)};
    reseal(batch);
    return batch;
}

Batch a_private_batch() {
    Batch batch = a_broadcast();
    batch.type = BatchType::private_;
    batch.group = *Hash::parse(std::string(64, '7'));
    for (Message& message : batch.messages) {
        message.header.type = MessageType::private_;
        message.header.group = batch.group;
        message.pins = {std::string(64, 'a') + ":0000000000000000", std::string(64, 'b') + ":0000000000000001"};
    }
    reseal(batch);
    return batch;
}

std::string outcome(std::string_view document) {
    const auto batch = parse_batch(document);
    if (batch) return "accepted";
    return std::string(batch.error().code()) + " " + batch.error().text();
}

std::string outcome(const Batch& batch) { return outcome(batch_json(batch)); }

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

std::string payload_hash(const std::string& document) {
    const json::Value value(document);
    return sha256(value["payload"].text()).text();
}

testing::AssertionResult says(const std::string& text, std::string_view code, std::string_view part) {
    if (text.starts_with(code) && text.find(part) != std::string::npos) return testing::AssertionSuccess();
    return testing::AssertionFailure() << text;
}

TEST(ParseBatch, reads_back_what_batch_json_writes) {
    for (const Batch& batch : {a_broadcast(), a_private_batch()}) {
        const std::string document = batch_json(batch);

        const auto parsed = parse_batch(document);

        ASSERT_TRUE(parsed) << parsed.error().text();
        EXPECT_EQ(batch_json(*parsed), document);
        EXPECT_EQ(parsed->messages[0].pins, batch.messages[0].pins);
    }
}

TEST(ParseBatch, accepts_white_space_other_members_and_another_order) {
    std::string document = batch_json(a_broadcast());
    document = replaced(document, "\"type\":\"broadcast\",\"namespace\":\"default\"",
                        " \"extra\" : [ { } ] , \"namespace\" : \"default\" , \"TYPE\" : \"Broadcast\" ");

    EXPECT_EQ(outcome(document), "accepted");
}

TEST(ParseBatch, keeps_what_a_broadcast_says_of_a_blob) {
    Batch batch = a_broadcast();
    for (std::size_t i : {std::size_t{0}, std::size_t{2}}) {
        batch.data[i].value = "null";
        batch.data[i].blob = BlobRef{*Hash::parse(std::string(64, '9')), 42, "dir/f", "/dir", "QmRef"};
        batch.data[i].hash = batch.data[i].blob->hash;
    }
    batch.messages[0].data[0].hash = batch.messages[1].data[0].hash = batch.data[0].hash;
    reseal(batch);

    const auto parsed = parse_batch(batch_json(batch));

    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_EQ(parsed->data[0].value, "null");
    EXPECT_EQ(parsed->data[0].blob->public_ref, "QmRef");
    EXPECT_EQ(parsed->data[0].blob->size, 42);
    EXPECT_EQ(parsed->data[0].blob->path, "/dir");
    EXPECT_EQ(parsed->data[0].blob->name, "dir/f");
}

TEST(ParseBatch, refuses_what_is_no_document) {
    for (const char* document : {"", " ", "null", "[]", "1", "\"x\"", "{}", "{", "\xff", "{\"id\":null}",
                                 R"({"id":"00000000-0000-0000-0000-000000000000"})", R"({"id":1})", R"({"id":"x"})"}) {
        EXPECT_EQ(outcome(document).substr(0, 7), "LS10110") << document;
    }
}

TEST(ParseBatch, names_the_field_that_has_another_shape) {
    const std::string document = batch_json(a_broadcast());

    EXPECT_TRUE(says(outcome(replaced(document, "\"namespace\":\"default\"", "\"namespace\":7")), "LS10110",
                     "namespace is no text"));
    EXPECT_TRUE(says(outcome(replaced(document, "\"type\":\"broadcast\"", "\"type\":\"carrier\"")), "LS10110",
                     "no batch type"));
    EXPECT_TRUE(says(outcome(replaced(document, "\"topics\":[\"orders\",\"topic1\"]", "\"topics\":[\"orders\",{}]")),
                     "LS10110", "payload.messages[1].header.topics is no text"));
    EXPECT_TRUE(says(outcome(replaced(document, "\"topics\":[\"orders\",\"topic1\"]", "\"topics\":\"orders\"")),
                     "LS10110", "payload.messages[1].header.topics is no list"));
    EXPECT_TRUE(says(outcome(replaced(document, "\"txtype\":\"batch_pin\"", "\"txtype\":\"x\"")), "LS10110",
                     "no transaction type"));
    EXPECT_TRUE(says(
        outcome(replaced(document, "\"tx\":{\"type\":\"batch_pin\",\"id\"", "\"tx\":{\"type\":\"batch_pin\",\"no\"")),
        "LS10110", "payload.tx.id"));
    EXPECT_TRUE(says(outcome(replaced(document, "\"validator\":\"json\"", "\"validator\":[]")), "LS10110",
                     "payload.data[0].validator"));
    EXPECT_TRUE(says(outcome(replaced(document, "\"payload\":", "\"payload\":7,\"other\":")), "LS10110",
                     "payload is no object"));
}

TEST(ParseBatch, survives_null_and_absence_of_every_member) {
    for (const Batch& batch : {a_broadcast(), a_private_batch()}) {
        const std::string document = batch_json(batch);
        // Puts null, then nothing, in the place of each value of the document.
        for (std::size_t at = 0; at < document.size(); ++at) {
            if (document[at] != ':' || document[at - 1] != '"') continue;
            std::size_t end = at + 1;
            int depth = 0;
            bool quoted = false;
            for (; end < document.size(); ++end) {
                const char c = document[end];
                if (c == '"') quoted = !quoted;
                if (quoted) continue;
                if (c == '{' || c == '[') ++depth;
                if (depth == 0 && (c == ',' || c == '}' || c == ']')) break;
                if (c == '}' || c == ']') --depth;
            }
            for (const std::string_view with : {"null", "{}", "[]", "[null]", "\"\"", "0", "[[]]", "true"}) {
                const auto parsed = parse_batch(document.substr(0, at + 1) + std::string(with) + document.substr(end));
                if (!parsed) continue;
                EXPECT_TRUE(parse_batch(batch_json(*parsed))) << document.substr(at - 20, 40) << " " << with;
            }
            const std::size_t name = document.rfind('"', at - 2);
            static_cast<void>(parse_batch(document.substr(0, name) + "\"zzz\"" + document.substr(at)));
        }
    }
}

TEST(ParseBatch, survives_any_byte_anywhere) {
    const std::string document = batch_json(a_private_batch());
    const auto chance = make_seeded_chance(9);
    for (int i = 0; i < 3000; ++i) {
        std::string damaged = document;
        for (std::uint64_t n = 1 + chance->below(3); n > 0; --n) {
            damaged[chance->below(damaged.size())] = static_cast<char>(chance->below(256));
        }
        if (chance->below(4) == 0) damaged.resize(chance->below(damaged.size()));
        static_cast<void>(parse_batch(damaged));
    }
}

TEST(ParseBatch, refuses_a_batch_without_messages) {
    Batch batch = a_broadcast();
    batch.messages.clear();
    batch.data.clear();
    reseal(batch);

    EXPECT_TRUE(says(outcome(batch), "LS10110", "no messages"));
}

TEST(ParseBatch, refuses_transactions_that_carry_no_messages) {
    Batch batch = a_broadcast();
    batch.tx.type = TxType::token_transfer;
    reseal(batch);

    EXPECT_TRUE(says(outcome(batch), "LS10112", "carries no messages"));
}

TEST(ParseBatch, refuses_wrong_hashes) {
    const Hash other = *Hash::parse(std::string(64, '5'));

    Batch batch = a_broadcast();
    batch.hash = other;
    EXPECT_TRUE(says(outcome(batch), "LS10111", "batch"));

    batch = a_broadcast();
    batch.data[1].value = "\"y\"";
    EXPECT_TRUE(says(outcome(batch), "LS10111", "data"));

    batch = a_broadcast();
    batch.messages[1].hash = other;
    batch.hash = sha256(manifest_json(batch));
    EXPECT_TRUE(says(outcome(batch), "LS10111", "message"));

    batch = a_broadcast();
    batch.messages[1].header.datahash = other;
    batch.messages[1].hash = sha256(header_json(batch.messages[1].header));
    batch.hash = sha256(manifest_json(batch));
    EXPECT_TRUE(says(outcome(batch), "LS10111", "the data of message"));

    batch = a_broadcast();
    batch.messages[1].header.tag = "other";
    EXPECT_TRUE(says(outcome(batch), "LS10111", "message"));
}

TEST(ParseBatch, refuses_messages_that_are_not_the_batchs) {
    const auto with = [](auto change) {
        Batch batch = a_broadcast();
        change(batch.messages[1].header);
        reseal(batch);
        return outcome(batch);
    };

    EXPECT_TRUE(says(with([](MessageHeader& h) { h.author = "did:firefly:org/org_1"; }), "LS10112", "another author"));
    EXPECT_TRUE(says(with([](MessageHeader& h) { h.key = "0xdef"; }), "LS10112", "another key"));
    EXPECT_TRUE(says(with([](MessageHeader& h) { h.namespace_ = "other"; }), "LS10112", "another namespace"));
    EXPECT_TRUE(says(with([](MessageHeader& h) { h.group = Hash{}; }), "LS10112", "another group"));
    EXPECT_TRUE(
        says(with([](MessageHeader& h) { h.txtype = TxType::unpinned; }), "LS10112", "another transaction type"));
    EXPECT_TRUE(says(with([](MessageHeader& h) { h.type = MessageType::private_; }), "LS10112", "does not carry"));
    EXPECT_TRUE(says(with([](MessageHeader& h) { h.id = numbered_id(100); }), "LS10112", "twice"));
    EXPECT_TRUE(says(with([](MessageHeader& h) { h.topics.clear(); }), "LS10112", "no topic"));
    EXPECT_TRUE(says(with([](MessageHeader& h) { h.topics = {"a", "a"}; }), "LS10112", "FF00133"));
    EXPECT_TRUE(says(with([](MessageHeader& h) { h.topics.assign(11, "a"); }), "LS10112", "FF00134"));
    EXPECT_TRUE(says(with([](MessageHeader& h) { h.topics = {"a b"}; }), "LS10112", "FF00140"));
    EXPECT_TRUE(says(with([](MessageHeader& h) { h.tag = "-"; }), "LS10112", "FF00140"));
}

TEST(ParseBatch, refuses_groups_where_they_do_not_belong) {
    Batch batch = a_private_batch();
    batch.group.reset();
    EXPECT_TRUE(says(outcome(batch), "LS10112", "private to nobody"));

    batch = a_broadcast();
    batch.group = Hash{};
    EXPECT_TRUE(says(outcome(batch), "LS10112", "broadcast to a group"));
}

TEST(ParseBatch, resolves_every_reference_and_leaves_nothing_over) {
    Batch batch = a_broadcast();
    batch.messages[0].data.pop_back();
    reseal(batch);
    EXPECT_TRUE(says(outcome(batch), "LS10112", "not referred to"));

    batch = a_broadcast();
    batch.data.erase(batch.data.begin() + 1);
    reseal(batch);
    EXPECT_TRUE(says(outcome(batch), "LS10112", "not there"));

    batch = a_broadcast();
    batch.messages[0].data[1].hash = *Hash::parse(std::string(64, '5'));
    reseal(batch);
    EXPECT_TRUE(says(outcome(batch), "LS10112", "another hash"));

    batch = a_broadcast();
    batch.data[2] = some_data(0, "2");
    reseal(batch);
    EXPECT_TRUE(says(outcome(batch), "LS10112", "two hashes"));

    batch = a_broadcast();
    batch.messages[0].data[1] = batch.messages[0].data[0];
    reseal(batch);
    EXPECT_TRUE(says(outcome(batch), "LS10112", "FF00129"));

    batch = a_broadcast();
    batch.messages[0].data[1].id = Uuid{};
    reseal(batch);
    EXPECT_TRUE(says(outcome(batch), "LS10112", "FF00128"));
}

TEST(ParseBatch, refuses_data_with_neither_value_nor_blob) {
    const std::string document = replaced(batch_json(a_broadcast()), "\"value\":\"x\"", "\"value\":null");

    EXPECT_TRUE(says(outcome(document), "LS10112", "neither a value nor a blob"));
}

TEST(ParseBatch, accepts_the_payload_hash_of_old_releases) {
    Batch batch = a_broadcast();
    std::string document = batch_json(batch);
    const std::string manifest_hash = batch.hash.text();

    document = replaced(document, manifest_hash, payload_hash(document));

    EXPECT_EQ(outcome(document), "accepted");
    EXPECT_TRUE(says(outcome(replaced(document, "\"tag\":\"t\"", "\"tag\":\"u\"")), "LS10111", "batch"));
}

TEST(ParseBatch, knows_the_members_that_old_releases_sent) {
    Batch batch = a_broadcast();
    const std::string manifest_hash = batch.hash.text();
    std::string document = batch_json(batch);
    const std::string message_hash = batch.messages[0].hash.text();
    document = replaced(document, "\"hash\":\"" + message_hash + "\"",
                        "\"localNamespace\":\"ns\",\"hash\":\"" + message_hash +
                            "\",\"batch\":\"11111111-1111-4111-8111-111111111111\",\"state\":\"ready\","
                            "\"confirmed\":\"2022-01-01T00:00:00Z\",\"rejectReason\":\"no\"");
    document = replaced(document, "\"validator\":\"json\"", "\"validator\":\"json\",\"namespace\":\"ns\"");

    document = replaced(document, manifest_hash, payload_hash(document));

    EXPECT_EQ(outcome(document), "accepted");
    EXPECT_TRUE(
        says(outcome(replaced(document, "\"rejectReason\":\"no\"", "\"rejectReason\":\"yes\"")), "LS10111", "batch"));
    EXPECT_EQ(outcome(replaced(document, "\"rejectReason\":\"no\"", "\"unknown\":1,\"rejectReason\":\"no\"")),
              "accepted");
}

// Ids that a careless hash table puts in one bucket: all end in the same eight bytes.
TEST(ParseBatch, takes_little_time_for_ids_that_are_chosen_to_collide) {
    Batch batch = a_broadcast();
    batch.messages.resize(1);
    batch.messages[0].data.clear();
    batch.data.clear();
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        Data data = some_data(0, "1");
        data.id = Uuid{};
        for (std::size_t k = 0; k < 4; ++k) data.id.bytes[k] = static_cast<std::uint8_t>(i >> k * 8);
        data.id.bytes[15] = 1;
        batch.messages[0].data.push_back({data.id, data.hash});
        batch.data.push_back(data);
    }
    reseal(batch);
    const std::string document = batch_json(batch);

    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(outcome(document), "accepted");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

// A fuzzer that begins with refused documents stays among them.
TEST(ParseBatch, accepts_the_seeds_of_its_fuzz_target) {
    std::size_t seeds = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(LOCKSTEP_SOURCE_DIR "/tests/fuzz/corpus/parse_batch")) {
        std::ifstream file(entry.path());
        const std::string document(std::istreambuf_iterator<char>(file), {});
        EXPECT_EQ(outcome(document), "accepted") << entry.path();
        ++seeds;
    }
    EXPECT_GE(seeds, 3u);
}

TEST(ParseBatch, lower_cases_words_and_hashes_as_the_original_does) {
    std::string document = batch_json(a_broadcast());
    document = replaced(document, "\"txtype\":\"batch_pin\"", "\"txtype\":\"BATCH_PIN\"");
    document = replaced(document, "\"validator\":\"json\"", "\"validator\":\"JSON\"");

    const auto parsed = parse_batch(document);

    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_EQ(batch_json(*parsed), batch_json(a_broadcast()));
}

}  // namespace
}  // namespace lockstep
