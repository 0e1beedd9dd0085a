// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/message.hpp"

namespace lockstep {
namespace {

template <class Enum, class Parse>
void expect_words(std::initializer_list<std::pair<Enum, std::string_view>> words, Parse parse) {
    for (const auto& [value, text] : words) {
        EXPECT_EQ(word(value), text);
        EXPECT_EQ(parse(text), value) << text;
    }
    EXPECT_EQ(parse(""), std::nullopt);
    EXPECT_EQ(parse("nonsense"), std::nullopt);
    EXPECT_EQ(word(static_cast<Enum>(words.size())), "");
}

TEST(Words, name_every_message_type) {
    expect_words<MessageType>({{MessageType::definition, "definition"},
                               {MessageType::broadcast, "broadcast"},
                               {MessageType::private_, "private"},
                               {MessageType::groupinit, "groupinit"},
                               {MessageType::transfer_broadcast, "transfer_broadcast"},
                               {MessageType::transfer_private, "transfer_private"},
                               {MessageType::approval_broadcast, "approval_broadcast"},
                               {MessageType::approval_private, "approval_private"}},
                              parse_message_type);
}

TEST(Words, name_every_transaction_type) {
    expect_words<TxType>({{TxType::none, "none"},
                          {TxType::unpinned, "unpinned"},
                          {TxType::batch_pin, "batch_pin"},
                          {TxType::network_action, "network_action"},
                          {TxType::token_pool, "token_pool"},
                          {TxType::token_transfer, "token_transfer"},
                          {TxType::contract_deploy, "contract_deploy"},
                          {TxType::contract_invoke, "contract_invoke"},
                          {TxType::contract_invoke_pin, "contract_invoke_pin"},
                          {TxType::token_approval, "token_approval"},
                          {TxType::data_publish, "data_publish"}},
                         parse_tx_type);
}

TEST(Words, name_every_message_state) {
    expect_words<MessageState>({{MessageState::staged, "staged"},
                                {MessageState::ready, "ready"},
                                {MessageState::sent, "sent"},
                                {MessageState::pending, "pending"},
                                {MessageState::confirmed, "confirmed"},
                                {MessageState::rejected, "rejected"},
                                {MessageState::cancelled, "cancelled"}},
                               parse_message_state);
}

TEST(Words, name_every_batch_type) {
    expect_words<BatchType>({{BatchType::broadcast, "broadcast"}, {BatchType::private_, "private"}}, parse_batch_type);
}

TEST(Words, are_read_in_any_case) {
    EXPECT_EQ(parse_tx_type("BATCH_Pin"), TxType::batch_pin);
    EXPECT_EQ(parse_batch_type("Private"), BatchType::private_);
}

}  // namespace
}  // namespace lockstep
