// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The one place where order is decided, as pure functions of what is known: no table, clock or socket.
// What an answer may depend on, so that every member gives the same: the ledger, the document that the
// pin names, and what was registered by pins before this one. What is only late is waited for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/message.hpp"
#include "ledger/types.hpp"

namespace lockstep::sequencer {

// Place of a pin in the order of the ledger: the row of its chain event, then its index in the batch.
using PinOrder = std::int64_t;
inline constexpr std::int64_t pins_per_batch_max = 1 << 16;
constexpr PinOrder pin_order(std::int64_t event, std::int64_t index) { return event * pins_per_batch_max + index; }
constexpr std::int64_t event_of(PinOrder order) { return order / pins_per_batch_max; }
constexpr std::int64_t index_of(PinOrder order) { return order % pins_per_batch_max; }

enum class Answer { confirm, reject, wait };

// Why something waits, by the word that `lockstep blocked` shows.
enum class WaitFor { nothing, pin, batch, identity, group, nonce, datatype, blob };
std::string_view word(WaitFor wait);
std::optional<WaitFor> parse_wait(std::string_view text);

struct Verdict {
    Answer answer = Answer::confirm;
    std::string reason;               // of a rejection: "FF10452: …"
    WaitFor wait = WaitFor::nothing;  // of a wait
    std::string missing;              // what is waited for: a context, a payload, a key, a DID, an id

    static Verdict confirm() { return {}; }
    static Verdict reject(std::string why) { return {Answer::reject, std::move(why), WaitFor::nothing, ""}; }
    static Verdict wait_for(WaitFor what, std::string name) { return {Answer::wait, "", what, std::move(name)}; }
};

// Deliberate faults, to show that the simulation notices them. None in production.
enum class DeciderFault {
    none,
    forgets_parked_contexts,  // a parked pin does not block what comes after it (firefly-core.md 8.5)
    settles_by_arrival,       // a payload that arrives late is settled ahead of pins that block its contexts
};

struct MessageFacts {
    std::string_view signer;                // account that signed the pin
    std::optional<Hash> blocked;            // a context of it in which an earlier pin is undecided
    std::optional<std::string> signer_did;  // the identity that is registered to the signer
    std::optional<Verdict> refused;         // what refusals of the signer's key make of it (refusals.cpp)
};

// A message whose payload is here and whose batch fits its pin.
Verdict judge_message(const Message& message, const MessageFacts& facts);

// Whether a document is what the pin says (firefly-core.md 7.4, by shared data only). Empty: it is; else
// why the whole batch is rejected.
std::optional<std::string> judge_batch(const Batch& batch,
                                       const ledger::PinEvent& pin,
                                       std::string_view network_namespace);

// The same of a private document, of which the ledger has the hash of its manifest alone.
std::optional<std::string> judge_private_batch(const Batch& batch,
                                               const ledger::PinEvent& pin,
                                               std::string_view network_namespace);

}  // namespace lockstep::sequencer
