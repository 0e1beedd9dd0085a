// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a refusal of a key means for a message of that key. Every member must come to the same answer, whichever
// documents it has: a message is rejected by a refusal that is pinned after it, and after no claim of the key. Before
// that is known, it waits: for the documents that the key has pinned before the refusal, since one may be a claim; and,
// when the key is registered by now, for what is undecided on the topic of its refusals, since one may have come before
// the claim.
#include "registry/refusals.hpp"
#include "sequencer/detail/work.hpp"
#include "sequencer/errors.hpp"

namespace lockstep::sequencer {

// Whatever becomes of them: that they are there is all that the ledger and the documents say at once.
void Sequencer::note_claims(Work& work, NamespaceId ns, const chain::ChainEventRow& event, const Batch& batch) {
    std::int64_t index = 0;
    for (auto const& message : batch.messages) {
        auto const& header = message.header;
        if (header.type == MessageType::definition && header.tag == registry::claim_tag) {
            registry::note_claim(work.tx, ns, event.event.author, pin_order(event.seq, index));
            work.signers.erase(event.event.author);
        }
        index += static_cast<std::int64_t>(header.topics.size());
    }
}

// A document is here at last, that a refusal of its signer may have waited for.
void Sequencer::note_arrival(Work& work, const chain::ChainEventRow& event) {
    auto const& account = event.event.author;
    if (registry::first_refusal_after(work.tx, profile_.ns, account, 0)) work.found.emplace(WaitFor::identity, account);
}

std::optional<Verdict> Sequencer::judge_key(Work& work, const std::string& account, PinOrder first_pin) {
    auto const& signer = signer_of(work, account);
    if (signer.first_claim < first_pin) return std::nullopt;
    if (signer.did) {
        auto const context = broadcast_context(registry::refusal_topic(account));
        auto const undecided = parking_.first(work.tx, context);
        if (undecided && *undecided < signer.first_claim) return Verdict::wait_for(WaitFor::datatype, context.text());
    }
    auto const refusal = registry::first_refusal_after(work.tx, profile_.ns, account, first_pin);
    if (!refusal || signer.first_claim < refusal->pin) return std::nullopt;
    for (auto const& batch : parking_.batches(work.tx)) {
        if (batch.event >= event_of(refusal->pin)) break;
        if (event_row(work, batch.event).event.author == account) return Verdict::wait_for(WaitFor::identity, account);
    }
    return Verdict::reject(
        refuse(errors::key_refused, {{"key", account}, {"author", refusal->author}, {"reason", refusal->reason}})
            .message());
}

}  // namespace lockstep::sequencer
