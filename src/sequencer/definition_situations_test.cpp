// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The decision table of definitions: what datatypes and identities do to the messages before and after them, in every
// order in which their payloads can arrive.
#include "sequencer/test_situations.hpp"

namespace lockstep::sequencer {
namespace {

using testing::TestParamInfo;
using testing::TestWithParam;
using testing::ValuesIn;

const std::string numbers = R"({"properties":{"a":{"type":"number"}}})";
const std::string texts = R"({"properties":{"a":{"type":"string"}}})";

Change of_type(const DatatypeRef& datatype, const std::string& validator = "json") {
    return {[=](Batch& batch) {
                for (auto& data : batch.data) {
                    data.datatype = datatype;
                    data.validator = validator;
                }
            },
            {},
            {}};
}
Note with_value(const std::string& name, const std::string& value) {
    return {name, {"orders"}, MessageType::broadcast, "t", {value}, {}};
}
std::string types_topic(std::string_view name) { return registry::datatype_topic(name); }
std::string topic_of(const char* name) {
    return identity_topic(registry::did_of(registry::IdentityType::custom, name));
}

// As if somebody had told it so: the author of a message is another one than its key's owner.
Change in_the_name_of(const Author& author) {
    return {[did = author.did](Batch& batch) {
                batch.author = did;
                for (auto& message : batch.messages) {
                    message.header.author = did;
                    seal(message);
                }
            },
            {},
            {}};
}

const Situation definitions[] = {
    // ---- datatypes ----
    {"a_value_is_checked_by_the_definition_before_it",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         auto definition = book.pin(alice, {book.datatype("n", "1", numbers)});
         auto typed =
             book.pin(bob, {with_value("good", R"({"a":1})"), with_value("bad", R"({"a":"x"})")}, of_type({"n", "1"}));
         return Scene{{alice, bob}, {definition, typed, book.pin(bob, {{"next"}})}};
     },
     {{{"orders", {"good confirmed", "bad rejected", "next confirmed"}},
       {types_topic("n"), {"definition of n/1 confirmed"}}},
      {},
      {{"bad", "FF10198"}},
      {"datatype n/1 confirmed"}}},
    {"a_definition_after_the_message_does_not_count",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto early = book.pin(alice, {with_value("early", R"({"a":1})")}, of_type({"n", "1"}));
         auto definition = book.pin(alice, {book.datatype("n", "1", numbers)});
         auto late = book.pin(alice, {with_value("late", R"({"a":1})")}, of_type({"n", "1"}));
         return Scene{{alice}, {early, definition, late}};
     },
     {{{"orders", {"early rejected", "late confirmed"}}, {types_topic("n"), {"definition of n/1 confirmed"}}},
      {},
      {{"early", "FF10195"}},
      {"datatype n/1 confirmed"}}},
    {"the_first_definition_of_a_version_stays",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         auto first = book.pin(alice, {book.datatype("n", "1", numbers)});
         auto again = book.datatype("n", "1", texts);
         again.name = "second definition";
         auto second = book.pin(bob, {again, book.datatype("n", "2", texts)});
         auto const of_both = [](Batch& batch) {
             batch.data[0].datatype = {"n", "1"};
             batch.data[1].datatype = {"n", "2"};
         };
         auto typed =
             book.pin(alice, {with_value("one", R"({"a":1})"), with_value("two", R"({"a":1})")}, {of_both, {}, {}});
         return Scene{{alice, bob}, {first, second, typed}};
     },
     {{{"orders", {"one confirmed", "two rejected"}},
       {types_topic("n"),
        {"definition of n/1 confirmed", "second definition rejected", "definition of n/2 confirmed"}}},
      {},
      {{"second definition", "FF10407"}, {"two", "FF10198"}},
      {"datatype n/1 confirmed", "datatype n/2 confirmed"}}},
    {"definitions_that_are_wrong_are_rejected",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto schema = book.datatype("a", "1", R"({"type":"nope"})");
         auto remote = book.datatype("b", "1", R"({"$ref":"https://example.com/s"})");
         auto elsewhere = book.datatype("c", "1", numbers);
         elsewhere.topics = {"orders"};
         auto hash = book.datatype("d", "1", numbers);
         hash.values[0].replace(hash.values[0].find("number"), 6, "string");
         return Scene{{alice}, {book.pin(alice, {schema, remote, elsewhere, hash, {"next"}})}};
     },
     {{{"orders", {"definition of c/1 rejected", "next confirmed"}},
       {types_topic("a"), {"definition of a/1 rejected"}},
       {types_topic("b"), {"definition of b/1 rejected"}},
       {types_topic("d"), {"definition of d/1 rejected"}}},
      {},
      {{"definition of a/1", "FF10196"},
       {"definition of b/1", "FF10196"},
       {"definition of c/1", "FF10403"},
       {"definition of d/1", "FF10403"}},
      {}}},
    {"a_definition_whose_signer_is_unknown_is_waited_for",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         auto definition = book.pin(bob, {book.datatype("n", "1", numbers)});
         auto typed = book.pin(alice, {with_value("bad", R"({"a":"x"})")}, of_type({"n", "1"}));
         return Scene{{alice}, {definition, typed, book.pin(bob, {book.claim_of(bob)})}};
     },
     {{{"orders", {"bad rejected"}},
       {types_topic("n"), {"definition of n/1 confirmed"}},
       {identity_topic("did:firefly:org/bob"), {"claim of bob confirmed"}}},
      {},
      {{"bad", "FF10198"}},
      {"datatype n/1 confirmed", "org bob confirmed"}}},
    {"whatever_else_is_on_the_topic_of_a_definition_is_waited_for_too",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         auto stray = book.pin(alice, {{"stray", {types_topic("n")}}});
         auto typed = book.pin(bob, {with_value("m1", R"({"a":1})")}, of_type({"n", "1"}));
         return Scene{{alice, bob}, {stray, typed}};
     },
     {{{"orders", {"m1 rejected"}}, {types_topic("n"), {"stray confirmed"}}}, {}, {{"m1", "FF10195"}}, {}}},
    {"the_validator_none_asks_for_no_check",
     [](Book& book) {
         auto const alice = book.author("alice");
         return Scene{{alice}, {book.pin(alice, {{"m1"}}, of_type({"nowhere", "1"}, "none"))}};
     },
     {{{"orders", {"m1 confirmed"}}}, {}, {}, {}}},
    {"one_value_under_two_datatypes_is_judged_by_each_document",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         auto definition = book.pin(alice, {book.datatype("n", "1", numbers), book.datatype("s", "1", texts)});
         auto first = book.pin(alice, {with_value("m1", R"({"a":1})")}, of_type({"n", "1"}));
         auto const same_data = [&](Batch& batch) {
             batch.data[0] = first.batch.data[0];
             batch.data[0].datatype = {"s", "1"};
             batch.messages[0].data[0] = first.batch.messages[0].data[0];
             seal(batch.messages[0]);
         };
         auto second = book.pin(bob, {{"m2", {"other"}}}, {same_data, {}, {}});
         return Scene{{alice, bob}, {definition, first, second}};
     },
     {{{"orders", {"m1 confirmed"}},
       {"other", {"m2 rejected"}},
       {types_topic("n"), {"definition of n/1 confirmed"}},
       {types_topic("s"), {"definition of s/1 confirmed"}}},
      {},
      {{"m2", "FF10198"}},
      {"datatype n/1 confirmed", "datatype s/1 confirmed"}}},

    // ---- children ----
    {"a_child_is_there_with_claim_and_verification",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const clerk = book.child("clerk", alice);
         auto early = book.pin(clerk, {{"m1"}});
         auto claim = book.pin(clerk, {book.claim_of(clerk)});
         auto verification = book.pin(alice, {book.verification_of(clerk, claim)});
         return Scene{{alice}, {early, claim, verification}};
     },
     {{{"orders", {"m1 confirmed"}},
       {topic_of("clerk"), {"claim of clerk confirmed", "verification of clerk confirmed"}}},
      {},
      {},
      {"org clerk confirmed"}}},
    {"a_verification_may_come_before_the_claim",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const clerk = book.child("clerk", alice);
         auto claim = book.pin(clerk, {book.claim_of(clerk)});
         auto verification = book.pin(alice, {book.verification_of(clerk, claim)});
         book.pin_again(claim, clerk);
         return Scene{{alice}, {verification, claim, book.pin(clerk, {{"m1"}})}};
     },
     {{{"orders", {"m1 confirmed"}},
       {topic_of("clerk"), {"verification of clerk confirmed", "claim of clerk confirmed"}}},
      {},
      {},
      {"org clerk confirmed"}}},
    {"weakness_9_a_child_comes_before_its_parent",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const clerk = book.child("clerk", alice);
         auto claim = book.pin(clerk, {book.claim_of(clerk)});
         auto verification = book.pin(alice, {book.verification_of(clerk, claim)});
         return Scene{{}, {claim, verification, book.pin(alice, {book.claim_of(alice)})}};
     },
     {{{identity_topic("did:firefly:org/alice"), {"claim of alice confirmed"}},
       {topic_of("clerk"), {"claim of clerk confirmed", "verification of clerk confirmed"}}},
      {},
      {},
      {"org alice confirmed", "org clerk confirmed"}}},
    {"a_verification_is_by_the_parent_and_of_that_claim",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         auto const clerk = book.child("clerk", alice);
         auto claim = book.pin(clerk, {book.claim_of(clerk)});
         auto stranger = book.verification_of(clerk, claim);
         stranger.name = "bobs";
         auto wrong = claim;
         wrong.batch.messages[0].hash = sha256("else");
         auto other = book.verification_of(clerk, wrong);
         other.name = "of another claim";
         auto by_bob = book.pin(bob, {stranger});
         auto of_another = book.pin(alice, {other});
         return Scene{{alice, bob}, {claim, by_bob, of_another}};
     },
     {{{topic_of("clerk"), {"claim of clerk confirmed", "bobs rejected", "of another claim rejected"}}},
      {},
      {{"bobs", "FF10409"}, {"of another claim", "FF10410"}},
      {}}},
    {"of_two_claims_of_one_name_the_first_verified_one_wins",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const one = book.child("clerk", alice);
         auto two = book.child("clerk", alice);
         two.key = book.author("two").key;
         auto second = book.claim_of(two);
         second.name = "claim of two";
         auto first_claim = book.pin(one, {book.claim_of(one)});
         auto second_claim = book.pin(two, {second});
         auto second_verified = book.verification_of(two, second_claim);
         second_verified.name = "verification of two";
         auto verified = book.pin(alice, {second_verified, book.verification_of(one, first_claim)});
         return Scene{{alice}, {first_claim, second_claim, verified}};
     },
     {{{topic_of("clerk"),
        {"claim of clerk confirmed", "claim of two confirmed", "verification of two confirmed",
         "verification of clerk rejected"}}},
      {},
      {{"verification of clerk", "FF10407"}},
      {"org clerk confirmed"}}},
    {"an_identity_that_is_its_own_parent_is_rejected",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto clerk = book.child("clerk", alice);
         clerk.org.parent = clerk.org.id;
         return Scene{{alice}, {book.pin(clerk, {book.claim_of(clerk)})}};
     },
     {{{topic_of("clerk"), {"claim of clerk rejected"}}}, {}, {{"claim of clerk", "FF10364"}}, {}}},

    // ---- updates ----
    {"an_update_is_by_the_identity_itself",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         auto theirs = book.update_of(alice, R"({"by":"bob"})");
         theirs.name = "bobs update";
         auto by_bob = book.pin(bob, {theirs});
         return Scene{{alice, bob}, {by_bob, book.pin(alice, {book.update_of(alice, R"({"by":"alice"})")})}};
     },
     {{{identity_topic("did:firefly:org/alice"), {"bobs update rejected", "update of alice confirmed"}}},
      {},
      {{"bobs update", "FF10402"}},
      {"org alice updated"}}},
    {"an_update_under_a_key_of_another_is_rejected",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         return Scene{{alice, bob}, {book.pin(bob, {book.update_of(alice, "{}")}, in_the_name_of(alice))}};
     },
     {{{identity_topic("did:firefly:org/alice"), {"update of alice rejected"}}},
      {},
      {{"update of alice", "FF10453"}},
      {}}},
    {"an_update_of_what_is_not_there_is_rejected",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const clerk = book.child("clerk", alice);
         return Scene{{alice}, {book.pin(alice, {book.update_of(clerk, "{}")})}};
     },
     {{{topic_of("clerk"), {"update of clerk rejected"}}}, {}, {{"update of clerk", "FF10408"}}, {}}},
};

