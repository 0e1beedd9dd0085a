// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/filter.hpp"

#include <gtest/gtest.h>

namespace lockstep::delivery {
namespace {

Result<std::shared_ptr<const Filter>> compile(const std::string& text) {
    auto const input = parse_filter(json::Value{text});
    if (!input) return input.error();
    return Filter::compile(*input);
}

// A message, a submitted transaction, a blockchain event, and one that refers to something else.
EnrichedEvent a_message() {
    EnrichedEvent event;
    event.event.type = log::EventType::message_confirmed;
    event.event.topic = "orders-eu";
    event.tag = "order";
    event.author = "did:firefly:org/org_0";
    event.group = "2d2e511f0113f2a27baee60716e795cf849be3911e830e530ecffd40cbd745b4";
    return event;
}
EnrichedEvent a_transaction() {
    EnrichedEvent event;
    event.event.type = log::EventType::transaction_submitted;
    event.event.topic = "batch_pin";
    event.transaction_type = "batch_pin";
    return event;
}
EnrichedEvent a_chain_event() {
    EnrichedEvent event;
    event.event.type = log::EventType::blockchain_event_received;
    event.event.topic = "ff_batch_pin";
    event.chain_event_name = "BatchPin";
    event.chain_listener = "01a200b3-8c4e-c8ab-fc73-28d0f393178c";
    return event;
}
EnrichedEvent a_datatype() {
    EnrichedEvent event;
    event.event.type = log::EventType::datatype_confirmed;
    event.event.topic = "ff_definition";
    return event;
}

// Which of the four pass.
struct Row {
    const char* what;
    const char* filter;
    bool message, transaction, chain_event, datatype;
};

class FilterTable : public testing::TestWithParam<Row> {};

TEST_P(FilterTable, LetsPassWhatItSays) {
    auto const& row = GetParam();
    auto const filter = compile(row.filter);
    ASSERT_TRUE(filter) << row.what;

    EXPECT_EQ((*filter)->matches(a_message()), row.message) << row.what;
    EXPECT_EQ((*filter)->matches(a_transaction()), row.transaction) << row.what;
    EXPECT_EQ((*filter)->matches(a_chain_event()), row.chain_event) << row.what;
    EXPECT_EQ((*filter)->matches(a_datatype()), row.datatype) << row.what;
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    FilterTable,
    testing::Values(
        Row{"nothing asked for", "{}", true, true, true, true},
        Row{"empty members", R"({"events":"","topic":"","message":{"tag":""}})", true, true, true, true},
        Row{"absent filter", "", true, true, true, true},
        Row{"nulls", R"({"events":null,"message":null,"topic":null})", true, true, true, true},
        Row{"a type, in part", R"({"events":"confirmed"})", true, false, false, true},
        Row{"a type, whole", R"({"events":"^message_confirmed$"})", true, false, false, false},
        Row{"several types", R"({"events":"message|transaction_submitted"})", true, true, false, false},
        Row{"no type", R"({"events":"^confirmed"})", false, false, false, false},
        Row{"a topic, unanchored", R"({"topic":"orders"})", true, false, false, false},
        Row{"a topic, anchored", R"({"topic":"^ff_"})", false, false, true, true},
        Row{"a deprecated topic", R"({"topics":"orders"})", true, false, false, false},
        Row{"the new topic wins over the deprecated one", R"({"topic":"batch_pin","topics":"orders"})", false, true,
            true, false},
        Row{"a tag", R"({"message":{"tag":"^ord"}})", true, false, false, false},
        Row{"a tag that also fits none", R"({"message":{"tag":".*"}})", true, true, true, true},
        Row{"no tag", R"({"message":{"tag":"^$"}})", false, true, true, true},
        Row{"a deprecated tag", R"({"tag":"order"})", true, false, false, false},
        Row{"the new tag wins over the deprecated one", R"({"message":{"tag":"none"},"tag":"order"})", false, false,
            false, false},
        Row{"an author", R"({"message":{"author":"org_0$"}})", true, false, false, false},
        Row{"a deprecated author", R"({"author":"org_1"})", false, false, false, false},
        Row{"a group", R"({"message":{"group":"^2d2e"}})", true, false, false, false},
        Row{"a deprecated group", R"({"group":"745b4$"})", true, false, false, false},
        Row{"a transaction type", R"({"transaction":{"type":"batch_pin"}})", false, true, false, false},
        Row{"a blockchain event's name", R"({"blockchainevent":{"name":"Pin"}})", false, false, true, false},
        Row{"a blockchain event's listener", R"({"blockchainevent":{"listener":"^01a2"}})", false, false, true, false},
        Row{"all members together", R"({"events":"message","topic":"eu$","message":{"tag":"order","author":"org_0"}})",
            true, false, false, false},
        Row{"one member that does not fit", R"({"events":"message","topic":"us$","message":{"tag":"order"}})", false,
            false, false, false},
        Row{"members of another case, as Go reads them", R"({"Events":"message"})", true, false, false, false},
        Row{"unknown members", R"({"colour":"blue"})", true, true, true, true}));

TEST(Filter, SaysByTypeAndTopicAloneWhatNeedsNoLookup) {
    auto const filter = *compile(R"({"events":"message_confirmed","topic":"orders","message":{"tag":"none"}})");

    EXPECT_TRUE(filter->may_match(a_message().event));
    EXPECT_FALSE(filter->matches(a_message()));
    EXPECT_FALSE(filter->may_match(a_transaction().event));
}

struct Broken {
    const char* filter;
    const char* member;
};

class BrokenFilter : public testing::TestWithParam<Broken> {};

TEST_P(BrokenFilter, IsRefusedNamingTheMember) {
    auto const filter = compile(GetParam().filter);

    ASSERT_FALSE(filter);
    EXPECT_EQ(filter.error().code(), "FF10171");
    EXPECT_EQ(filter.error().status(), 400);
    EXPECT_NE(filter.error().text().find("filter." + std::string(GetParam().member)), std::string::npos)
        << filter.error().text();
    EXPECT_NE(filter.error().text().find("missing"), std::string::npos) << filter.error().text();
}

INSTANTIATE_TEST_SUITE_P(Members,
                         BrokenFilter,
                         testing::Values(Broken{R"({"events":"(("})", "events"},
                                         Broken{R"({"topic":"(("})", "topic"},
                                         Broken{R"({"topics":"(("})", "topics"},
                                         Broken{R"({"message":{"tag":"(("}})", "message.tag"},
                                         Broken{R"({"message":{"group":"[a"}})", "message.group"},
                                         Broken{R"({"message":{"author":"(("}})", "message.author"},
                                         Broken{R"({"author":"(("})", "author"},
                                         Broken{R"({"transaction":{"type":"(("}})", "transaction.type"},
                                         Broken{R"({"blockchainevent":{"name":"(("}})", "blockchainevent.name"},
                                         Broken{R"({"blockchainevent":{"listener":"(("}})",
                                                "blockchainevent.listener"}));

TEST(Filter, RefusesPatternsThatAreTooLongOrTooLarge) {
    auto const long_one = compile(R"({"events":")" + std::string(pattern_bytes_max + 1, 'a') + "\"}");
    auto const large_one = compile(R"({"topic":"((a{1,100}){1,100}){1,100}"})");
    auto const longest = compile(R"({"events":")" + std::string(pattern_bytes_max, 'a') + "\"}");

    ASSERT_FALSE(long_one);
    EXPECT_EQ(long_one.error().code(), "FF10171");
    ASSERT_FALSE(large_one);
    EXPECT_EQ(large_one.error().code(), "FF10171");
    EXPECT_TRUE(longest);
}

TEST(Filter, RefusesMembersOfTheWrongKind) {
    for (auto const* text : {R"({"events":7})", R"({"message":"x"})", R"({"message":{"tag":[]}})",
                             R"({"transaction":[]})", "[]", "\"x\""}) {
        auto const input = parse_filter(json::Value{text});
        ASSERT_FALSE(input) << text;
        EXPECT_EQ(input.error().code(), "FF10189");
    }
}

TEST(Filter, IsShownAsItWasRecorded) {
    auto const shown = [](const char* text) { return parse_filter(json::Value{text})->json(); };

    EXPECT_EQ(shown(R"({"events":".*"})"), R"({"events":".*","message":{},"transaction":{},"blockchainevent":{}})");
    EXPECT_EQ(
        shown(R"({"events":"message_confirmed","topic":"^gold_","message":{"tag":"^t","author":"org_0$","group":".*"},)"
              R"("transaction":{"type":"batch_pin"},"blockchainevent":{"name":"","listener":""}})"),
        R"({"events":"message_confirmed","message":{"tag":"^t","group":".*","author":"org_0$"},)"
        R"("transaction":{"type":"batch_pin"},"blockchainevent":{},"topic":"^gold_"})");
    EXPECT_EQ(shown("{}"), R"({"message":{},"transaction":{},"blockchainevent":{}})");
}

TEST(FilterShelf, GivesIdenticalFiltersOneObjectAndForgetsUnusedOnes) {
    FilterShelf shelf;
    FilterInput orders;
    orders.topic = "orders";

    auto one = *shelf.get(orders);
    auto other = *shelf.get(orders);
    auto all = *shelf.get({});
    EXPECT_EQ(one, other);
    EXPECT_NE(one, all);
    EXPECT_EQ(shelf.size(), 2u);

    one.reset();
    other.reset();
    FilterInput bills;
    bills.topic = "bills";
    auto const third = shelf.get(bills);
    EXPECT_EQ(shelf.size(), 2u);
}

}  // namespace
}  // namespace lockstep::delivery
