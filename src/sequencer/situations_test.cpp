// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The decision table of the whole stage: each row is a situation on the ledger, played to members in every
// order in which its payloads can arrive, one entry at a time and in one page. All of them must come to the
// outcome of the row. Names that begin with weakness_N are the known weaknesses of the system that this
// one stands in for (firefly-core.md 29.1, item N).
#include "sequencer/test_situations.hpp"

namespace lockstep::sequencer {
namespace {

using testing::TestParamInfo;
using testing::TestWithParam;
using testing::ValuesIn;

std::string claim_topic(std::string_view did) { return identity_topic(did); }

Change with_document(std::string text) {
    return {{}, [text](std::string& document) { document = text; }, {}};
}
Change with_pin(std::function<void(ledger::PinEvent&)> change) { return {{}, {}, std::move(change)}; }

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    auto const at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

// Two batches of alice on one topic, the first made wrong.
std::function<Scene(Book&)> wrong_first(Change change) {
    return [change](Book& book) {
        auto const alice = book.author("alice");
        auto wrong = book.pin(alice, {{"wrong"}}, change);
        auto right = book.pin(alice, {{"m1"}});
        return Scene{{alice}, {wrong, right}};
    };
}
Expected only_the_first_is_rejected(std::string reason) {
    return {{{"orders", {"m1 confirmed"}}}, {"batch of wrong rejected"}, {{"batch of wrong", reason}}, {}};
}

// One batch with a good, a wrong and a good message.
std::function<Scene(Book&)> wrong_definition(Note wrong) {
    return [wrong](Book& book) {
        auto const alice = book.author("alice");
        auto note = wrong;
        note.name = "wrong";
        note.type = MessageType::definition;
        auto batch = book.pin(alice, {{"m1"}, note, {"m2"}});
        auto last = book.pin(alice, {{"m3"}});
        return Scene{{alice}, {batch, last}};
    };
}
Expected the_definition_is_rejected(std::string reason) {
    return {
        {{"orders", {"m1 confirmed", "wrong rejected", "m2 confirmed", "m3 confirmed"}}}, {}, {{"wrong", reason}}, {}};
}

const Situation situations[] = {
    // ---- order ----
    {"a_pin_waits_for_its_payload_or_the_payload_for_its_pin",
     [](Book& book) {
         auto const alice = book.author("alice");
         return Scene{{alice}, {book.pin(alice, {{"m1"}})}};
     },
     {{{"orders", {"m1 confirmed"}}}, {}, {}, {}}},
    {"weakness_1_a_late_payload_holds_its_topic_though_one_before_it_was_settled",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         return Scene{{alice, bob}, {book.pin(alice, {{"m1"}}), book.pin(bob, {{"m2"}}), book.pin(alice, {{"m3"}})}};
     },
     {{{"orders", {"m1 confirmed", "m2 confirmed", "m3 confirmed"}}}, {}, {}, {}}},
    {"weakness_1_an_unknown_signer_holds_its_topic_though_one_before_it_was_settled",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         return Scene{
             {alice},
             {book.pin(alice, {{"m1"}, {"m2"}}), book.pin(bob, {{"m3"}}), book.pin(bob, {book.claim_of(bob)})}};
     },
     {{{"orders", {"m1 confirmed", "m2 confirmed", "m3 confirmed"}},
       {claim_topic("did:firefly:org/bob"), {"claim of bob confirmed"}}},
      {},
      {},
      {"org bob confirmed"}}},
    {"weakness_1_masked_pins_hold_nobody",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const masked = with_pin([](ledger::PinEvent& event) { event.pin.payload_ref.clear(); });
         return Scene{{alice}, {book.pin(alice, {{"secret"}}, masked), book.pin(alice, {{"m1"}})}};
     },
     {{{"orders", {"m1 confirmed"}}}, {}, {}, {}}},
    {"weakness_1_a_definition_of_a_kind_that_is_not_known_is_rejected_alike",
     [](Book& book) {
         auto const alice = book.author("alice");
         Note datatype{"datatype", {"types"}, MessageType::definition, "ff_define_thing"};
         return Scene{{alice}, {book.pin(alice, {datatype}), book.pin(alice, {{"m1", {"orders", "types"}}})}};
     },
     {{{"types", {"datatype rejected", "m1 confirmed"}}, {"orders", {"m1 confirmed"}}},
      {},
      {{"datatype", "FF10403"}},
      {}}},
    {"topics_do_not_wait_for_each_other",
     [](Book& book) {
         auto const alice = book.author("alice");
         return Scene{{alice}, {book.pin(alice, {{"m1", {"a"}}}), book.pin(alice, {{"m2", {"b"}}})}};
     },
     {{{"a", {"m1 confirmed"}}, {"b", {"m2 confirmed"}}}, {}, {}, {}}},
    {"a_message_of_two_topics_keeps_its_place_in_both",
     [](Book& book) {
         auto const alice = book.author("alice");
         return Scene{{alice},
                      {book.pin(alice, {{"m1", {"a"}}}), book.pin(alice, {{"m2", {"a", "b"}}}),
                       book.pin(alice, {{"m3", {"b"}}})}};
     },
     {{{"a", {"m1 confirmed", "m2 confirmed"}}, {"b", {"m2 confirmed", "m3 confirmed"}}}, {}, {}, {}}},
    {"messages_of_one_batch_keep_their_order",
     [](Book& book) {
         auto const alice = book.author("alice");
         return Scene{{alice},
                      {book.pin(alice, {{"m1", {"a"}}}),
                       book.pin(alice, {{"m2", {"b"}}, {"m3", {"b", "a"}}, {"m4", {"a"}}, {"m5", {"b"}}})}};
     },
     {{{"a", {"m1 confirmed", "m3 confirmed", "m4 confirmed"}},
       {"b", {"m2 confirmed", "m3 confirmed", "m5 confirmed"}}},
      {},
      {},
      {}}},

    // ---- signers and identities ----
    {"a_message_before_the_claim_of_its_signer_waits_for_it",
     [](Book& book) {
         auto const alice = book.author("alice");
         return Scene{{}, {book.pin(alice, {{"m1"}}), book.pin(alice, {book.claim_of(alice)})}};
     },
     {{{"orders", {"m1 confirmed"}}, {claim_topic("did:firefly:org/alice"), {"claim of alice confirmed"}}},
      {},
      {},
      {"org alice confirmed"}}},
    {"a_claim_and_a_message_in_one_batch",
     [](Book& book) {
         auto const alice = book.author("alice");
         return Scene{{}, {book.pin(alice, {{"m1"}, book.claim_of(alice), {"m2"}})}};
     },
     {{{"orders", {"m1 confirmed", "m2 confirmed"}},
       {claim_topic("did:firefly:org/alice"), {"claim of alice confirmed"}}},
      {},
      {},
      {"org alice confirmed"}}},
    {"weakness_9_a_child_whose_parent_is_late_is_looked_at_again",
     [](Book& book) {
         auto const alice = book.author("alice");
         return Scene{{},
                      {book.pin(alice, {book.node_claim_of(alice, "n1")}), book.pin(alice, {book.claim_of(alice)})}};
     },
     {{{claim_topic("did:firefly:org/alice"), {"claim of alice confirmed"}},
       {claim_topic("did:firefly:node/n1"), {"claim of n1 confirmed"}}},
      {},
      {},
      {"node n1 confirmed", "org alice confirmed"}}},
    {"a_node_that_somebody_else_claims_for_an_organisation_waits_for_its_signer",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto mallory = book.author("mallory");
         auto const org = book.claim_of(mallory);
         mallory.org = alice.org;
         auto const speaks_for_alice = [&](Batch& batch) {
             batch.author = batch.messages[0].header.author = alice.did;
             seal(batch.messages[0]);
         };
         return Scene{{alice},
                      {book.pin(mallory, {book.node_claim_of(mallory, "n1")}, {speaks_for_alice, {}, {}}),
                       book.pin(mallory, {org})}};
     },
     {{{claim_topic("did:firefly:org/mallory"), {"claim of mallory confirmed"}},
       {claim_topic("did:firefly:node/n1"), {"claim of n1 rejected"}}},
      {},
      {{"claim of n1", "FF10453"}},
      {"org mallory confirmed"}}},
    {"the_first_claim_of_a_name_wins",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto other = book.author("alice");
         other.key = book.author("other").key;
         auto second = book.claim_of(other);
         second.name = "second claim";
         return Scene{{}, {book.pin(alice, {book.claim_of(alice)}), book.pin(other, {second})}};
     },
     {{{claim_topic("did:firefly:org/alice"), {"claim of alice confirmed", "second claim rejected"}}},
      {},
      {{"second claim", "FF10407"}},
      {"org alice confirmed"}}},
    {"a_key_that_did_not_sign_is_rejected_in_its_place",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         auto const signed_by_bob = with_pin([&](ledger::PinEvent& event) { event.author = bob.key; });
         return Scene{{alice, bob},
                      {book.pin(alice, {{"m1"}}), book.pin(alice, {{"m2"}}, signed_by_bob), book.pin(alice, {{"m3"}})}};
     },
     {{{"orders", {"m1 confirmed", "m2 rejected", "m3 confirmed"}}}, {}, {{"m2", "FF10452"}}, {}}},
    {"an_author_that_the_signer_is_not_is_rejected_in_its_place",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto bob = book.author("bob");
         auto const known = bob;
         bob.did = alice.did;
         return Scene{{alice, known}, {book.pin(alice, {{"m1"}}), book.pin(bob, {{"m2"}}), book.pin(alice, {{"m3"}})}};
     },
     {{{"orders", {"m1 confirmed", "m2 rejected", "m3 confirmed"}}}, {}, {{"m2", "FF10453"}}, {}}},

    // ---- poison: what cannot be right is rejected, and the next one goes on ----
    {"weakness_2_a_claim_that_is_no_object", wrong_definition({"", {"orders"}, {}, "ff_identity_claim", {"[1]"}}),
     the_definition_is_rejected("FF10403")},
    {"weakness_2_a_claim_whose_value_is_null", wrong_definition({"", {"orders"}, {}, "ff_identity_claim", {"{}"}}),
     the_definition_is_rejected("FF10403")},
    {"weakness_2_a_claim_without_data", wrong_definition({"", {"orders"}, {}, "ff_identity_claim", {}}),
     the_definition_is_rejected("FF10403")},
    {"weakness_2_a_claim_with_two_values",
     wrong_definition({"", {"orders"}, {}, "ff_identity_claim", {"{\"identity\":{}}", "{\"identity\":{}}"}}),
     the_definition_is_rejected("FF10403")},
    {"weakness_2_a_claim_of_a_type_that_is_no_type",
     wrong_definition({"",
                       {"orders"},
                       {},
                       "ff_identity_claim",
                       {"{\"identity\":{\"id\":\"01020304-0000-4000-8000-000000000000\",\"type\":7}}"}}),
     the_definition_is_rejected("FF10403")},
    {"weakness_2_a_definition_without_a_tag", wrong_definition({"", {"orders"}, {}, "", {"{}"}}),
     the_definition_is_rejected("FF10403")},

    // ---- batches that are wrong: one event, and their topics go on ----
    {"weakness_3_a_document_that_is_another_batch",
     wrong_first({{}, [](std::string& text) { text = replaced(text, "\"tag\":\"t\"", "\"tag\":\"u\""); }, {}}),
     only_the_first_is_rejected("LS10111")},
    {"weakness_3_a_value_that_does_not_hash_to_what_it_says",
     wrong_first({{}, [](std::string& text) { text = replaced(text, "{\"a\":1}", "{\"a\":2}"); }, {}}),
     only_the_first_is_rejected("LS10111")},
    {"weakness_3_a_hash_that_is_not_the_pinned_one",
     wrong_first(with_pin([](ledger::PinEvent& event) { event.pin.batch_hash = sha256("else"); })),
     only_the_first_is_rejected("LS10111")},
    {"weakness_3_a_pin_too_many",
     wrong_first(with_pin([](ledger::PinEvent& event) { event.pin.contexts.push_back(broadcast_context("orders")); })),
     only_the_first_is_rejected("LS10112")},
    {"weakness_3_a_pin_of_another_topic",
     wrong_first(with_pin([](ledger::PinEvent& event) { event.pin.contexts[0] = broadcast_context("else"); })),
     only_the_first_is_rejected("LS10112")},
    {"weakness_3_a_batch_of_another_namespace",
     wrong_first({[](Batch& batch) {
                      batch.namespace_ = batch.messages[0].header.namespace_ = "elsewhere";
                      seal(batch.messages[0]);
                  },
                  {},
                  {}}),
     only_the_first_is_rejected("LS10112")},
    {"weakness_3_another_batch_id",
     wrong_first(with_pin([](ledger::PinEvent& event) {
         event.pin.batch = Uuid{};
         event.pin.batch.bytes[0] = 1;
     })),
     {{{"orders", {"m1 confirmed"}}},
      {"01000000-0000-0000-0000-000000000000 rejected"},
      {{"01000000-0000-0000-0000-000000000000", "LS10112"}},
      {}}},
    {"weakness_3_a_pin_that_names_a_private_document",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         auto const group = book.group("gold", {alice, bob});
         auto const secret = book.pin_private(alice, group, {{"secret"}});
         auto wrong = book.pin(bob, {{"wrong", {"orders"}}}, with_document(secret.document));
         return Scene{{alice, bob}, {wrong, book.pin(alice, {{"m1"}})}};
     },
     only_the_first_is_rejected("LS10112")},
    {"weakness_3_a_pin_that_names_what_looks_like_a_private_document", wrong_first(with_document(R"({"batch":{}})")),
     only_the_first_is_rejected("LS10110")},
    {"weakness_3_a_pin_that_names_no_document",
     wrong_first(with_pin([](ledger::PinEvent& event) { event.pin.payload_ref = "Qm-elsewhere"; })),
     only_the_first_is_rejected("LS10110")},

    // ---- hostile documents ----
    {"weakness_4_a_document_that_is_null", wrong_first(with_document("null")), only_the_first_is_rejected("LS10110")},
    {"weakness_4_a_document_that_is_empty", wrong_first(with_document("{}")), only_the_first_is_rejected("LS10110")},
    {"weakness_4_a_document_that_is_no_text", wrong_first(with_document(std::string("\xff\x00{", 3))),
     only_the_first_is_rejected("LS10110")},
    {"weakness_4_a_document_that_is_very_deep", wrong_first(with_document(std::string(100'000, '['))),
     only_the_first_is_rejected("LS10110")},
    {"weakness_4_an_item_without_an_id",
     wrong_first({{},
                  [](std::string& text) {
                      auto const at = text.rfind("\"data\":[{\"id\":");  // of the batch
                      ASSERT_NE(at, std::string::npos);
                      text.replace(at + 9, 5, "\"no\":");
                  },
                  {}}),
     only_the_first_is_rejected("LS10110")},
    {"weakness_4_messages_that_are_null",
     wrong_first({{}, [](std::string& text) { text = replaced(text, "\"messages\":[{", "\"messages\":[null,{"); }, {}}),
     only_the_first_is_rejected("LS10110")},

    // ---- pins repeated ----
    {"a_batch_that_is_pinned_twice_is_settled_once",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto first = book.pin(alice, {{"m1"}, {"m2", {"other"}}});
         auto between = book.pin(alice, {{"m3"}});
         auto again = first;
         book.pin_again(again, alice);
         return Scene{{alice}, {first, between, again}};
     },
     {{{"orders", {"m1 confirmed", "m3 confirmed"}}, {"other", {"m2 confirmed"}}}, {}, {}, {}}},
    {"a_batch_that_is_rejected_twice_says_so_once_for_each_message",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const bob = book.author("bob");
         auto first = book.pin(alice, {{"m1"}}, with_pin([&](ledger::PinEvent& event) { event.author = bob.key; }));
         auto again = first;
         book.pin_again(again, bob);
         return Scene{{alice, bob}, {first, again, book.pin(alice, {{"m2"}})}};
     },
     {{{"orders", {"m1 rejected", "m2 confirmed"}}}, {}, {{"m1", "FF10452"}}, {}}},
    {"a_pin_by_somebody_else_does_not_take_the_place_of_the_authors",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const mallory = book.author("mallory");
         auto own = book.pin(alice, {{"m1"}});
         auto stolen = own;
         book.pin_again(stolen, mallory);
         std::swap(own.event.block, stolen.event.block);
         return Scene{{alice, mallory}, {stolen, own}};
     },
     {{{"orders", {"m1 rejected", "m1 confirmed"}}}, {}, {}, {}}},
    {"a_document_pinned_for_another_batch_does_not_spoil_it",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto const mallory = book.author("mallory");
         auto own = book.pin(alice, {{"m1"}});
         auto wrong = own;
         book.pin_again(wrong, mallory);
         wrong.event.pin.batch = book.next_id("no batch");
         std::swap(own.event.block, wrong.event.block);
         auto again = own;
         book.pin_again(again, alice);
         return Scene{{alice, mallory}, {wrong, own, again}};
     },
     {{{"orders", {"m1 confirmed"}}}, {"no batch rejected"}, {{"no batch", "LS10112"}}, {}}},
    {"a_batch_whose_first_pin_was_wrong_is_taken_by_its_second",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto wrong = book.pin(alice, {{"m1"}},
                               with_pin([](ledger::PinEvent& event) { event.pin.batch_hash = sha256("else"); }));
         auto right = wrong;
         book.pin_again(right, alice);
         return Scene{{alice}, {wrong, right, book.pin(alice, {{"m2"}})}};
     },
     {{{"orders", {"m1 confirmed", "m2 confirmed"}}}, {"batch of m1 rejected"}, {}, {}}},
    {"a_message_in_two_batches_is_settled_once",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto first = book.pin(alice, {{"m1"}});
         auto second = book.pin(alice, {{"m2"}},
                                {[&](Batch& batch) {
                                     batch.messages.push_back(first.batch.messages[0]);
                                     batch.data.push_back(first.batch.data[0]);
                                 },
                                 {},
                                 {}});
         return Scene{{alice}, {first, second}};
     },
     {{{"orders", {"m1 confirmed", "m2 confirmed"}}}, {}, {}, {}}},
    {"two_messages_with_one_id_are_two_messages",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto first = book.pin(alice, {{"m1", {"a"}}});
         auto second = book.pin(alice, {{"m1", {"b"}, MessageType::broadcast, "u", {"{}"}, [&](Message& message) {
                                             message.header.id = first.batch.messages[0].header.id;
                                         }}});
         return Scene{{alice}, {first, second}};
     },
     {{{"a", {"m1 confirmed"}}, {"b", {"m1 confirmed"}}}, {}, {}, {}}},
    {"two_values_with_one_id_are_two_values",
     [](Book& book) {
         auto const alice = book.author("alice");
         auto first = book.pin(alice, {{"m1"}});
         auto const eve = book.author("eve");
         auto claim = book.claim_of(eve);
         auto const same_id = [&](Batch& batch) {
             batch.data[0].id = batch.messages[0].data[0].id = first.batch.data[0].id;
             seal(batch.messages[0]);
         };
         return Scene{{alice}, {first, book.pin(alice, {{"m2"}}), book.pin(eve, {claim}, {same_id, {}, {}})}};
     },
     {{{"orders", {"m1 confirmed", "m2 confirmed"}}, {claim_topic("did:firefly:org/eve"), {"claim of eve confirmed"}}},
      {},
      {},
      {"org eve confirmed"}}},
};

