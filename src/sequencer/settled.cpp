// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "sequencer/settled.hpp"

namespace lockstep::sequencer {

Settled::Watch::Watch(Settled& home, const Uuid& id) : home_(home), id_(id) {
    auto& entry = home_.entries_[id_];
    if (!entry) entry = std::make_unique<Entry>();
    ++entry->watchers;
}

Settled::Watch::~Watch() {
    auto const found = home_.entries_.find(id_);
    if (--found->second->watchers == 0) home_.entries_.erase(found);
}

Task<Woken> Settled::Watch::wait_until(Clock& clock, Instant deadline) {
    return home_.entries_.at(id_)->tap.past_until(0, clock, deadline);
}

Settled::Request::Request(Settled& home, const Uuid& id) : home_(home), id_(id) { home_.requests_.emplace(id_, this); }

Settled::Request::~Request() { home_.requests_.erase(id_); }

Task<Woken> Settled::Request::news(Clock& clock, Instant deadline) {
    auto const woken = co_await tap_.past_until(seen_, clock, deadline);
    seen_ = tap_.rings();
    co_return woken;
}

void Settled::settle(const Uuid& id) {
    if (auto const found = entries_.find(id); found != entries_.end()) found->second->tap.ring();
    if (auto const found = requests_.find(id); found != requests_.end()) found->second->tap_.ring();
}

void Settled::answer(const Uuid& request, const Uuid& id) {
    auto const found = requests_.find(request);
    if (found == requests_.end() || found->second->answer_) return;
    found->second->answer_ = id;
    found->second->tap_.ring();
}

}  // namespace lockstep::sequencer
