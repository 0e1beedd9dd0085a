// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/pulls.hpp"

#include <algorithm>
#include <tuple>

#include "core/sha256.hpp"

namespace lockstep::swarm {

void Pulls::want(const Hash& hash) {
    auto const [pull, is_new] = pulls_.try_emplace(hash, last_ticket_ + 1, options_.retry, chance_);
    if (!is_new) return;
    ++last_ticket_;
    ready_.emplace(pull->second.ticket, hash);
}

void Pulls::unwant(const Hash& hash) {
    auto const pull = pulls_.find(hash);
    if (pull == pulls_.end()) return;
    release(pull);
    set_due(pull, std::nullopt);
    ready_.erase(pull->second.ticket);
    drop(pull->second);
    pulls_.erase(pull);
}

void Pulls::hurry(const Hash& hash) {
    auto const pull = pulls_.find(hash);
    if (pull == pulls_.end() || pull->second.state != State::waiting) return;
    pull->second.tried.clear();
    pull->second.backoff.reset();
    set_ready(pull);
}

void Pulls::peer_up(const std::string& peer) {
    up_[peer] = {};
    for (auto pull = pulls_.begin(); pull != pulls_.end(); ++pull) {
        pull->second.tried.erase(peer);
        if (pull->second.state == State::waiting) set_ready(pull);
    }
}

void Pulls::peer_down(const std::string& peer) {
    for (auto pull = pulls_.begin(); pull != pulls_.end(); ++pull) {
        if (pull->second.peer == peer) set_ready(pull);
    }
    up_.erase(peer);
}

Pulls::Taken Pulls::chunk(const std::string& peer, const ChunkFrame& chunk, Instant now) {
    auto const place = pulls_.find(chunk.hash);
    if (place == pulls_.end()) return {};
    auto& pull = place->second;
    if (pull.state != State::asking || pull.peer != peer) return {};
    if (chunk.offset != pull.bytes.size()) return {};  // of an answer that was given up
    if (chunk.total > options_.payload_bytes_max) return damaged(place);
    if (!pull.bytes.empty() && chunk.total != pull.total) {
        if (!pull.resumed) return damaged(place);
        drop(pull);  // two peers disagree, and nobody knows who is right: this one may begin anew
        set_ready(place);
        return {};
    }
    pull.total = chunk.total;
    pull.bytes.reserve(chunk.total);
    pull.bytes.insert(pull.bytes.end(), chunk.bytes.begin(), chunk.bytes.end());
    partial_bytes_ += chunk.bytes.size();
    if (pull.bytes.size() < pull.total) {
        auto const most = pull.asked + options_.answer_timeout * options_.answer_timeouts_max;
        set_due(place, std::min(now + options_.answer_timeout, most));
        return {Verdict::more, {}};
    }
    if (sha256(pull.bytes) != chunk.hash) return damaged(place);
    up_[peer].strikes = 0;
    set_due(place, std::nullopt);
    pull.state = State::storing;
    partial_bytes_ -= pull.bytes.size();
    return {Verdict::complete, std::exchange(pull.bytes, {})};
}

void Pulls::have_not(const std::string& peer, const Hash& hash) {
    auto const pull = pulls_.find(hash);
    if (pull == pulls_.end() || pull->second.state != State::asking || pull->second.peer != peer) return;
    pull->second.tried.insert(peer);
    set_ready(pull);
}

std::optional<Pulls::Ask> Pulls::next(Instant now) {
    expire(now);
    auto const has_room = [this](auto const& peer) { return peer.second.asked < options_.at_once_per_peer_max; };
    for (auto entry = ready_.begin(); entry != ready_.end();) {
        if (active_ >= options_.at_once_max || !std::any_of(up_.begin(), up_.end(), has_room)) break;
        auto const pull = pulls_.find(entry->second);
        ++entry;  // what follows may take it out
        if (auto const peer = choose(pull->second)) return ask(pull, *peer, now);
        if (anyone_left(pull->second)) continue;
        ready_.erase(pull->second.ticket);
        pull->second.state = State::waiting;
        set_due(pull, now + pull->second.backoff.next());
    }
    return std::nullopt;
}

std::optional<Instant> Pulls::wake_at() const {
    if (due_.empty()) return std::nullopt;
    return due_.begin()->first;
}

bool Pulls::expects_answer(const std::string& peer) const {
    auto const found = up_.find(peer);
    return found != up_.end() && found->second.asked > 0;
}

void Pulls::set_due(Place pull, std::optional<Instant> due) {
    if (pull->second.due) due_.erase({*pull->second.due, pull->first});
    pull->second.due = due;
    if (due) due_.emplace(*due, pull->first);
}

void Pulls::set_ready(Place pull) {
    release(pull);
    set_due(pull, std::nullopt);
    pull->second.state = State::ready;
    ready_.emplace(pull->second.ticket, pull->first);
    if (partial_bytes_ > options_.partial_bytes_max) drop(pull->second);
}

// No longer asking or storing.
void Pulls::release(Place pull) {
    auto& peer = pull->second.peer;
    if (peer.empty()) return;
    --active_;
    if (auto const up = up_.find(peer); up != up_.end()) --up->second.asked;
    peer.clear();
}

// The asked peer's fault: others come first from now on.
void Pulls::fail(Place pull) {
    if (auto const up = up_.find(pull->second.peer); up != up_.end()) ++up->second.strikes;
    pull->second.tried.insert(pull->second.peer);
    set_ready(pull);
}

void Pulls::drop(Pull& pull) {
    partial_bytes_ -= pull.bytes.size();
    pull.bytes = {};
    pull.total = 0;
}

void Pulls::expire(Instant now) {
    while (!due_.empty() && due_.begin()->first <= now) {
        auto const pull = pulls_.find(due_.begin()->second);
        if (pull->second.state == State::asking) {
            fail(pull);
        } else {
            pull->second.tried.clear();
            set_ready(pull);
        }
    }
}

Pulls::Ask Pulls::ask(Place place, const std::string& peer, Instant now) {
    auto& pull = place->second;
    ready_.erase(pull.ticket);
    pull.state = State::asking;
    pull.peer = peer;
    pull.resumed = !pull.bytes.empty();
    pull.asked = now;
    set_due(place, now + options_.answer_timeout);
    ++active_;
    ++up_[peer].asked;
    return {peer, place->first, static_cast<std::uint32_t>(pull.bytes.size())};
}

// The one with the fewest strikes, then with the least to do, then by name.
std::optional<std::string> Pulls::choose(const Pull& pull) const {
    using Rank = std::tuple<std::uint64_t, std::size_t, std::string>;
    std::optional<Rank> best;
    for (auto const& [id, peer] : up_) {
        if (peer.asked >= options_.at_once_per_peer_max || pull.tried.contains(id)) continue;
        Rank rank{peer.strikes, peer.asked, id};
        if (!best || rank < *best) best = std::move(rank);
    }
    if (!best) return std::nullopt;
    return std::get<2>(*best);
}

bool Pulls::anyone_left(const Pull& pull) const {
    if (up_.empty()) return true;  // whoever connects first
    return std::any_of(up_.begin(), up_.end(), [&pull](auto const& peer) { return !pull.tried.contains(peer.first); });
}

Pulls::Taken Pulls::damaged(Place pull) {
    drop(pull->second);
    fail(pull);
    return {Verdict::damaged, {}};
}

}  // namespace lockstep::swarm
