// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What is told to a group (firefly-core.md 3.4, 5.4): the group's definition, the masked pins, the document, and
// who gets it.
#include "core/json.hpp"
#include "core/sha256.hpp"
#include "messaging/nonces.hpp"
#include "messaging/test_world.hpp"

namespace lockstep::messaging {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto acme_did = "did:firefly:org/acme";

std::string pin_of(const Message& message, std::size_t topic, std::uint64_t nonce) {
    auto const& header = message.header;
    return text_of(PrivatePin{masked_pin(header.topics[topic], *header.group, header.author, nonce), nonce});
}
std::vector<MessageType> types_of(const Batch& batch) {
    std::vector<MessageType> out;
    for (auto const& message : batch.messages) out.push_back(message.header.type);
    return out;
}
std::vector<std::string> operations_of(Member& member, const Batch& batch) {
    return member.read([&](store::Snapshot& snapshot) {
        std::vector<std::string> out;
        for (auto const& operation : operations::operations_of(snapshot, test_ns, *batch.tx.id))
            out.emplace_back(operations::word(operation.type));
        return out;
    });
}

TEST(PrivateMessage, DefinesItsGroupOnceAndBeforeIt) {
    Member member;
    member.start();
    auto const first = member.tell();
    auto const second = member.tell();
    member.pass(1s);

    auto const batches = member.batches();
    ASSERT_THAT(batches, SizeIs(2));
    EXPECT_THAT(types_of(batches[0]), ElementsAre(MessageType::groupinit, MessageType::private_));
    EXPECT_THAT(types_of(batches[1]), ElementsAre(MessageType::private_)) << "gathered behind the first pin";
    EXPECT_EQ(first.message.header.group, second.message.header.group);

    auto const& definition = batches[0].messages[0];
    auto const& hash = *first.message.header.group;
    EXPECT_EQ(definition.header.tag, "ff_define_group");
    EXPECT_THAT(definition.header.topics, ElementsAre(hash.text()));
    EXPECT_EQ(batches[0].data[0].validator, "definition");
    auto const group = parse_group(batches[0].data[0].value);
    ASSERT_TRUE(group) << group.error().text();
    EXPECT_EQ(group->hash, hash);
    EXPECT_THAT(group->members, SizeIs(2));
    auto const row =
        member.read([&](store::Snapshot& snapshot) { return registry::find_group(snapshot, test_ns, hash); });
    ASSERT_TRUE(row);
    EXPECT_EQ(row->message, definition.header.id);
}

TEST(PrivateMessage, TravelsToTheOthersOfItsGroupAndMasksItsPins) {
    Member member;
    member.start();
    auto input = Member::a_private_message();
    input.topics = {"a", "b"};
    auto const told = member.tell(std::move(input));

    auto const batch = member.batches().at(0);
    EXPECT_EQ(batch.type, BatchType::private_);
    EXPECT_EQ(batch.group, told.message.header.group);
    auto const& message = batch.messages.at(1);
    EXPECT_THAT(message.pins, ElementsAre(pin_of(message, 0, 0), pin_of(message, 1, 0)));
    EXPECT_THAT(operations_of(member, batch), ElementsAre("dataexchange_send_batch", "blockchain_pin_batch"));

    auto const [payload, document] = *member.outbox.documents.begin();
    auto const read = parse_private_document(*document);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->batch.hash, batch.hash);
    EXPECT_FALSE(read->group);
    EXPECT_FALSE(member.outbox.recipients.at(payload).everybody);
    EXPECT_THAT(member.outbox.recipients.at(payload).peers, ElementsAre("peer of node2"));
}

TEST(PrivateMessage, CountsItsNoncesPerTopicAlsoAfterACrash) {
    Member member;
    member.start();
    auto input = Member::a_private_message();
    input.topics = {"a"};
    member.tell(input);
    member.take_included();
    member.crash();
    member.start();
    member.take_included();
    auto const second = member.tell(input);
    input.topics = {"b", "a"};
    member.take_included();
    auto const third = member.tell(input);

    auto const pins_of = [&](const MessageRow& row) { return member.find(row.message.header.id)->message.pins; };
    EXPECT_THAT(pins_of(second), ElementsAre(pin_of(second.message, 0, 1)));
    EXPECT_THAT(pins_of(third), ElementsAre(pin_of(third.message, 0, 0), pin_of(third.message, 1, 2)));
    auto const next = member.read([&](store::Snapshot& snapshot) {
        return next_nonce(snapshot, test_ns, nonce_key("a", *second.message.header.group, acme_did));
    });
    EXPECT_EQ(next, 3u);
}

