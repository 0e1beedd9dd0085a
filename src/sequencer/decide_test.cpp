// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The decision tables of the pure deciders: one row for each situation of the protocol.
#include "sequencer/decide.hpp"

#include <gmock/gmock.h>

#include "core/sha256.hpp"

namespace lockstep::sequencer {
namespace {

using testing::HasSubstr;
using testing::TestParamInfo;
using testing::TestWithParam;
using testing::ValuesIn;

constexpr std::string_view alice_key = "0x00000000000000000000000000000000000a11ce";
constexpr std::string_view alice_did = "did:firefly:org/alice";

Uuid id_number(std::uint8_t number) {
    Uuid id;
    id.bytes[15] = number;
    return id;
}

Message a_message(std::vector<std::string> topics = {"orders"}) {
    Message message;
    message.header.id = id_number(9);
    message.header.author = alice_did;
    message.header.key = alice_key;
    message.header.namespace_ = "default";
    message.header.topics = std::move(topics);
    seal(message);
    return message;
}

template <class Row>
std::string name_of(const TestParamInfo<Row>& info) {
    return info.param.name;
}

// ---- a message ----

struct MessageRow {
    std::string name;
    std::function<void(Message&)> message;
    std::function<void(MessageFacts&)> facts;
    Answer answer;
    std::string says;  // in the reason, or what is waited for
    WaitFor wait = WaitFor::nothing;

    friend void PrintTo(const MessageRow& row, std::ostream* out) { *out << row.name; }
};

void as_it_is(Message&) {}
void all_known(MessageFacts&) {}
void signer_unknown(MessageFacts& facts) { facts.signer_did.reset(); }
void behind_a_pin(MessageFacts& facts) { facts.blocked = broadcast_context("orders"); }
void is_claim(Message& message) {
    message.header.type = MessageType::definition;
    message.header.tag = "ff_identity_claim";
}

const MessageRow message_rows[] = {
    {"what_is_right_and_next_is_confirmed", as_it_is, all_known, Answer::confirm, ""},
    {"what_is_behind_an_undecided_pin_waits_for_it", as_it_is, behind_a_pin, Answer::wait,
     broadcast_context("orders").text(), WaitFor::pin},
    {"what_is_wrong_waits_its_turn_before_it_is_rejected", [](Message& m) { m.header.key = "0xelse"; }, behind_a_pin,
     Answer::wait, broadcast_context("orders").text(), WaitFor::pin},
    {"a_claim_waits_its_turn_as_well", is_claim,
     [](MessageFacts& f) {
         behind_a_pin(f);
         signer_unknown(f);
     },
     Answer::wait, broadcast_context("orders").text(), WaitFor::pin},
    {"an_unknown_signer_waits_for_its_key", as_it_is, signer_unknown, Answer::wait, std::string(alice_key),
     WaitFor::identity},
    {"a_claim_brings_the_identity_of_its_signer", is_claim, signer_unknown, Answer::confirm, ""},
    {"another_definition_waits_for_its_signer",
     [](Message& m) {
         m.header.type = MessageType::definition;
         m.header.tag = "ff_define_datatype";
     },
     signer_unknown, Answer::wait, std::string(alice_key), WaitFor::identity},
    {"a_broadcast_with_the_tag_of_a_claim_is_no_claim", [](Message& m) { m.header.tag = "ff_identity_claim"; },
     signer_unknown, Answer::wait, std::string(alice_key), WaitFor::identity},
    {"a_key_that_did_not_sign_the_pin_is_rejected", [](Message& m) { m.header.key = "0xelse"; }, all_known,
     Answer::reject, "FF10452"},
    {"a_message_without_a_key_is_rejected", [](Message& m) { m.header.key.clear(); }, all_known, Answer::reject,
     "FF10452"},
    {"neither_the_message_nor_the_pin_has_a_key", [](Message& m) { m.header.key.clear(); },
     [](MessageFacts& f) { f.signer = ""; }, Answer::reject, "FF10452"},
    {"a_wrong_key_is_rejected_even_when_nobody_knows_the_signer", [](Message& m) { m.header.key = "0xelse"; },
     signer_unknown, Answer::reject, "FF10452"},
    {"an_author_that_is_not_the_signers_identity_is_rejected",
     [](Message& m) { m.header.author = "did:firefly:org/bob"; }, all_known, Answer::reject, "FF10453"},
    {"a_claim_of_a_signer_that_has_another_identity_is_rejected",
     [](Message& m) {
         is_claim(m);
         m.header.author = "did:firefly:org/bob";
     },
     all_known, Answer::reject, "FF10453"},
    {"a_private_message_in_a_broadcast_batch_is_rejected", [](Message& m) { m.header.type = MessageType::private_; },
     all_known, Answer::reject, "LS10112"},
};

class JudgeMessage : public TestWithParam<MessageRow> {};

TEST_P(JudgeMessage, Row) {
    auto const& row = GetParam();
    auto message = a_message();
    MessageFacts facts;
    facts.signer = alice_key;
    facts.signer_did = std::string(alice_did);
    row.message(message);
    row.facts(facts);

    auto const verdict = judge_message(message, facts);

    EXPECT_EQ(verdict.answer, row.answer);
    EXPECT_EQ(verdict.wait, row.wait);
    if (row.answer == Answer::wait) {
        EXPECT_EQ(verdict.missing, row.says);
    }
    if (row.answer == Answer::reject) {
        EXPECT_THAT(verdict.reason, HasSubstr(row.says));
    }
    if (row.answer == Answer::confirm) {
        EXPECT_EQ(verdict.reason + verdict.missing, "");
    }
}

INSTANTIATE_TEST_SUITE_P(Table, JudgeMessage, ValuesIn(message_rows), name_of<MessageRow>);

// ---- a batch ----

struct BatchRow {
    std::string name;
    std::function<void(Batch&, ledger::PinEvent&)> change;
    std::string says;  // empty: it is what the pin says

