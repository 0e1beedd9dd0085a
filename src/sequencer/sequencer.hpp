// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The sequencer: inbox in, timeline out. A stage over the inbox that takes each pinned batch, decides each
// of its messages in the order of the ledger, and writes message states, events and the parking table in
// one commit with its cursor.
//
// Invariants
//   1. Within a context messages are settled in the order of their pins, whatever arrives when.
//   2. A message is settled once: confirmed or rejected, with one event for each of its topics.
//   3. What waits is in the parking table with what it waits for, and blocks its own contexts alone.
//   4. Nothing that arrives stops the stage: what is wrong is rejected by a rule of shared data.
//   5. A datatype counts for a message if its definition has an earlier pin. While an earlier pin of the
//      definition's topic is undecided, the message waits for it.
//   6. One commit settles at most settle_max messages; what is left of a longer chain goes on through an
//      inbox entry of kind `context`.
#pragma once

#include <memory>
#include <vector>

#include "base/ids.hpp"
#include "chain/chain_events.hpp"
#include "chain/follower.hpp"
#include "core/group.hpp"
#include "flow/stage.hpp"
#include "log/timeline.hpp"
#include "messaging/member_profile.hpp"
#include "messaging/rows.hpp"
#include "sequencer/blob_waits.hpp"
#include "sequencer/blocked.hpp"
#include "sequencer/parking.hpp"
#include "sequencer/private_pins.hpp"
#include "sequencer/settled.hpp"
#include "sequencer/unpinned_waits.hpp"
#include "swarm/exchange.hpp"

namespace lockstep::sequencer {

inline constexpr std::string_view context_entry = "context";  // inbox: key is the 32-byte context

struct SequencerCounts {
    std::uint64_t batches = 0, confirmed = 0, rejected = 0, parked = 0, unparked = 0, events = 0;
};

class Sequencer final : public flow::Step {
  public:
    struct Options {
        std::size_t settle_max = 2000;
        DeciderFault fault = DeciderFault::none;
    };
    // Called on the logic thread after a commit: accounts of ours whose pins came back; whether the
    // registry grew.
    struct Hooks {
        std::function<void(const std::string& account)> pin_returned;
        std::function<void()> registry_changed;
        std::function<void(const Message& message, bool confirmed, bool own)> settled;
    };
    // All references must outlive the sequencer.
    Sequencer(const messaging::MemberProfile& profile,
              store::Database& database,
              WallClock& clock,
              Chance& chance,
              flow::Feed& inbox,
              log::Timeline& timeline,
              swarm::Exchange& exchange,
              Settled& settled,
              Hooks hooks,
              Options options);

    // Looks again, once the stage comes to it, at what a pin, a batch or a context of this member waits for, and asks
    // for what is missing at once. Empty when nothing here has that name. Logic thread.
    Task<std::optional<Rewound>> rewind(RewindTarget target);

    // Before the stage runs: asks the exchange for every payload that a parked batch misses.
    Task<void> start();

    Task<void> prepare(const flow::Page& page) override;
    void apply(store::Transaction& tx, const flow::Page& page) override;
    void committed() override;

    const SequencerCounts& counts() const { return counts_; }

  private:
    struct Arrived;
    struct ArrivedPrivate;
    struct Work;
    struct Signer;
    struct Carried;
    struct Defined;

    void take_pin(Work& work, std::int64_t event_seq);
    void note_download(Work& work, const chain::ChainEventRow& event, const Hash& payload);
    void take_payload(Work& work, const Hash& payload);
    // False when it is rejected. Then its document stays with the exchange: others have to see it to reject it too.
    bool settle_batch(Work& work, const chain::ChainEventRow& event, const Arrived& arrived, bool was_parked);
    void confirm_batch(Work& work,
                       const Batch& batch,
                       const std::optional<Hash>& payload,
                       const std::optional<messaging::BatchRow>& known);
    void reject_batch(Work& work, const chain::ChainEventRow& event, const std::string& reason, bool was_parked);
    void try_parked(Work& work, const ParkedMessage& parked);
    // True when the message was settled; otherwise it is parked.
    bool decide(Work& work,
                const chain::ChainEventRow& event,
                PinOrder first_pin,
                messaging::MessageRow& row,
                const Carried& carried,
                bool own,
                bool stored,
                bool parked);
    // ---- blobs: sequencer_blobs.cpp ----
    std::vector<Hash> missing_blobs(Work& work, const Message& message, const std::vector<Data>* data);
    std::vector<std::string> holders(Work& work, const std::optional<Group>& group);
    void await_blobs(Work& work, const Message& message, std::int64_t seq, const std::vector<Hash>& missing);
    bool has_blobs_of(Work& work, const ArrivedPrivate& arrived);
    void take_blob(Work& work, const Hash& blob);