TEST(PrivateMessage, SharesNoBatchWithOtherGroupsNorWithBroadcasts) {
    Member member;
    member.start();
    member.batcher->hold();
    member.tell(Member::a_private_message({"other"}));
    member.say();
    auto input = Member::a_private_message({"acme"});
    member.tell(std::move(input));
    member.batcher->release();
    member.settle();
    member.pass(1s);

    std::vector<std::optional<Hash>> groups;
    for (auto const& batch : member.batches()) groups.push_back(batch.group);
    ASSERT_THAT(groups, SizeIs(3));
    EXPECT_NE(groups[0], groups[1]);
    EXPECT_NE(groups[1], groups[2]);
    EXPECT_NE(groups[0], groups[2]);
}

TEST(PrivateMessage, ThatIsNotPinnedIsConfirmedWithItsBatchAndBringsItsGroup) {
    Member member;
    std::vector<Uuid> confirmed;
    member.batcher->on_confirmed([&](const MessageHeader& header) { confirmed.push_back(header.id); });
    member.start();
    member.tell();
    auto const before = member.included().size();
    auto input = Member::a_private_message();
    input.txtype = "unpinned";
    auto const told = member.tell(std::move(input));

    auto const id = told.message.header.id;
    EXPECT_EQ(member.find(id)->state, MessageState::confirmed);
    EXPECT_FALSE(member.find(id)->confirmed.is_zero());
    EXPECT_THAT(member.find(id)->message.pins, IsEmpty());
    EXPECT_THAT(confirmed, ElementsAre(id));
    EXPECT_EQ(member.included().size(), before) << "nothing on the ledger";
    auto const batch = member.batches().back();
    EXPECT_EQ(batch.tx.type, TxType::unpinned);
    EXPECT_THAT(operations_of(member, batch), ElementsAre("dataexchange_send_batch"));
    for (auto const& [payload, document] : member.outbox.documents) {
        auto const read = parse_private_document(*document);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->group.has_value(), read->batch.id == batch.id);
    }
    auto const events = member.read([&](store::Snapshot& snapshot) {
        return member.timeline->read(snapshot, {.first = Offset{0}, .any_of_tags = {}, .most = 100});
    });
    EXPECT_EQ(events.back().type, log::EventType::message_confirmed);
    EXPECT_EQ(events.back().reference, id);
}

TEST(PrivateMessage, IsRefusedWhenItCannotBeDelivered) {
    Member member;
    auto const code = [&](MessageInput input) {
        auto const told = member.try_tell(std::move(input));
        return told ? "told" : std::string(told.error().code());
    };
    EXPECT_EQ(code(Member::a_message()), "FF00115");
    EXPECT_EQ(code(Member::a_private_message({})), "FF00115");
    EXPECT_EQ(code(Member::a_private_message({"nobody"})), "FF10277");
    EXPECT_EQ(code(Member::a_private_message({"stranger"})), "FF10233");
    auto unknown = Member::a_message();
    unknown.group = sha256("no group");
    EXPECT_EQ(code(unknown), "FF10226");
    auto large = Member::a_private_message({"other"}, "\"" + std::string(900'000, 'x') + "\"");
    EXPECT_EQ(code(large), "FF10328");
    auto outside = Member::a_private_message({"acme"});
    outside.author = "other";
    EXPECT_EQ(code(outside), "LS10506");
    EXPECT_THAT(member.stored_messages(), IsEmpty()) << "nor is any group defined";
}

TEST(PrivateMessage, ToAGroupThatIsKnownNeedsItsHashAlone) {
    Member member;
    member.start();
    auto const first = member.tell();
    auto input = Member::a_message();
    input.group = first.message.header.group;
    auto const second = member.tell(std::move(input));

    EXPECT_EQ(second.message.header.group, first.message.header.group);
    EXPECT_THAT(member.stored_messages("type = 'groupinit'"), SizeIs(1));
}

}  // namespace
}  // namespace lockstep::messaging
