// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The wire words of the enumerations: the enumerator's own name, without the underscore that C++ asks for.
#include <array>
#include <cstddef>

#include "core/message.hpp"

namespace lockstep {

namespace {

// In the order of the enumerators; words_test checks both directions.
constexpr std::array<std::string_view, 8> message_types = {
    "definition",       "broadcast",          "private",         "groupinit", "transfer_broadcast",
    "transfer_private", "approval_broadcast", "approval_private"};
constexpr std::array<std::string_view, 11> tx_types = {
    "none",           "unpinned",        "batch_pin",       "network_action",      "token_pool",
    "token_transfer", "contract_deploy", "contract_invoke", "contract_invoke_pin", "token_approval",
    "data_publish"};
constexpr std::array<std::string_view, 7> message_states = {"staged",    "ready",    "sent",     "pending",
                                                            "confirmed", "rejected", "cancelled"};
constexpr std::array<std::string_view, 2> batch_types = {"broadcast", "private"};

// Enumerations are read in any case (firefly-core.md 2.1).
bool equal_ignoring_case(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != lower[i]) return false;
    }
    return true;
}

template <class Enum, std::size_t count>
std::optional<Enum> find(const std::array<std::string_view, count>& words, std::string_view text) {
    for (std::size_t i = 0; i < count; ++i) {
        if (equal_ignoring_case(text, words[i])) return static_cast<Enum>(i);
    }
    return std::nullopt;
}

template <class Enum, std::size_t count>
std::string_view name_of(const std::array<std::string_view, count>& words, Enum value) {
    const auto index = static_cast<std::size_t>(value);
    return index < count ? words[index] : std::string_view{};
}

}  // namespace

std::string_view word(MessageType type) { return name_of(message_types, type); }
std::string_view word(TxType type) { return name_of(tx_types, type); }
std::string_view word(MessageState state) { return name_of(message_states, state); }
std::string_view word(BatchType type) { return name_of(batch_types, type); }

std::optional<MessageType> parse_message_type(std::string_view text) { return find<MessageType>(message_types, text); }
std::optional<TxType> parse_tx_type(std::string_view text) { return find<TxType>(tx_types, text); }
std::optional<MessageState> parse_message_state(std::string_view text) {
    return find<MessageState>(message_states, text);
}
std::optional<BatchType> parse_batch_type(std::string_view text) { return find<BatchType>(batch_types, text); }

}  // namespace lockstep
