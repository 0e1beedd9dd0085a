// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A member that lies beside what it does honestly: its node runs like every other, and an application on it writes
// pins and documents by hand that no honest one would. The others have to come to the same outcome of each lie, and
// nothing of theirs may wait for it longer than the liar keeps something to itself.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "messaging/sealing.hpp"
#include "simulation/node.hpp"
#include "simulation/workload.hpp"

namespace lockstep::simulation {

class Liar {
  public:
    explicit Liar(Workload& work) : work_(work), ids_(work.clock, work.chance) {}

    // A client of its node: lies while `work.lying`, then hands out what it has held back.
    Task<void> live(Node& node);
    bool has_come_clean() const { return held_back_.empty() && !is_strange_; }

  private:
    struct Document {
        Hash payload;
        std::shared_ptr<const std::string> text;
        std::set<int> to{};  // members; empty: all others
    };
    // What a lie is about: who tells it, and what is the same for all its batches.
    struct Stage;

    Task<void> lie(Node& node);
    Task<std::optional<Stage>> set(Node& node);
    messaging::Unsealed draft(const Stage& stage, std::vector<std::string> topics, const std::optional<Group>& group);
    // May wait for ever and may be rejected; `may_be_true`: may also be confirmed, but at all members or none.
    void note(const std::string& kind, const messaging::Unsealed& unsealed, bool may_be_true = false);
    void note_group(const std::string& key, const MessageHeader& header, const std::set<int>& members);
    // In one commit: pins in this order, documents for all others, the next nonce of a topic.
    using NextNonce = std::pair<Hash, std::uint64_t>;
    Task<void> tell(Node& node,
                    std::vector<ledger::PinRequest> pins,
                    std::vector<Document> documents,
                    std::optional<NextNonce> next = {},
                    std::string account = {});
    Task<void> tell_sealed(Node& node, const messaging::Sealed& sealed, std::string account = {});

    Task<void> speak_as_another(Node& node, const Stage& stage);
    Task<void> repeat_pins(Node& node, const Stage& stage, bool bend);
    Task<void> damage_a_batch(Node& node, const Stage& stage);
    Task<void> pin_without_a_batch(Node& node, const Stage& stage);
    Task<void> send_without_a_pin(Node& node, const Stage& stage);
    Task<void> mix_up_nonces(Node& node, const Stage& stage);
    Task<void> intrude(Node& node, const Stage& stage);
    // In the name of an identity that does not exist yet, by its key. Then it is claimed, or refused, or neither.
    Task<void> be_a_stranger(Node& node, const Stage& stage);
    Task<void> refuse_the_stranger(Node& node);
    // Refuses it until nothing of its waits any more.
    Task<void> clear_up(Node& node);

    Workload& work_;
    IdMaker ids_;
    std::vector<Document> held_back_;
    int told_ = 0;
    bool is_strange_ = false;  // something by a key of nobody may be on its way
};

}  // namespace lockstep::simulation
