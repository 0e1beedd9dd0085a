// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Recomputes everything in tests/vectors/firefly, which was recorded from a real network.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "core/detail/batch_reader.hpp"
#include "core/detail/canonical.hpp"
#include "core/group.hpp"
#include "core/json.hpp"
#include "core/message.hpp"
#include "core/sha256.hpp"

namespace lockstep {
namespace {

// A file of tests/vectors, kept alive with the values that refer to it.
class VectorFile {
  public:
    explicit VectorFile(const std::string& name) {
        std::ifstream file(LOCKSTEP_SOURCE_DIR "/tests/vectors/firefly/" + name);
        std::ostringstream text;
        text << file.rdbuf();
        text_ = json::compact(text.str()).value();
    }
    std::vector<json::Value> list(std::string_view name) const {
        auto out = json::Value(text_)[name].elements();
        EXPECT_FALSE(out.empty()) << name;
        return out;
    }

  private:
    std::string text_;
};

std::string text_of(json::Value object, std::string_view name) {
    const auto text = object[name].as_string();
    EXPECT_TRUE(text) << name << " in " << object.text().substr(0, 100);
    return text.value_or("");
}

Hash hash_of(json::Value object, std::string_view name) { return Hash::parse(text_of(object, name)).value(); }

std::vector<DataRef> refs_of(json::Value list) {
    std::vector<DataRef> out;
    for (const json::Value ref : list.elements()) {
        out.push_back({Uuid::parse(text_of(ref, "id")).value(), hash_of(ref, "hash")});
    }
    return out;
}

// What the vectors tell of a message.
Message message_of(json::Value vector) {
    Message out;
    const std::string header = text_of(vector, "header"), data = text_of(vector, "data");
    out.header = read_header(json::Value(header)).value();
    out.hash = hash_of(vector, "hash");
    out.data = refs_of(json::Value(data));
    for (const json::Value pin : vector["pins"].elements()) out.pins.push_back(*pin.as_string());
    return out;
}

TEST(Vectors, of_the_small_cases) {
    const VectorFile file("hashes.json");
    for (const auto v : file.list("broadcast_contexts"))
        EXPECT_EQ(broadcast_context(text_of(v, "topic")), hash_of(v, "hash"));
    for (const auto v : file.list("private_contexts")) {
        EXPECT_EQ(private_context(text_of(v, "topic"), hash_of(v, "group")), hash_of(v, "hash"));
    }
    for (const auto v : file.list("nonce_keys")) {
        EXPECT_EQ(nonce_key(text_of(v, "topic"), hash_of(v, "group"), text_of(v, "author")), hash_of(v, "hash"));
    }
    for (const auto v : file.list("masked_pins")) {
        const auto nonce = static_cast<std::uint64_t>(v["nonce"].as_int().value());
        EXPECT_EQ(masked_pin(text_of(v, "topic"), hash_of(v, "group"), text_of(v, "author"), nonce),
                  hash_of(v, "hash"));
    }
    for (const auto v : file.list("verifiers")) {
        EXPECT_EQ(verifier_hash(text_of(v, "namespace"), text_of(v, "type"), text_of(v, "value")), hash_of(v, "hash"));
    }
    for (const auto v : file.list("identity_topics")) EXPECT_EQ(identity_topic(text_of(v, "did")), text_of(v, "hash"));
    for (const auto v : file.list("texts")) EXPECT_EQ(sha256(text_of(v, "text")), hash_of(v, "hash"));
    for (const auto v : file.list("data")) {
        const auto value = json::compact(text_of(v, "value")).value();
        const auto blob = v["blob"].is_null() ? std::nullopt : std::optional(hash_of(v, "blob"));
        EXPECT_EQ(data_hash(value, blob).value(), hash_of(v, "hash"));
    }
    for (const auto v : file.list("data_references")) {
        const std::string text = text_of(v, "text");
        EXPECT_EQ(data_refs_json(refs_of(json::Value(text))), text);
        EXPECT_EQ(sha256(text), hash_of(v, "hash"));
    }
    for (const auto v : file.list("headers")) {
        const std::string text = text_of(v, "text");
        EXPECT_EQ(header_json(read_header(json::Value(text)).value()), text);
        EXPECT_EQ(sha256(text), hash_of(v, "hash"));
    }
    for (const auto v : file.list("manifests")) {
        const std::string text = text_of(v, "text");
        const json::Value manifest(text);
        Batch batch;
        batch.id = Uuid::parse(text_of(manifest, "id")).value();
        batch.tx = {parse_tx_type(text_of(manifest["tx"], "type")).value(), Uuid::parse(text_of(manifest["tx"], "id"))};
        for (const json::Value entry : manifest["messages"].elements()) {
            Message message;
            message.header.id = Uuid::parse(text_of(entry, "id")).value();
            message.header.topics.resize(static_cast<std::size_t>(entry["topics"].as_int().value()));
            message.hash = hash_of(entry, "hash");
            batch.messages.push_back(message);
        }
        for (const DataRef& ref : refs_of(manifest["data"])) {
            batch.data.emplace_back();
            batch.data.back().id = ref.id;
            batch.data.back().hash = ref.hash;
        }
        EXPECT_EQ(manifest_json(batch), text);
        EXPECT_EQ(sha256(text), hash_of(v, "hash"));
    }
}

TEST(Vectors, of_every_message) {
    const VectorFile file("messages.json");
    for (const auto v : file.list("messages")) {
        SCOPED_TRACE(text_of(v, "name"));
        const std::string header = text_of(v, "header");
        const Message message = message_of(v);

        EXPECT_EQ(header_json(message.header), header);
        EXPECT_EQ(json::compact(header).value(), header);
        EXPECT_EQ(data_refs_json(message.data), text_of(v, "data"));
        EXPECT_TRUE(check_message_fields(message));
        Message sealed = message;
        sealed.hash = sealed.header.datahash = Hash{};
        seal(sealed);
        EXPECT_EQ(sealed.hash, message.hash);
        EXPECT_EQ(sealed.header.datahash, message.header.datahash);
    }
}

TEST(Vectors, of_every_pin_of_a_private_message) {
    std::size_t pins = 0;
    const VectorFile file("messages.json");
    for (const auto v : file.list("messages")) {
        const Message message = message_of(v);
        for (std::size_t i = 0; i < message.pins.size(); ++i, ++pins) {
            const std::string& pin = message.pins[i];
            ASSERT_EQ(pin.size(), 64u + 1 + 16);
            const std::uint64_t nonce = std::stoull(pin.substr(65));
            const Hash expected =
                masked_pin(message.header.topics[i], *message.header.group, message.header.author, nonce);
            EXPECT_EQ(expected.text(), pin.substr(0, 64));
        }
    }
    EXPECT_GT(pins, 20u);
}

TEST(Vectors, of_every_data_item) {
    const VectorFile file("data.json");
    for (const auto v : file.list("data")) {
        const auto blob = v["blob_hash"].is_null() ? std::nullopt : std::optional(hash_of(v, "blob_hash"));
        const std::string value = v["value"].is_null() ? "null" : text_of(v, "value");
        EXPECT_EQ(data_hash(value, blob).value(), hash_of(v, "hash")) << value;
        EXPECT_EQ(json::compact(value).value(), value);
    }
}

TEST(Vectors, of_every_definition_topic) {
    const VectorFile file("definition_topics.json");
    for (const auto v : file.list("topics")) {
        if (v["did"].exists()) {
            EXPECT_EQ(identity_topic(text_of(v, "did")), text_of(v, "topic"));
        } else {
            EXPECT_EQ(definition_topic(text_of(v, "kind"), text_of(v, "namespace"), text_of(v, "name")),
                      text_of(v, "topic"));
        }
    }
}

TEST(Vectors, of_every_verifier) {
    const VectorFile file("verifiers.json");
    for (const auto v : file.list("verifiers")) {
        EXPECT_EQ(verifier_hash(text_of(v, "namespace"), text_of(v, "type"), text_of(v, "value")), hash_of(v, "hash"));
    }
}

TEST(Vectors, of_every_private_context) {
    const VectorFile file("private_contexts.json");
    for (const auto v : file.list("next_pins")) {
        const std::string topic = text_of(v, "topic");
        const Hash group = hash_of(v, "group");
        EXPECT_EQ(private_context(topic, group), hash_of(v, "context"));
        const auto nonce = static_cast<std::uint64_t>(v["nonce"].as_int().value());
        EXPECT_EQ(masked_pin(topic, group, text_of(v, "author"), nonce), hash_of(v, "pin"));
    }
    for (const auto v : file.list("nonce_keys")) {
        EXPECT_EQ(nonce_key(text_of(v, "topic"), hash_of(v, "group"), text_of(v, "author")), hash_of(v, "key"));
    }
}

TEST(Vectors, of_every_group) {
    const VectorFile file("groups.json");
    for (const auto v : file.list("groups")) {
        const std::string text = text_of(v, "text");
        const auto group = parse_group(text);
        ASSERT_TRUE(group) << group.error().text();
        EXPECT_EQ(group_json(*group), text);
        EXPECT_EQ(group->hash, hash_of(v, "hash"));
    }
}

// Everything that was recorded of messages and data, by id.
struct Recorded {
    std::map<Uuid, Message> messages;
    std::map<Uuid, Data> data;

