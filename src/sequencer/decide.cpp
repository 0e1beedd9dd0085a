// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "sequencer/decide.hpp"

#include <array>

#include "core/errors.hpp"
#include "sequencer/errors.hpp"

namespace lockstep::sequencer {

namespace {
constexpr std::array<std::string_view, 8> wait_words{"",      "pin",   "batch",    "identity",
                                                     "group", "nonce", "datatype", "blob"};
}

std::string_view word(WaitFor wait) { return wait_words[static_cast<std::size_t>(wait)]; }

std::optional<WaitFor> parse_wait(std::string_view text) {
    for (std::size_t i = 0; i < wait_words.size(); ++i) {
        if (wait_words[i] == text) return static_cast<WaitFor>(i);
    }
    return std::nullopt;
}

Verdict judge_message(const Message& message, const MessageFacts& facts) {
    auto const& header = message.header;
    // Order first: what is behind an undecided pin is not looked at before that is decided, because a
    // decision there may change what is registered.
    if (facts.blocked) return Verdict::wait_for(WaitFor::pin, facts.blocked->text());

    if (header.type != MessageType::broadcast && header.type != MessageType::definition)
        return Verdict::reject(
            refuse(errors::batch_inconsistent, {{"reason", "a broadcast batch carries another kind of message"}})
                .message());
    if (header.key.empty() || header.key != facts.signer)
        return Verdict::reject(
            refuse(errors::key_differs_from_signer, {{"key", header.key}, {"signer", facts.signer}}).message());
    // A claim brings its own identity; everything else waits for the claim of its key.
    auto const is_claim = header.type == MessageType::definition && header.tag == "ff_identity_claim";
    if (facts.refused && !is_claim) return *facts.refused;
    if (!facts.signer_did) {
        if (is_claim) return Verdict::confirm();
        return Verdict::wait_for(WaitFor::identity, std::string(facts.signer));
    }
    if (header.author != *facts.signer_did)
        return Verdict::reject(
            refuse(errors::author_differs_from_identity, {{"author", header.author}, {"identity", *facts.signer_did}})
                .message());
    return Verdict::confirm();
}

std::optional<std::string> judge_batch(const Batch& batch,
                                       const ledger::PinEvent& event,
                                       std::string_view network_namespace) {
    auto const& pin = event.pin;
    auto const mismatch = [](std::string_view what) {
        return refuse(errors::batch_hash_mismatch, {{"what", what}}).message();
    };
    auto const inconsistent = [](std::string_view why) {
        return refuse(errors::batch_inconsistent, {{"reason", why}}).message();
    };
    if (batch.hash != pin.batch_hash) return mismatch("the batch that was pinned");
    if (batch.id != pin.batch || batch.tx.id != pin.tx)
        return inconsistent("the pin is of another batch or transaction");
    if (batch.namespace_ != network_namespace) return inconsistent("it is of another namespace");
    if (batch.type != BatchType::broadcast) return inconsistent("it is no broadcast, though its pins are not masked");
    // Each pin is of its topic, or a message would be settled where nobody waits for it in order.
    std::size_t pins = 0;
    for (auto const& message : batch.messages) {
        if (message.header.namespace_ != network_namespace) return inconsistent("a message is of another namespace");
        for (auto const& topic : message.header.topics) {
            if (pins == pin.contexts.size()) return inconsistent("there are fewer pins than topics");
            if (pin.contexts[pins++] != broadcast_context(topic)) return inconsistent("a pin is of another topic");
        }
    }
    if (pins != pin.contexts.size()) return inconsistent("there are more pins than topics");
    return std::nullopt;
}

std::optional<std::string> judge_private_batch(const Batch& batch,
                                               const ledger::PinEvent& event,
                                               std::string_view network_namespace) {
    auto const& pin = event.pin;
    if (batch.hash != pin.batch_hash) return "it is another batch than the one that was pinned";
    if (batch.id != pin.batch || batch.tx.id != pin.tx) return "the pin is of another batch or transaction";
    if (batch.namespace_ != network_namespace) return "it is of another namespace";
    std::size_t topics = 0;
    for (auto const& message : batch.messages) topics += message.header.topics.size();
    if (topics != pin.contexts.size()) return "there are more or fewer pins than topics";
    return std::nullopt;
}

}  // namespace lockstep::sequencer
