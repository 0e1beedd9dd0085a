// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>

#include "base/error.hpp"
#include "core/message.hpp"

namespace lockstep {
namespace {

Message a_message() {
    Message message;
    message.header.id = *Uuid::parse("2cd37805-5f40-4e12-962e-67868cde3049");
    message.header.topics = {"orders"};
    return message;
}

Uuid id_number(std::uint64_t number) {
    Uuid out;
    for (std::size_t i = 0; i < 8; ++i) out.bytes[i] = static_cast<std::uint8_t>(number >> i * 8);
    out.bytes[15] = 1;
    return out;
}

constexpr ErrorSpec accepted{"", 200, ""};

const ErrorSpec& refusal(const Message& message) {
    const auto checked = check_message_fields(message);
    return checked ? accepted : checked.error().spec();
}

TEST(MessageChecks, accept_a_plain_message) { EXPECT_TRUE(check_message_fields(a_message())); }

TEST(MessageChecks, accept_three_transaction_types) {
    Message message = a_message();
    for (const TxType type : {TxType::batch_pin, TxType::unpinned, TxType::contract_invoke_pin}) {
        message.header.txtype = type;
        EXPECT_TRUE(check_message_fields(message));
    }
    for (const TxType type : {TxType::none, TxType::token_transfer, TxType::contract_invoke}) {
        message.header.txtype = type;
        EXPECT_EQ(refusal(message).code, "FF00130");
    }
}

TEST(MessageChecks, accept_ten_topics_and_refuse_eleven) {
    Message message = a_message();
    message.header.topics.clear();
    for (int i = 0; i < 10; ++i) message.header.topics.push_back(std::string(63, 't') + static_cast<char>('0' + i));
    EXPECT_TRUE(check_message_fields(message));

    message.header.topics.push_back("one-more");
    EXPECT_EQ(refusal(message).code, "FF00134");
}

TEST(MessageChecks, name_the_topic_that_is_there_twice) {
    Message message = a_message();
    message.header.topics = {"a", "b", "a"};

    EXPECT_EQ(check_message_fields(message).error().message(),
              "FF00133: header.topics has 'a' a second time at index 2");
}

TEST(MessageChecks, name_the_topic_and_the_tag_that_are_no_names) {
    Message message = a_message();
    message.header.topics = {"a", "b c"};
    EXPECT_TRUE(check_message_fields(message).error().message().starts_with("FF00140: 'header.topics[1]'"));

    message = a_message();
    message.header.tag = "-";
    EXPECT_TRUE(check_message_fields(message).error().message().starts_with("FF00140: 'header.tag'"));
}

TEST(MessageChecks, refuse_incomplete_data_references) {
    Message message = a_message();
    message.data = {{id_number(1), *Hash::parse(std::string(64, '1'))}, {Uuid{}, *Hash::parse(std::string(64, '1'))}};
    EXPECT_TRUE(check_message_fields(message).error().message().starts_with("FF00128: Data reference 1"));

    message.data[1] = {id_number(2), Hash{}};
    EXPECT_EQ(refusal(message).code, "FF00128");
}

TEST(MessageChecks, find_the_first_repeated_reference_among_many_in_little_time) {
    Message message = a_message();
    const Hash hash = *Hash::parse(std::string(64, '1'));
    for (std::uint64_t i = 0; i < 200'000; ++i) message.data.push_back({id_number(i), hash});
    message.data[150'000].id = id_number(7);
    message.data[160'000].id = id_number(3);

    const auto begin = std::chrono::steady_clock::now();
    const auto checked = check_message_fields(message);

    EXPECT_TRUE(checked.error().message().starts_with("FF00129: Data reference 150000"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

}  // namespace
}  // namespace lockstep