class DefinitionSituations : public TestWithParam<Situation> {};

TEST_P(DefinitionSituations, InEveryOrderOfArrival) { play_in_every_order(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Table, DefinitionSituations, ValuesIn(definitions), [](const TestParamInfo<Situation>& info) {
    return info.param.name;
});

bool fault_is_noticed(const std::string& name, DeciderFault fault) {
    auto const* row = std::find_if(std::begin(definitions), std::end(definitions),
                                   [&](auto const& situation) { return situation.name == name; });
    Book book;
    Theatre theatre(book, row->scene(book));
    auto const orders = orders_of(theatre.scene());
    auto const right = theatre.play(orders.front());
    return std::any_of(orders.begin(), orders.end(),
                       [&](auto const& order) { return theatre.play(order, {.fault = fault}) != right; });
}

TEST(WrongDecider, ThatDoesNotWaitForADefinitionIsNoticed) {
    EXPECT_TRUE(
        fault_is_noticed("a_value_is_checked_by_the_definition_before_it", DeciderFault::forgets_parked_contexts));
}

TEST(Datatypes, AMessageSaysThatItWaitsForADefinition) {
    Book book;
    auto const alice = book.author("alice");
    auto const definition = book.pin(alice, {book.datatype("n", "1", numbers)});
    auto const typed = book.pin(alice, {with_value("m1", R"({"a":1})")}, of_type({"n", "1"}));
    World member(book);
    member.knows(alice);
    member.payload(typed);
    member.pin(definition);
    member.pin(typed);
    EXPECT_THAT(member.waiting(),
                testing::ElementsAre("m1 waits for datatype", "batch of definition of n/1 waits for its payload"));

    member.stop_and_start();
    member.payload(definition);

    EXPECT_THAT(member.waiting(), testing::IsEmpty());
    EXPECT_THAT(member.settled(), testing::Contains("m1 confirmed on orders"));
    EXPECT_EQ(member.count("parked_datatypes"), 0);
}

TEST(Datatypes, PrivateValuesAreCheckedAlike) {
    Book book;
    auto const alice = book.author("alice");
    auto const bob = book.author("bob");
    auto const group = book.group("g", {alice, bob});
    auto const typed = [](Batch& batch) { batch.data[0].datatype = {"n", "1"}; };
    std::vector<Pinned> const pins{
        book.pin_private(alice, group, {book.definition_of(group)}),
        book.pin(bob, {book.datatype("n", "1", numbers)}),
        book.pin_private(alice, group, {with_value("bad", R"({"a":"x"})")}, {}, typed),
        book.pin_private(alice, group, {with_value("good", R"({"a":1})")}, {}, typed),
    };
    World early(book), late(book);
    for (auto* member : {&early, &late}) {
        member->knows(alice);
        member->knows(bob);
    }
    for (auto const& pinned : pins) {
        early.payload(pinned);
        early.pin(pinned);
        late.pin(pinned);
        if (pinned.is_private) late.payload(pinned);
    }
    EXPECT_THAT(late.waiting(), testing::Contains("bad waits for datatype"));
    late.payload(pins[1]);

    auto const outcome = early.outcome();
    EXPECT_THAT(outcome.topics.at("orders"), testing::ElementsAre("bad rejected", "good confirmed"));
    EXPECT_THAT(outcome.reasons.at("bad"), testing::StartsWith("FF10198"));
    EXPECT_EQ(late.outcome(), outcome);
}

}  // namespace
}  // namespace lockstep::sequencer
