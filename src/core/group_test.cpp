// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "core/group.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "core/sha256.hpp"

namespace lockstep {
namespace {

Uuid node(int number) { return *Uuid::parse("00000000-0000-4000-8000-00000000000" + std::to_string(number)); }

Group gold() {
    Group group;
    group.namespace_ = "default";
    group.name = "gold";
    group.members = {{"did:firefly:org/b", node(2)}, {"did:firefly:org/a", node(1)}};
    group.created = *Time::parse("2026-01-02T03:04:05.6Z");
    seal(group);
    return group;
}

PrivateDocument document_of(const Group& group) {
    Data data;
    data.id = node(7);
    data.value = R"({"a":1})";
    data.hash = *data_hash(data.value, std::nullopt);
    Message message;
    message.header.id = node(8);
    message.header.type = MessageType::private_;
    message.header.author = group.members[0].identity;
    message.header.key = "0x1";
    message.header.namespace_ = "default";
    message.header.group = group.hash;
    message.header.topics = {"orders"};
    message.data = {{data.id, data.hash}};
    message.pins = {text_of(PrivatePin{masked_pin("orders", group.hash, message.header.author, 3), 3})};
    seal(message);
    PrivateDocument document;
    auto& batch = document.batch;
    batch.id = node(9);
    batch.type = BatchType::private_;
    batch.namespace_ = "default";
    batch.node = group.members[0].node;
    batch.group = group.hash;
    batch.author = message.header.author;
    batch.key = message.header.key;
    batch.tx = {TxType::batch_pin, node(5)};
    batch.messages = {message};
    batch.data = {data};
    batch.hash = sha256(manifest_json(batch));
    return document;
}

TEST(Group, has_the_hash_of_its_members_in_order_whatever_order_they_came_in) {
    auto const group = gold();
    EXPECT_EQ(group.members[0].identity, "did:firefly:org/a");
    EXPECT_EQ(group_hash_json(group),
              R"({"namespace":"default","name":"gold","members":[)"
              R"({"identity":"did:firefly:org/a","node":"00000000-0000-4000-8000-000000000001"},)"
              R"({"identity":"did:firefly:org/b","node":"00000000-0000-4000-8000-000000000002"}]})");
    EXPECT_EQ(group.hash, sha256(group_hash_json(group)));
    EXPECT_EQ(group.member("did:firefly:org/b")->node, node(2));
    EXPECT_EQ(group.member("did:firefly:org/c"), nullptr);
}

TEST(Group, comes_back_from_its_text) {
    auto const group = gold();
    auto const read = parse_group(group_json(group));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(group_json(*read), group_json(group));
    EXPECT_EQ(read->hash, group.hash);
}

TEST(Group, is_refused_when_it_is_not_what_it_says) {
    auto const text = group_json(gold());
    auto with = [&](std::string_view from, std::string_view to) {
        auto out = text;
        out.replace(out.find(from), from.size(), to);
        return out;
    };
    EXPECT_TRUE(parse_group(text));
    for (auto const& bad :
         {with(R"("name":"gold")", R"("name":"silver")"), with(R"("name":"gold")", R"("name":"a b")"),
          with(R"("name":"gold")", R"("name":7)"), with("org/a", "org/b"),
          with(R"("identity":"did:firefly:org/a",)", ""), with("00000000-0000-4000-8000-000000000001", "x"),
          with(R"("hash":")", R"("hash":"0)"), with(R"("members":[)", R"("members":[],"x":[)"), std::string("null"),
          std::string("[]"), std::string()}) {
        EXPECT_FALSE(parse_group(bad)) << bad;
    }
    auto twice = gold();
    twice.members.push_back(twice.members[0]);
    seal(twice);
    EXPECT_FALSE(parse_group(group_json(twice)));
}

TEST(PrivateDocument, comes_back_with_and_without_its_group) {
    auto const group = gold();
    auto document = document_of(group);
    for (auto const& with : {std::optional<Group>(), std::optional<Group>(group)}) {
        document.group = with;
        auto const text = private_document_json(document);
        auto const read = parse_private_document(text);
        ASSERT_TRUE(read) << read.error().text();
        EXPECT_EQ(private_document_json(*read), text);
    }
}

TEST(PrivateDocument, is_refused_when_it_is_a_broadcast_or_of_another_group) {
    auto document = document_of(gold());
    document.group = gold();
    document.group->name = "silver";
    seal(*document.group);
    EXPECT_FALSE(parse_private_document(private_document_json(document)));
    for (auto const* bad : {"null", "{}", R"({"batch":null})", R"({"batch":[]})", R"({"group":{}})", "x", ""})
        EXPECT_FALSE(parse_private_document(bad)) << bad;
}

TEST(PrivatePin, is_a_hash_and_sixteen_digits) {
    PrivatePin const pin{sha256("x"), 42};
    EXPECT_EQ(text_of(pin), sha256("x").text() + ":0000000000000042");
    auto const read = parse_private_pin(text_of(pin));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->hash, pin.hash);
    EXPECT_EQ(read->nonce, 42u);
    auto const hash = sha256("x").text();
    for (auto const& bad : std::vector<std::string>{hash, hash + ":42", hash + ":000000000000004x",
                                                    hash + ":-000000000000042", "x:0000000000000042", ":", ""})
        EXPECT_FALSE(parse_private_pin(bad)) << bad;
}

}  // namespace
}  // namespace lockstep