    friend void PrintTo(const BatchRow& row, std::ostream* out) { *out << row.name; }
};

using Event = ledger::PinEvent;

const BatchRow batch_rows[] = {
    {"a_document_that_is_what_was_pinned_is_taken", [](Batch&, Event&) {}, ""},
    {"another_batch_hash_than_the_pinned_one", [](Batch&, Event& e) { e.pin.batch_hash = sha256("else"); }, "LS10111"},
    {"another_batch_id_than_the_pinned_one", [](Batch&, Event& e) { e.pin.batch = id_number(77); }, "LS10112"},
    {"another_transaction_than_the_pinned_one", [](Batch&, Event& e) { e.pin.tx = id_number(77); }, "LS10112"},
    {"a_batch_without_a_transaction", [](Batch& b, Event&) { b.tx.id.reset(); }, "LS10112"},
    {"a_batch_of_another_namespace", [](Batch& b, Event&) { b.namespace_ = "elsewhere"; }, "LS10112"},
    {"a_message_of_another_namespace", [](Batch& b, Event&) { b.messages[1].header.namespace_ = "elsewhere"; },
     "LS10112"},
    {"a_private_batch_under_pins_that_are_not_masked", [](Batch& b, Event&) { b.type = BatchType::private_; },
     "LS10112"},
    {"more_pins_than_topics", [](Batch&, Event& e) { e.pin.contexts.push_back(broadcast_context("more")); }, "LS10112"},
    {"fewer_pins_than_topics", [](Batch&, Event& e) { e.pin.contexts.pop_back(); }, "LS10112"},
    {"a_pin_of_a_topic_that_the_message_has_not",
     [](Batch&, Event& e) { e.pin.contexts[0] = broadcast_context("else"); }, "LS10112"},
    {"the_pins_of_two_messages_exchanged", [](Batch&, Event& e) { std::swap(e.pin.contexts[0], e.pin.contexts[2]); },
     "LS10112"},
    {"the_pins_of_two_topics_exchanged", [](Batch&, Event& e) { std::swap(e.pin.contexts[0], e.pin.contexts[1]); },
     "LS10112"},
};

class JudgeBatch : public TestWithParam<BatchRow> {};

TEST_P(JudgeBatch, Row) {
    auto const& row = GetParam();
    Batch batch;
    batch.id = id_number(1);
    batch.namespace_ = "default";
    batch.tx.id = id_number(2);
    batch.messages = {a_message({"orders", "audit"}), a_message({"prices"})};
    batch.hash = sha256(manifest_json(batch));
    Event event;
    event.pin.batch = batch.id;
    event.pin.tx = id_number(2);
    event.pin.batch_hash = batch.hash;
    event.pin.contexts = {broadcast_context("orders"), broadcast_context("audit"), broadcast_context("prices")};
    row.change(batch, event);

    auto const fault = judge_batch(batch, event, "default");

    if (row.says.empty()) {
        EXPECT_EQ(fault.value_or(""), "");
    } else {
        EXPECT_THAT(fault.value_or(""), HasSubstr(row.says));
    }
}

INSTANTIATE_TEST_SUITE_P(Table, JudgeBatch, ValuesIn(batch_rows), name_of<BatchRow>);

TEST(PinOrder, FollowsTheLedgerAndThenTheBatch) {
    EXPECT_LT(pin_order(1, pins_per_batch_max - 1), pin_order(2, 0));
    EXPECT_LT(pin_order(2, 0), pin_order(2, 1));
    EXPECT_EQ(event_of(pin_order(7, 65'535)), 7);
    EXPECT_EQ(index_of(pin_order(7, 65'535)), 65'535);
}

TEST(WaitWords, AreReadBack) {
    for (auto const wait : {WaitFor::nothing, WaitFor::pin, WaitFor::batch, WaitFor::identity})
        EXPECT_EQ(parse_wait(word(wait)), wait);
    EXPECT_EQ(parse_wait("weather"), std::nullopt);
}

}  // namespace
}  // namespace lockstep::sequencer
