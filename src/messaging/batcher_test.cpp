// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// When a batch is sealed, what is in it, and what a crash leaves of it. The numbers of invariants are those
// of the README.
#include "messaging/batcher.hpp"

#include "core/json.hpp"
#include "core/sha256.hpp"
#include "messaging/test_world.hpp"

namespace lockstep::messaging {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

// ---- when ----

TEST(Batcher, NeverLetsALoneMessageWait) {
    Member member;
    member.start();
    auto const said = member.say();

    EXPECT_THAT(member.batched(), ElementsAre(said.message.header.id));
    EXPECT_EQ(member.age(), Duration::zero());
    EXPECT_EQ(member.batcher->waiting(), 0U);
}

TEST(Batcher, GathersWhileAPinOfTheAuthorWaitsFor400Milliseconds) {
    Member member;
    member.start();
    member.say();
    member.say();
    member.pass(100ms);
    member.say();
    member.pass(299ms);
    EXPECT_THAT(member.batch_sizes(), ElementsAre(1));
    EXPECT_EQ(member.batcher->waiting(), 2U);

    member.pass(1ms);

    EXPECT_THAT(member.batch_sizes(), ElementsAre(1, 2)) << "after the oldest of them";
}

TEST(Batcher, SealsWhatItGatheredWhenThePinComesBack) {
    Member member;
    member.start();
    member.say();
    for (int i = 0; i < 3; ++i) member.say();
    EXPECT_THAT(member.batch_sizes(), ElementsAre(1));

    member.take_included();

    EXPECT_THAT(member.batch_sizes(), ElementsAre(1, 3));
    EXPECT_EQ(member.age(), Duration::zero());
}

TEST(Batcher, SealsAtOnceWhatIsFullByMessages) {
    Member member(1, {.messages_max = 20});
    member.start();
    member.say();
    for (int i = 0; i < 45; ++i) member.say();
    EXPECT_THAT(member.batch_sizes(), ElementsAre(1, 20, 20));
    EXPECT_EQ(member.age(), Duration::zero());

    member.pass(400ms);

    EXPECT_THAT(member.batch_sizes(), ElementsAre(1, 20, 20, 5));
}

TEST(Batcher, HasRoomFor200Messages) {
    Member member;
    member.start();
    member.say_many(450);

    EXPECT_THAT(member.batch_sizes(), ElementsAre(200, 200)) << "for the third a pin waits";
    EXPECT_EQ(member.batcher->waiting(), 50U);
}

TEST(Batcher, SealsAtOnceWhatIsFullByBytesAndExceedsThemNever) {
    Member member;
    member.start();
    member.say();
    std::string const value = "\"" + std::string(150 * 1024, 'v') + "\"";
    for (int i = 0; i < 12; ++i) member.say(Member::a_message(value));
    EXPECT_THAT(member.batch_sizes(), ElementsAre(1, 5, 5));
    EXPECT_EQ(member.age(), Duration::zero());

    member.pass(400ms);

    EXPECT_THAT(member.batch_sizes(), ElementsAre(1, 5, 5, 2));
    for (auto const& [payload, document] : member.outbox.documents) EXPECT_LE(document->size(), 800U * 1024);
}

TEST(Batcher, SealsNothingWhileItIsHeld) {
    Member member(1, {.messages_max = 4});
    member.start();
    member.batcher->hold();
    for (int i = 0; i < 6; ++i) member.say();
    member.pass(10s);
    EXPECT_THAT(member.batches(), IsEmpty());
    EXPECT_EQ(member.batcher->waiting(), 6U);

    member.batcher->release();
    member.settle();

    EXPECT_THAT(member.batch_sizes(), ElementsAre(4, 2)) << "the rest has waited long enough";
}

TEST(Batcher, HasABatchForEachAuthorAndHoldsNobodyUpForAnother) {
    Member member;
    member.start();
    auto const a = member.say_as("acme");
    auto const b = member.say_as("other");
    auto const more = member.say_as("acme");
    EXPECT_THAT(member.batched(), ElementsAre(a.message.header.id, b.message.header.id));

    member.pass(400ms);

    auto const batches = member.batches();
    ASSERT_THAT(batches, SizeIs(3));
    EXPECT_EQ(batches[0].author, "did:firefly:org/acme");
    EXPECT_EQ(batches[0].key, member.keys[0].address());
    EXPECT_EQ(batches[1].author, "did:firefly:org/other");
    EXPECT_EQ(batches[1].key, member.keys[1].address());
    EXPECT_EQ(batches[2].messages[0].header.id, more.message.header.id);
}

TEST(Batcher, SealsFirstForWhoHasWaitedLongest) {
    Member member;
    member.start();
    member.batcher->hold();
    member.say_as("other");
    member.pass(1ms);
    member.say_as("acme");
    member.batcher->release();
    member.settle();

    auto const batches = member.batches();
    ASSERT_THAT(batches, SizeIs(2));
    EXPECT_EQ(batches[0].author, "did:firefly:org/other");
}

// ---- what ----

TEST(Batcher, KeepsTheOrderInWhichMessagesWereStored) {
    Member member(1, {.messages_max = 7});
    member.start();
    for (int i = 0; i < 30; ++i) {
        member.say();
        if (i % 4 == 0) member.take_included();
    }
    member.pass(400ms);

    EXPECT_EQ(member.batched(), member.stored_messages());
}

TEST(Batcher, SealsEverythingInOneCommit) {
    Member member;
    member.start();
    auto const commits = member.database().stats().commits;

    auto const said = member.say();

    EXPECT_EQ(member.database().stats().commits, commits + 2) << "the message, and its batch";
    auto const row = *member.find(said.message.header.id);
    EXPECT_EQ(row.state, MessageState::sent);
    ASSERT_TRUE(row.batch);
    ASSERT_TRUE(row.tx);
    auto const batch =
        *member.read([&](store::Snapshot& snapshot) { return find_batch(snapshot, test_ns, *row.batch); });
    EXPECT_EQ(batch.batch.tx.id, row.tx);
    EXPECT_EQ(batch.message_ids, std::vector{said.message.header.id});
    EXPECT_TRUE(batch.confirmed.is_zero());
    EXPECT_EQ(member.count("outbox"), 1);
    EXPECT_EQ(member.stored(), 1) << "a ledger transaction waits";

    auto const work = member.read([&](store::Snapshot& snapshot) {
        return std::pair{operations::find_transaction(snapshot, test_ns, *row.tx),
                         operations::operations_of(snapshot, test_ns, *row.tx)};
    });
    ASSERT_TRUE(work.first);
    EXPECT_EQ(work.first->type, TxType::batch_pin);
    ASSERT_THAT(work.second, SizeIs(2));
    auto const& [upload, pin] = std::tie(work.second[0], work.second[1]);
    EXPECT_EQ(upload.type, operations::OperationType::sharedstorage_upload_batch);
    EXPECT_EQ(upload.status, operations::OperationStatus::Succeeded);
    EXPECT_EQ(pin.type, operations::OperationType::blockchain_pin_batch);
    EXPECT_EQ(pin.status, operations::OperationStatus::Pending);
    EXPECT_EQ(pin.plugin, "ethereum");
    EXPECT_EQ(json::Value{pin.input}["batch"].as_string(), row.batch->text());

    auto const events =
        member.read([&](store::Snapshot& snapshot) { return member.timeline->read(snapshot, log::Selection{}); });
    ASSERT_THAT(events, SizeIs(1));
    EXPECT_EQ(events[0].type, log::EventType::transaction_submitted);
    EXPECT_EQ(events[0].reference, *row.tx);
    EXPECT_EQ(events[0].tx, row.tx);
    EXPECT_EQ(events[0].topic, "batch_pin");
    EXPECT_GT(member.timeline->tap().rings(), 0U);
}

TEST(Batcher, MakesADocumentThatEveryMemberAccepts) {
    Member member;
    auto const data = member.keep(R"({"shared":1})");
    member.start();
    member.batcher->hold();
    for (int i = 0; i < 3; ++i) {
        auto input = Member::a_message();
        input.data.emplace_back().id = data.id;  // the same in each
        input.topics = {"a", "b" + std::to_string(i)};
        input.tag = "tag";
        member.say(std::move(input));
    }
    member.batcher->release();
    member.settle();

    ASSERT_THAT(member.outbox.documents, SizeIs(1));
    auto const& [payload, document] = *member.outbox.documents.begin();
    EXPECT_EQ(sha256(*document), payload);
    auto const batch = parse_batch(*document);
    ASSERT_TRUE(batch) << batch.error().message();
    EXPECT_THAT(batch->messages, SizeIs(3));
    EXPECT_EQ(batch->namespace_, "default");
    EXPECT_TRUE(batch->node) << "the node is registered";

    auto const stored = member.batches().at(0);
    EXPECT_EQ(stored.hash, batch->hash);
    EXPECT_EQ(lockstep::batch_json(stored), *document) << "built again it is the same (invariant 5)";
    auto const row =
        member.read([&](store::Snapshot& snapshot) { return find_batch_by_payload(snapshot, test_ns, payload); });
    ASSERT_TRUE(row);
    EXPECT_EQ(row->batch.id, batch->id);
}

TEST(Batcher, PinsTheContextOfEachTopicOfEachMessage) {
    Member member;
    member.start();
    auto input = Member::a_message();
    input.topics = {"b", "a"};
    member.say(std::move(input));

    auto const blocks = member.await(member.ledger().blocks(BlockNumber{0}, BlockNumber{9}));
    ASSERT_THAT(blocks, SizeIs(1));
    ASSERT_THAT(blocks[0].pins, SizeIs(1));
    auto const& event = blocks[0].pins[0];
    auto const batch = member.batches().at(0);
    EXPECT_EQ(event.author, member.keys[0].address());
    EXPECT_EQ(event.pin.batch, batch.id);
    EXPECT_EQ(event.pin.tx, *batch.tx.id);
    EXPECT_EQ(event.pin.batch_hash, batch.hash);
    EXPECT_EQ(event.pin.payload_ref, member.outbox.documents.begin()->first.text());
    EXPECT_THAT(event.pin.contexts, ElementsAre(broadcast_context("b"), broadcast_context("a")));
}

TEST(Batcher, ShowsWhatItDid) {
    Member member(1, {.messages_max = 3});
    member.start();
    for (int i = 0; i < 5; ++i) member.say();

    auto const status = member.batcher->status();
    ASSERT_THAT(status, SizeIs(1));
    EXPECT_EQ(status[0].name, "did:firefly:org/acme|");
    EXPECT_EQ(status[0].batches, 2U);
    EXPECT_EQ(status[0].messages, 4U);
    EXPECT_EQ(status[0].data, 4U);
    EXPECT_EQ(status[0].waiting, 1U);
    EXPECT_EQ(status[0].errors, 0U);
    EXPECT_EQ(status[0].last_flush, member.clock().now());
    EXPECT_FALSE(status[0].flushing);
}

// ---- failures and deaths ----

TEST(Batcher, TriesAgainWhenTheDiskIsFull) {
    Member member;
    member.start();
    member.batcher->hold();
    auto const said = member.say();
    member.disk().set_capacity(member.disk().bytes_used());
    member.batcher->release();
    member.pass(10s);
    EXPECT_GT(member.batcher->status()[0].errors, 2U);
    EXPECT_NE(member.batcher->status()[0].last_error, "");
    EXPECT_EQ(member.find(said.message.header.id)->state, MessageState::ready);
    EXPECT_THAT(member.outbox.documents, IsEmpty());

    member.disk().set_capacity(std::nullopt);
    member.pass(5s);

    EXPECT_THAT(member.batched(), ElementsAre(said.message.header.id));
    EXPECT_EQ(member.batcher->waiting(), 0U);
}

TEST(Batcher, FindsWhatWasReadyWhenItStarts) {
    Member member;
    auto const a = member.say_as("acme").message.header.id;
    auto const b = member.say_as("other").message.header.id;
    auto const c = member.say_as("acme").message.header.id;
    member.crash();

    member.start();

    EXPECT_THAT(member.batched(), testing::UnorderedElementsAre(a, b, c));
    EXPECT_THAT(member.batch_sizes(), testing::UnorderedElementsAre(2, 1));
}

TEST(Batcher, TakesNothingTwiceThatIsOfferedWhileItLooks) {
    Member member;
    member.say();
    member.restart();
    member.await(member.submitter->start());
    member.spawn(member.batcher->run());
    member.say();
    member.pass(1s);

    EXPECT_EQ(member.batched(), member.stored_messages());
}

// The messages of one author are sealed while those of another still wait: the next start finds both.
TEST(Batcher, LosesNobodyBehindABatchThatIsSealed) {
    Member member;
    member.start();
    member.say_as("acme");
    auto const early = member.say_as("acme").message.header.id;  // waits for the pin of the first
    member.say_as("other");
    EXPECT_THAT(member.batch_sizes(), ElementsAre(1, 1));
    member.crash();

    member.start();
    member.pass(1s);

    EXPECT_THAT(member.batch_sizes(), ElementsAre(1, 1, 1));
    EXPECT_EQ(member.batched().back(), early);
}

TEST(Batcher, DyingWhileItSealsDoublesAndLosesNothing) {
    for (bool const after : {false, true}) {
        for (int commit = 0; commit < 3; ++commit) {
            SCOPED_TRACE(testing::Message() << (after ? "after" : "before") << " commit " << commit);
            Member member(1, {.messages_max = 4});
            member.start();
            member.batcher->hold();
            for (int i = 0; i < 12; ++i) member.say();

            member.die_at(commit, after);
            member.batcher->release();
            member.settle();
            ASSERT_TRUE(member.died());
            member.crash();

            auto const sealed = after ? commit + 1 : commit;
            EXPECT_EQ(member.count("batches"), sealed);
            EXPECT_EQ(member.count("outbox"), sealed);
            EXPECT_EQ(member.stored(), sealed);
            EXPECT_EQ(member.count("operations"), 2 * sealed);
            EXPECT_THAT(member.stored_messages("state = 'ready'"), SizeIs(12U - 4 * static_cast<unsigned>(sealed)));
            member.start();
            member.pass(2s);
            EXPECT_EQ(member.batched(), member.stored_messages());
            EXPECT_EQ(member.count("batches"), 3);
        }
    }
}

TEST(Batcher, KeepsItsPromisesOnADiskThatLosesUnsyncedWrites) {
    int deaths = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        Member member(seed, {.messages_max = 3});
        auto& chance = member.chance();
        std::vector<Uuid> answered;
        for (int life = 0; life < 6; ++life) {
            member.start();
            member.disk().freeze_after(chance.below(120));
            for (int i = 0; i < 10 && !member.disk().is_frozen(); ++i) {
                auto const said = member.say_as("acme");
                if (!member.disk().is_frozen()) answered.push_back(said.message.header.id);
                if (chance.below(4) == 0) member.take_included();
                if (chance.below(4) == 0) member.pass(400ms);
            }
            deaths += member.disk().is_frozen() ? 1 : 0;
            member.crash();
        }
        member.wire.next_fate = nullptr;
        member.start();
        member.pass(1min);

        auto const batched = member.batched();
        EXPECT_EQ(batched, member.stored_messages());
        EXPECT_THAT(answered, Each(testing::ResultOf(
                                  [&](const Uuid& id) { return std::count(batched.begin(), batched.end(), id); }, 1)));
        EXPECT_EQ(member.count("outbox"), member.count("batches"));
        EXPECT_EQ(member.count("transactions"), member.count("batches"));
    }
    EXPECT_GT(deaths, 30) << "otherwise this shows little";
}

// Bytes and not characters, and what a message refers to as well, or the document is larger than anyone takes.
TEST(Batcher, KeepsWithinItsBytesAlsoAfterARestart) {
    Member member;
    std::string value = "\"";
    for (int i = 0; i < 50 * 1024; ++i) value += "\u20ac";  // three bytes each
    value += '"';
    auto const data = member.keep(value);
    for (int i = 0; i < 8; ++i) {
        member.say(Member::a_message(value));
        MessageInput referring;
        referring.data.emplace_back().id = data.id;
        member.say(std::move(referring));
    }
    member.restart();

    member.start();
    member.pass(10s);

    EXPECT_EQ(member.batched(), member.stored_messages());
    for (auto const& [payload, document] : member.outbox.documents) EXPECT_LE(document->size(), 800U * 1024);
}

}  // namespace
}  // namespace lockstep::messaging