class Situations : public TestWithParam<Situation> {};

TEST_P(Situations, InEveryOrderOfArrival) { play_in_every_order(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Table, Situations, ValuesIn(situations), [](const TestParamInfo<Situation>& info) {
    return info.param.name;
});

// ---- the table can fail ----

bool notices(const std::string& name, DeciderFault fault) {
    auto const* row = std::find_if(std::begin(situations), std::end(situations),
                                   [&](auto const& situation) { return situation.name == name; });
    Book book;
    Theatre theatre(book, row->scene(book));
    auto const orders = orders_of(theatre.scene());
    auto const right = theatre.play(orders.front());
    return std::any_of(orders.begin(), orders.end(), [&](auto const& order) {
        return theatre.play(order, {.fault = fault}) != right ||
               theatre.play(order, {.fault = fault}, order.size()) != right;
    });
}

TEST(WrongDecider, ThatForgetsParkedContextsIsNoticed) {
    auto const fault = DeciderFault::forgets_parked_contexts;

    EXPECT_TRUE(notices("weakness_1_a_late_payload_holds_its_topic_though_one_before_it_was_settled", fault));
    EXPECT_TRUE(notices("weakness_1_an_unknown_signer_holds_its_topic_though_one_before_it_was_settled", fault));
    EXPECT_TRUE(notices("a_message_of_two_topics_keeps_its_place_in_both", fault));
    EXPECT_FALSE(notices("topics_do_not_wait_for_each_other", fault));
}

TEST(WrongDecider, ThatSettlesByArrivalIsNoticed) {
    auto const fault = DeciderFault::settles_by_arrival;

    EXPECT_TRUE(notices("weakness_1_a_late_payload_holds_its_topic_though_one_before_it_was_settled", fault));
    EXPECT_TRUE(notices("a_message_of_two_topics_keeps_its_place_in_both", fault));
    EXPECT_FALSE(notices("topics_do_not_wait_for_each_other", fault));
}

}  // namespace
}  // namespace lockstep::sequencer