    Recorded() {
        const VectorFile message_file("messages.json"), data_file("data.json");
        for (const auto v : message_file.list("messages")) {
            const Message message = message_of(v);
            messages.emplace(message.header.id, message);
        }
        for (const auto v : data_file.list("data")) {
            Data item;
            item.id = Uuid::parse(text_of(v, "id")).value();
            item.hash = hash_of(v, "hash");
            if (!v["value"].is_null()) item.value = text_of(v, "value");
            if (!v["blob_hash"].is_null()) item.blob = BlobRef{hash_of(v, "blob_hash"), 1, "", "", ""};
            data.emplace(item.id, item);
        }
    }
};

// The batch whose manifest this is, or nothing when a message of it was not recorded.
std::optional<Batch> batch_of(json::Value vector, const Recorded& recorded) {
    Batch batch;
    batch.id = Uuid::parse(text_of(vector, "id")).value();
    batch.type = parse_batch_type(text_of(vector, "type")).value();
    if (!vector["group"].is_null()) batch.group = hash_of(vector, "group");
    batch.tx.type = parse_tx_type(text_of(vector["tx"], "type")).value();
    batch.tx.id = Uuid::parse(text_of(vector["tx"], "id"));
    batch.hash = hash_of(vector, "hash");
    const std::string manifest = text_of(vector, "manifest");
    for (const json::Value entry : json::Value(manifest)["messages"].elements()) {
        const auto message = recorded.messages.find(Uuid::parse(text_of(entry, "id")).value());
        if (message == recorded.messages.end()) return std::nullopt;
        batch.messages.push_back(message->second);
        for (const DataRef& ref : message->second.data) batch.data.push_back(recorded.data.at(ref.id));
    }
    batch.author = batch.messages[0].header.author;
    batch.key = batch.messages[0].header.key;
    batch.namespace_ = batch.messages[0].header.namespace_;
    return batch;
}

TEST(Vectors, of_every_batch) {
    const Recorded recorded;
    std::size_t rebuilt = 0;
    const VectorFile file("batches.json");
    for (const auto v : file.list("batches")) {
        SCOPED_TRACE(text_of(v, "id"));
        const std::string manifest = text_of(v, "manifest");
        EXPECT_EQ(sha256(manifest), hash_of(v, "hash"));

        const auto batch = batch_of(v, recorded);
        if (!batch) continue;
        ++rebuilt;
        EXPECT_EQ(manifest_json(*batch), manifest);
        const auto parsed = parse_batch(batch_json(*batch));
        EXPECT_TRUE(parsed) << parsed.error().text();
    }
    EXPECT_GT(rebuilt, 40u);
}

TEST(Vectors, of_every_context_on_the_ledger) {
    const Recorded recorded;
    std::size_t pinned = 0;
    const VectorFile file("batches.json");
    for (const auto v : file.list("batches")) {
        const auto batch = batch_of(v, recorded);
        if (!batch || !v["contexts"].exists()) continue;
        std::vector<std::string> contexts;
        for (const Message& message : batch->messages) {
            for (std::size_t i = 0; i < message.header.topics.size(); ++i) {
                const bool masked = message.header.group.has_value();
                contexts.push_back(masked ? message.pins.at(i).substr(0, 64)
                                          : broadcast_context(message.header.topics[i]).text());
            }
        }
        std::vector<std::string> expected;
        for (const json::Value context : v["contexts"].elements()) expected.push_back(*context.as_string());
        EXPECT_EQ(contexts, expected) << text_of(v, "id");
        pinned += expected.size();
    }
    EXPECT_GT(pinned, 100u);
}

TEST(Vectors, of_every_published_document) {
    const VectorFile file("documents.json");
    for (const auto v : file.list("documents")) {
        const std::string text = text_of(v, "text");

        const auto batch = parse_batch(text);

        ASSERT_TRUE(batch) << batch.error().text();
        EXPECT_EQ(batch_json(*batch), text);
        EXPECT_EQ(sha256(manifest_json(*batch)), batch->hash);
        for (const Message& message : batch->messages) EXPECT_EQ(sha256(header_json(message.header)), message.hash);
    }
}

}  // namespace
}  // namespace lockstep
