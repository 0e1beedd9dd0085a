// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The decision table of refused keys: what becomes of messages of a key that nobody has registered, in every order in
// which the documents can arrive.
#include "sequencer/test_situations.hpp"

namespace lockstep::sequencer {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::TestParamInfo;
using testing::TestWithParam;
using testing::ValuesIn;

const std::string topic_of_bob = identity_topic("did:firefly:org/bob");
std::string refusals_of(const Author& author) { return registry::refusal_topic(author.key); }
Author named(const char* name) { return Book().author(name); }

const Situation refusals[] = {
    {"a_refused_key_holds_up_its_topic_no_longer",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         auto strange = book.pin(bob, {{"strange", {"orders", "other"}}});
         auto next = book.pin(alice, {{"next"}});
         return Scene{{alice}, {strange, next, book.pin(alice, {book.refusal_of(bob)})}};
     },
     {{{"orders", {"strange rejected", "next confirmed"}},
       {"other", {"strange rejected"}},
       {refusals_of(named("bob")), {"refusal of bob confirmed"}}},
      {},
      {{"strange", "LS10901"}},
      {}}},
    {"a_claim_before_the_refusal_counts",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         auto early = book.pin(bob, {{"early"}});
         auto claim = book.pin(bob, {book.claim_of(bob)});
         return Scene{{alice}, {early, claim, book.pin(alice, {book.refusal_of(bob)})}};
     },
     {{{"orders", {"early confirmed"}},
       {topic_of_bob, {"claim of bob confirmed"}},
       {refusals_of(named("bob")), {"refusal of bob confirmed"}}},
      {},
      {},
      {"org bob confirmed"}}},
    {"a_claim_after_the_refusal_comes_too_late_for_what_was_before",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         auto early = book.pin(bob, {{"early"}});
         auto refusal = book.pin(alice, {book.refusal_of(bob)});
         return Scene{{alice}, {early, refusal, book.pin(bob, {book.claim_of(bob), {"late"}})}};
     },
     {{{"orders", {"early rejected", "late confirmed"}},
       {topic_of_bob, {"claim of bob confirmed"}},
       {refusals_of(named("bob")), {"refusal of bob confirmed"}}},
      {},
      {{"early", "LS10901"}},
      {"org bob confirmed"}}},
    {"what_is_no_refusal_is_rejected",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         auto elsewhere = book.refusal_of(bob);
         elsewhere.name = "elsewhere";
         elsewhere.topics = {"orders"};
         auto silent = book.refusal_of(bob, "");
         silent.name = "silent";
         auto strange = book.refusal_of(bob);
         strange.name = "strange";
         strange.values = {R"({"key":"bob","reason":"r"})"};
         return Scene{{alice}, {book.pin(alice, {elsewhere, silent, strange})}};
     },
     {{{"orders", {"elsewhere rejected"}}, {refusals_of(named("bob")), {"silent rejected", "strange rejected"}}},
      {},
      {{"elsewhere", "FF10403"}, {"silent", "FF10403"}, {"strange", "FF10403"}},
      {}}},
};

class RefusalSituations : public TestWithParam<Situation> {};

TEST_P(RefusalSituations, InEveryOrderOfArrival) { play_in_every_order(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Table, RefusalSituations, ValuesIn(refusals), [](const TestParamInfo<Situation>& row) {
    return row.param.name;
});

// It may be one by which the key was registered before it was refused.
TEST(Refusals, WaitForEveryDocumentOfTheKey) {
    Book book;
    auto const alice = book.author("alice");
    auto const bob = book.author("bob");
    auto const early = book.pin(bob, {{"early"}});
    auto const unseen = book.pin(bob, {{"unseen", {"elsewhere"}}});
    auto const refusal = book.pin(alice, {book.refusal_of(bob)});
    World member(book);
    member.knows(alice);
    for (auto const* one : {&early, &unseen, &refusal}) member.pin(*one);
    member.payload(early);
    member.payload(refusal);

    EXPECT_THAT(member.waiting(), Contains("early waits for identity"));
    EXPECT_EQ(member.blocked().front().refusable_key, bob.key);

    member.payload(unseen);

    EXPECT_THAT(member.waiting(), IsEmpty());
    EXPECT_THAT(member.settled(), Contains("early rejected on orders"));
}

TEST(Refusals, CountFromTheirPinWheneverTheirAuthorIsKnown) {
    Book book;
    auto const bob = book.author("bob");
    auto const carol = book.author("carol");
    World member(book);
    for (auto const& pinned :
         {book.pin(bob, {{"early"}}), book.pin(carol, {book.refusal_of(bob)}), book.pin(bob, {book.claim_of(bob)})}) {
        member.payload(pinned);
        member.pin(pinned);
    }
    EXPECT_THAT(member.waiting(), Contains("early waits for datatype")) << "bob is known, and so may the refusal be";

    auto const known = book.pin(carol, {book.claim_of(carol)});
    member.payload(known);
    member.pin(known);

    EXPECT_THAT(member.settled(), Contains("early rejected on orders"));
    EXPECT_THAT(member.waiting(), IsEmpty());
}

TEST(Refusals, SayNothingOfWhatIsPinnedAfterThem) {
    Book book;
    auto const alice = book.author("alice");
    auto const bob = book.author("bob");
    auto const refusal = book.pin(alice, {book.refusal_of(bob)});
    auto const late = book.pin(bob, {{"late"}});
    World member(book);
    member.knows(alice);
    for (auto const* one : {&refusal, &late}) {
        member.payload(*one);
        member.pin(*one);
    }
    EXPECT_THAT(member.waiting(), Contains("late waits for identity"));
    member.stop_and_start();
    EXPECT_THAT(member.waiting(), Contains("late waits for identity"));

    auto const again = book.pin(alice, {book.refusal_of(bob)});
    member.payload(again);
    member.pin(again);

    EXPECT_THAT(member.settled(), Contains("late rejected on orders"));
}

// Refusing it would change nothing: its claim waits for its parent, who may verify it yet.
TEST(Refusals, AreNotOfferedForAKeyThatHasClaimed) {
    Book book;
    auto const alice = book.author("alice");
    auto const clerk = book.child("clerk", alice);
    auto const early = book.pin(clerk, {{"early"}});
    auto const claim = book.pin(clerk, {book.claim_of(clerk)});
    World member(book);
    member.knows(alice);
    member.payload(early);
    member.pin(early);
    ASSERT_EQ(member.blocked().size(), 1U);
    EXPECT_EQ(member.blocked()[0].refusable_key, clerk.key);

    member.payload(claim);
    member.pin(claim);

    ASSERT_EQ(member.blocked().size(), 1U);
    EXPECT_EQ(member.blocked()[0].refusable_key, std::nullopt);
}

}  // namespace
}  // namespace lockstep::sequencer