    void announce(Work& work, const Message& message, const Uuid& tx, bool confirmed, bool own);
    void drain(Work& work);
    static void free_context(Work& work, const Hash& context);

    // ---- definitions, and values that are bound to them: definitions.cpp ----
    Verdict define(Work& work, PinOrder first_pin, const Message& message, const Carried& carried, Defined& defined);
    void announce(Work& work, const Defined& defined, const Uuid& tx);
    Verdict judge_values(Work& work, PinOrder first_pin, const Message& message, const Carried& carried);
    std::vector<TypedRef> types_of(Work& work,
                                   PinOrder first_pin,
                                   const Message& message,
                                   const Carried& carried) const;
    std::optional<std::string> value_of(Work& work, const DataRef& ref, const Carried& carried) const;

    // ---- refusals of keys: refusals.cpp ----
    static void note_claims(Work& work, NamespaceId ns, const chain::ChainEventRow& event, const Batch& batch);
    void note_arrival(Work& work, const chain::ChainEventRow& event);
    std::optional<Verdict> judge_key(Work& work, const std::string& account, PinOrder first_pin);

    // ---- private messages: sequencer_private.cpp ----
    struct Turn;
    static bool has_its_turn(const std::vector<Turn>& turns);
    void take_masked_pin(Work& work, const chain::ChainEventRow& event);
    // Does nothing when the payload is no private document.
    void take_private_document(Work& work, const Hash& payload);
    // False when it has to wait.
    bool take_unpinned(Work& work, const ArrivedPrivate& arrived);
    bool settle_private(Work& work, const chain::ChainEventRow& event, const ArrivedPrivate& arrived);
    bool decide_private(Work& work,
                        const chain::ChainEventRow& event,
                        PinOrder first_pin,
                        messaging::MessageRow& row,
                        const Carried& carried,
                        bool own);
    Verdict judge_private(Work& work,
                          const chain::ChainEventRow& event,
                          PinOrder first_pin,
                          const messaging::MessageRow& row,
                          const Carried& carried,
                          std::vector<Turn>& turns);
    std::optional<Verdict> learn_group(Work& work, const Message& message);
    void open_context(Work& work, const Hash& context, const std::string& topic, const Group& group);
    void queue_kept(Work& work, const NextPin& next);
    void advance(Work& work, const Turn& turn, const MessageHeader& header);
    Verdict judge_unpinned(Work& work, const ArrivedPrivate& arrived);
    void look_again_at_unpinned(Work& work, const std::string& found);
    messaging::MessageRow keep_private(
        Work& work, const Message& message, const Batch& batch, MessageState state, Time confirmed);
    const chain::ChainEventRow& event_row(Work& work, std::int64_t seq);
    const Signer& signer_of(Work& work, const std::string& account);

    const messaging::MemberProfile& profile_;
    store::Database& database_;
    WallClock& clock_;
    flow::Feed& inbox_;
    log::Timeline& timeline_;
    swarm::Exchange& exchange_;
    Settled& settled_;
    Hooks hooks_;
    Options options_;
    std::uint64_t salt_;
    Parking parking_;
    PrivatePins pins_;
    BlobWaits blob_waits_;
    UnpinnedWaits unpinned_waits_;
    SequencerCounts counts_;

    // Handed from prepare() to apply() and from apply() to committed(); the stage runs them one after
    // another, so no two threads use it at once.
    struct Prepared;
    struct Outcome;
    std::shared_ptr<Prepared> prepared_;
    std::shared_ptr<Outcome> outcome_;
};

}  // namespace lockstep::sequencer
