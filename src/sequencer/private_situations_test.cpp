// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The decision table of private messages (firefly-core.md 8.6): what members of a group make of masked pins, in
// every order in which the documents can arrive.
#include "registry/groups.hpp"
#include "sequencer/test_situations.hpp"

namespace lockstep::sequencer {
namespace {

using testing::TestParamInfo;
using testing::TestWithParam;
using testing::ValuesIn;

// Alice and Bob, and a group of theirs that Alice defines in her first batch.
struct Pair {
    explicit Pair(Book& book)
        : alice(book.author("alice")),
          bob(book.author("bob")),
          mallory(book.author("mallory")),
          group(book.group("gold", {alice, bob})) {}

    Author alice, bob, mallory;
    Group group;
};

// The topic of the definition is the group's hash, which the table does not know by heart.
constexpr auto defined = "group gold confirmed";
std::string definition_topic_of(const char* name) {
    Book book;
    auto const alice = book.author("alice");
    auto const bob = book.author("bob");
    book.author("mallory");
    return book.group(name, {alice, bob}).hash.text();
}
Expected with_gold(std::map<std::string, std::vector<std::string>> topics,
                   std::map<std::string, std::string> reasons = {},
                   std::vector<std::string> definitions = {defined}) {
    topics[definition_topic_of("gold")] = std::move(definitions);
    return {std::move(topics), {}, std::move(reasons), {}};
}

const Situation private_situations[] = {
    {"a_group_and_its_first_message_come_in_one_batch",
     [](Book& book) {
         Pair of(book);
         auto first = book.pin_private(of.alice, of.group, {book.definition_of(of.group), {"m1"}});
         auto second = book.pin_private(of.bob, of.group, {{"m2"}});
         return Scene{{of.alice, of.bob}, {first, second}};
     },
     with_gold({{"orders", {"m1 confirmed", "m2 confirmed"}}})},
    {"weakness_a_later_pin_of_another_member_waits_for_a_document_that_is_late",
     [](Book& book) {
         Pair of(book);
         auto first = book.pin_private(of.alice, of.group, {book.definition_of(of.group), {"m1"}});
         auto second = book.pin_private(of.alice, of.group, {{"m2"}});
         auto third = book.pin_private(of.bob, of.group, {{"m3"}});
         return Scene{{of.alice, of.bob}, {first, second, third}};
     },
     with_gold({{"orders", {"m1 confirmed", "m2 confirmed", "m3 confirmed"}}})},
    {"the_first_messages_of_a_topic_keep_the_order_of_the_ledger",
     [](Book& book) {
         Pair of(book);
         auto group = book.pin_private(of.alice, of.group, {book.definition_of(of.group)});
         auto second = book.pin_private(of.bob, of.group, {{"m1", {"new"}}});
         auto third = book.pin_private(of.alice, of.group, {{"m2", {"new"}}});
         return Scene{{of.alice, of.bob}, {group, second, third}};
     },
     with_gold({{"new", {"m1 confirmed", "m2 confirmed"}}})},
    {"a_message_of_two_topics_keeps_its_place_in_both",
     [](Book& book) {
         Pair of(book);
         auto first =
             book.pin_private(of.alice, of.group, {book.definition_of(of.group), {"m1", {"a"}}, {"m2", {"b"}}});
         auto second = book.pin_private(of.bob, of.group, {{"m3", {"b", "a"}}});
         auto third = book.pin_private(of.alice, of.group, {{"m4", {"a"}}, {"m5", {"b"}}});
         return Scene{{of.alice, of.bob}, {first, second, third}};
     },
     with_gold({{"a", {"m1 confirmed", "m3 confirmed", "m4 confirmed"}},
                {"b", {"m2 confirmed", "m3 confirmed", "m5 confirmed"}}})},
    {"two_members_may_define_one_group",
     [](Book& book) {
         Pair of(book);
         auto first = book.pin_private(of.alice, of.group, {book.definition_of(of.group), {"m1"}});
         auto second = book.pin_private(of.bob, of.group, {book.definition_of(of.group), {"m2"}});
         return Scene{{of.alice, of.bob}, {first, second}};
     },
     with_gold({{"orders", {"m1 confirmed", "m2 confirmed"}}}, {}, {defined, defined})},
    {"pins_of_an_author_that_come_in_the_wrong_order_are_settled_by_their_nonces",
     [](Book& book) {
         Pair of(book);
         auto group = book.pin_private(of.alice, of.group, {book.definition_of(of.group)});
         auto later = book.pin_private(of.alice, of.group, {{"m2"}}, 1);
         auto earlier = book.pin_private(of.alice, of.group, {{"m1"}}, 0);
         return Scene{{of.alice, of.bob}, {group, later, earlier}};
     },
     with_gold({{"orders", {"m1 confirmed", "m2 confirmed"}}})},
    {"a_pin_that_somebody_else_copies_takes_nobodys_place",
     [](Book& book) {
         Pair of(book);
         auto first = book.pin_private(of.alice, of.group, {book.definition_of(of.group), {"m1"}});
         auto second = book.pin_private(of.alice, of.group, {{"m2"}});
         auto copied = second;
         book.pin_again(copied, of.mallory);
         copied.event.pin.batch = book.next_id("no batch");
         copied.is_private = false;  // nothing travels for it
         std::swap(second.event.block, copied.event.block);
         return Scene{{of.alice, of.bob, of.mallory}, {first, copied, second}};
     },
     with_gold({{"orders", {"m1 confirmed", "m2 confirmed"}}})},
    {"a_batch_that_its_author_pins_twice_is_settled_once",
     [](Book& book) {
         Pair of(book);
         auto first = book.pin_private(of.alice, of.group, {book.definition_of(of.group), {"m1"}});
         auto again = first;
         book.pin_again(again, of.alice);
         auto last = book.pin_private(of.bob, of.group, {{"m2"}});
         return Scene{{of.alice, of.bob}, {first, again, last}};
     },
     with_gold({{"orders", {"m1 confirmed", "m2 confirmed"}}})},
    {"a_nonce_counts_once",
     [](Book& book) {
         Pair of(book);
         auto first = book.pin_private(of.alice, of.group, {book.definition_of(of.group), {"m1"}});
         auto again = book.pin_private(of.alice, of.group, {{"m2"}}, 0);
         auto last = book.pin_private(of.bob, of.group, {{"m3"}});
         return Scene{{of.alice, of.bob}, {first, again, last}};
     },
     with_gold({{"orders", {"m1 confirmed", "m3 confirmed"}}}, {{"m2", "LS10112"}})},
    {"who_is_not_in_the_group_is_not_heard",
     [](Book& book) {
         Pair of(book);
         auto first = book.pin_private(of.alice, of.group, {book.definition_of(of.group), {"m1"}});
         auto evil = book.pin_private(of.mallory, of.group, {{"m2"}});
         auto last = book.pin_private(of.bob, of.group, {{"m3"}});
         return Scene{{of.alice, of.bob, of.mallory}, {first, evil, last}};
     },
     with_gold({{"orders", {"m1 confirmed", "m3 confirmed"}}}, {{"m2", "LS10112"}})},
    {"a_group_waits_until_its_members_are_registered",
     [](Book& book) {
         Pair of(book);
         auto claims = book.pin(of.bob, {book.claim_of(of.bob), book.node_claim_of(of.bob)});
         auto first = book.pin_private(of.alice, of.group, {book.definition_of(of.group), {"m1"}});
         auto second = book.pin_private(of.bob, of.group, {{"m2"}});
         return Scene{{of.alice}, {claims, first, second}};
     },
     [] {
         auto expected = with_gold({{"orders", {"m1 confirmed", "m2 confirmed"}}});
         expected.topics[identity_topic("did:firefly:org/bob")] = {"claim of bob confirmed"};
         expected.topics[identity_topic("did:firefly:node/node-of-bob")] = {"claim of node-of-bob confirmed"};
         expected.registered = {"node node of bob confirmed", "org bob confirmed"};
         return expected;
     }()},
    {"a_definition_that_is_not_of_its_group_is_rejected_in_silence",
     [](Book& book) {
         Pair of(book);
         auto wrong = book.definition_of(book.group("silver", {of.alice, of.bob}));
         wrong.name = "wrong";
         wrong.topics = {of.group.hash.text()};
         auto first = book.pin_private(of.alice, of.group, {wrong});
         return Scene{{of.alice, of.bob}, {first}};
     },
     {{}, {}, {{"wrong", "FF10403"}}, {}}},
};

class PrivateSituations : public TestWithParam<Situation> {};

TEST_P(PrivateSituations, InEveryOrderOfArrival) { play_in_every_order(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Table,
                         PrivateSituations,
                         ValuesIn(private_situations),
                         [](const TestParamInfo<Situation>& info) { return info.param.name; });

// ---- what is left when all is settled ----

TEST(PrivatePins, OfAGroupThatThisMemberIsNotInStayMaskedAndHoldNobody) {
    Book book;
    Pair of(book);
    World world(book);
    for (auto const& author : {of.alice, of.bob}) world.knows(author);

    world.pin(book.pin_private(of.alice, of.group, {book.definition_of(of.group), {"secret"}}));
    auto const open = book.pin(of.alice, {{"m1"}});
    world.pin(open);
    world.payload(open);

    EXPECT_EQ(world.settled(), std::vector<std::string>{"m1 confirmed on orders"});
    EXPECT_EQ(world.count("masked_pins"), 2);
    EXPECT_EQ(world.count("parked_pins"), 0);
    EXPECT_EQ(world.waiting(), std::vector<std::string>{});
    EXPECT_EQ(world.wanted(), 0u);
}

TEST(PrivatePins, LeaveNothingBehindWhenAllIsSettled) {
    Book book;
    Pair of(book);
    World world(book);
    for (auto const& author : {of.alice, of.bob}) world.knows(author);
    auto const first = book.pin_private(of.alice, of.group, {book.definition_of(of.group), {"m1"}});
    auto again = first;
    book.pin_again(again, of.alice);
    auto const second = book.pin_private(of.bob, of.group, {{"m2", {"orders", "more"}}});

    world.payload(second);
    world.pin(first);
    world.pin(again);
    world.pin(second);
    world.crash();
    EXPECT_EQ(world.settled(), std::vector<std::string>{});
    world.payload(first);
    world.payload(second);

    EXPECT_EQ(world.settled().size(), 4u);
    for (auto const* table : {"masked_pins", "parked_pins", "parked_messages", "private_documents", "payloads"})
        EXPECT_EQ(world.count(table), 0) << table;
}

TEST(PrivatePins, OfAMessageThatItsAuthorPinnedWronglyAsWellStepAsideWithIt) {
    Book book;
    Pair of(book);
    World world(book);
    for (auto const& author : {of.alice, of.bob}) world.knows(author);
    auto const first = book.pin_private(of.alice, of.group, {book.definition_of(of.group), {"m1"}});
    auto const second = book.pin_private(of.alice, of.group, {{"m2"}});
    auto bent = second;
    book.pin_again(bent, of.alice);
    bent.event.pin.contexts[0] = sha256("nobody's");

    for (auto const& one : {first, second, bent}) world.pin(one);
    world.payload(second);
    EXPECT_EQ(world.waiting().size(), 2u);
    world.payload(first);

    EXPECT_EQ(world.settled().back(), "m2 confirmed on orders");
    EXPECT_EQ(world.waiting(), std::vector<std::string>{});
}

TEST(PrivatePins, WaitForNoDefinitionOfAGroupThatThisMemberHasDefinedItself) {
    Book book;
    Pair of(book);
    World world(book);
    for (auto const& author : {of.alice, of.bob}) world.knows(author);
    auto const theirs = book.pin_private(of.bob, of.group, {{"m1"}});
    auto const ours = book.pin_private(of.alice, of.group, {book.definition_of(of.group)});
    world.pin(theirs);
    world.payload(theirs);
    EXPECT_EQ(world.waiting(), std::vector<std::string>{"m1 waits for group"});

    world.change([&](store::Transaction& tx) { registry::insert(tx, NamespaceId{1}, {0, of.group, std::nullopt}); });
    world.sealed(ours);
    world.pin(ours);

    EXPECT_EQ(world.settled().back(), "m1 confirmed on orders");
    EXPECT_EQ(world.waiting(), std::vector<std::string>{});
}

TEST(PrivatePins, OfTheNextMessageAreKnownToEveryMember) {
    Book book;
    Pair of(book);
    World world(book);
    for (auto const& author : {of.alice, of.bob}) world.knows(author);
    auto const first = book.pin_private(of.alice, of.group, {book.definition_of(of.group), {"m1"}, {"m2"}});
    world.pin(first);
    world.payload(first);

    auto load = [context = private_context("orders", of.group.hash)](store::Snapshot& snapshot) {
        PrivatePins const pins(NamespaceId{1});
        return std::pair{pins.next(snapshot, context, "did:firefly:org/alice"),
                         pins.next(snapshot, context, "did:firefly:org/bob")};
    };
    auto const [alice, bob] = world.query(load);
    ASSERT_TRUE(alice && bob);
    EXPECT_EQ(alice->nonce, 2u);
    EXPECT_EQ(alice->hash, masked_pin("orders", of.group.hash, of.alice.did, 2));
    EXPECT_EQ(bob->nonce, 0u);
    EXPECT_EQ(bob->hash, masked_pin("orders", of.group.hash, of.bob.did, 0));
}

}  // namespace
}  // namespace lockstep::sequencer
