// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/blob_fetches.hpp"

#include <algorithm>

#include "async/deadline.hpp"
#include "base/logging.hpp"
#include "blobs/errors.hpp"

namespace lockstep::swarm {

struct BlobFetches::Fetch {
    Fetch(const Hash& of, std::vector<std::string> from, Backoff::Options retry, Chance& chance)
        : hash(of), peers(std::move(from)), backoff(retry, chance) {}

    Hash hash;
    std::vector<std::string> peers;  // empty: whoever is connected
    Backoff backoff;
    std::optional<Instant> due;  // of the next attempt; none: now
    bool is_active = false, is_unwanted = false;

    // Of the attempt under way.
    std::string peer;
    bool is_over = false;  // the peer is gone, has it not, or sends something else
    BlobWindow window;
    std::deque<std::string> chunks;  // not written yet; at most a window
    Tap news;

    void fail() {
        is_over = true;
        news.ring();
    }
};

void BlobFetches::want(const Hash& hash, std::vector<std::string> peers) {
    Backoff::Options const retry{.first = common_.options.reconnect_first, .most = common_.options.reconnect_most};
    auto& fetch = fetches_[hash];
    if (!fetch) {
        fetch = std::make_shared<Fetch>(hash, std::move(peers), retry, common_.chance);
    } else {
        fetch->is_unwanted = false;
        // Whoever may be asked for one of two reasons may be asked.
        if (peers.empty()) fetch->peers.clear();
        if (!fetch->peers.empty()) fetch->peers.insert(fetch->peers.end(), peers.begin(), peers.end());
    }
    changed_.ring();
}

void BlobFetches::unwant(const Hash& hash) {
    auto const found = fetches_.find(hash);
    if (found == fetches_.end()) return;
    found->second->is_unwanted = true;
    found->second->news.ring();
    if (!found->second->is_active) fetches_.erase(found);
}

std::vector<Hash> BlobFetches::wanted() const {
    std::vector<Hash> out;
    for (auto const& [hash, fetch] : fetches_) out.push_back(hash);
    return out;
}

void BlobFetches::peer_up() {
    for (auto const& [hash, fetch] : fetches_) fetch->due.reset();
    changed_.ring();
}

void BlobFetches::peer_down(const std::string& peer) {
    for (auto const& [hash, fetch] : fetches_) {
        if (fetch->is_active && fetch->peer == peer) fetch->fail();
    }
}

void BlobFetches::chunk(const std::string& peer, const BlobChunkFrame& chunk) {
    auto const found = fetches_.find(chunk.hash);
    if (found == fetches_.end() || found->second->peer != peer || found->second->is_over) return;
    auto& fetch = *found->second;
    if (fetch.window.chunk(chunk.total, chunk.offset, chunk.bytes.size()) == BlobWindow::Verdict::wrong) {
        logging::warn("a peer sends another part of a blob than it was asked for",
                      {{"peer", peer}, {"blob", chunk.hash.text()}, {"offset", chunk.offset}});
        return fetch.fail();
    }
    if (!chunk.bytes.empty()) fetch.chunks.emplace_back(as_text(chunk.bytes));
    fetch.news.ring();
}

void BlobFetches::have_not(const std::string& peer, const Hash& hash) {
    auto const found = fetches_.find(hash);
    if (found != fetches_.end() && found->second->peer == peer) found->second->fail();
}

Task<void> BlobFetches::run() {
    Scope scope{common_.executor, {.name = "blobs"}};
    co_await scope.join(work(scope));
}

Task<void> BlobFetches::work(Scope& scope) {
    for (;;) {
        auto const seen = changed_.rings();
        auto const now = common_.clock.instant();
        std::optional<Instant> wake;
        for (auto const& [hash, fetch] : fetches_) {
            if (fetch->is_active) continue;
            if (fetch->due && *fetch->due > now) {
                if (!wake || *fetch->due < *wake) wake = fetch->due;
                continue;
            }
            if (active_ >= at_once_max) continue;
            fetch->is_active = true;
            ++active_;
            scope.spawn(attend(fetch));
        }
        if (wake) {
            co_await changed_.past_until(seen, common_.clock, *wake);
        } else {
            co_await changed_.past(seen);
        }
    }
}

Task<void> BlobFetches::attend(FetchPtr fetch) {
    std::string failure;
    auto done = false;
    try {
        done = co_await fetch_once(*fetch);
    } catch (const std::exception& error) {
        if (is_cancelled(error)) throw;
        failure = error.what();
    }
    fetch->is_active = false;
    fetch->peer.clear();
    --active_;
    if (done || fetch->is_unwanted) {
        fetches_.erase(fetch->hash);
    } else {
        auto const wait = fetch->backoff.next();
        fetch->due = common_.clock.instant() + wait;
        if (!failure.empty())
            logging::warn("a blob cannot be stored", {{"blob", fetch->hash.text()}, {"error", failure}});
    }
    changed_.ring();
}

std::vector<std::string> BlobFetches::candidates(const Fetch& fetch) const {
    auto const connected = common_.connected.list();
    std::vector<std::string> out;
    for (auto const& peer : *connected) {
        if (fetch.peers.empty() || std::find(fetch.peers.begin(), fetch.peers.end(), peer) != fetch.peers.end())
            out.push_back(peer);
    }
    // Not everybody asks the same one first.
    if (out.size() > 1)
        std::rotate(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(common_.chance.below(out.size())),
                    out.end());
    return out;
}

Task<bool> BlobFetches::fetch_once(Fetch& fetch) {
    auto look = [ns = common_.ns, hash = fetch.hash](store::Snapshot& snapshot) {
        return blobs::size_of(snapshot, ns, hash);
    };
    auto const here = co_await common_.database.read(std::move(look));
    if (here) {  // a client has brought it meanwhile
        co_await commit(fetch.hash, static_cast<std::uint64_t>(*here));
        co_return true;
    }
    auto peers = candidates(fetch);
    std::unique_ptr<blobs::Draft> draft;
    for (std::size_t i = 0; i < peers.size() && !fetch.is_unwanted;) {
        if (!draft) draft = co_await common_.options.blobs->resume(fetch.hash);
        auto const was_begun = draft->size() > 0;
        auto const pulled = co_await pull(fetch, *draft, peers[i]);
        if (pulled == Pulled::given_up) break;
        if (pulled == Pulled::whole) {
            auto const good = co_await settle(fetch, std::move(draft));
            draft = nullptr;
            if (good) co_return true;
            logging::warn("a blob is damaged", {{"peer", peers[i]}, {"blob", fetch.hash.text()}});
            if (was_begun) continue;  // perhaps not by this peer
        }
        ++i;
    }
    if (fetch.is_unwanted && draft) co_await common_.options.blobs->discard(std::move(draft));
    co_return false;
}

Task<BlobFetches::Pulled> BlobFetches::pull(Fetch& fetch, blobs::Draft& draft, std::string peer) {
    fetch.peer = peer;
    fetch.is_over = false;
    fetch.chunks.clear();
    fetch.window = BlobWindow(draft.size());
    auto deadline = common_.clock.instant() + common_.options.answer_timeout;
    while (!fetch.is_unwanted) {
        auto const seen = fetch.news.rings();
        while (!fetch.is_over) {
            auto const ask = fetch.window.next();
            if (!ask) break;
            auto frame = encode(BlobWantFrame{fetch.hash, ask->offset, ask->length});
            if (!send_(peer, std::move(frame))) fetch.is_over = true;
        }
        if (!fetch.chunks.empty()) {
            auto bytes = std::move(fetch.chunks.front());
            fetch.chunks.pop_front();
            auto const size = bytes.size();
            co_await draft.add(std::move(bytes));
            fetch.window.written(size);
            bytes_ += size;
            fetch.backoff.reset();
            deadline = common_.clock.instant() + common_.options.answer_timeout;
            continue;
        }
        if (fetch.window.is_complete()) co_return Pulled::whole;
        if (fetch.is_over) co_return Pulled::peer_failed;
        auto const woken = co_await fetch.news.past_until(seen, common_.clock, deadline);
        if (woken == Woken::timed_out) co_return Pulled::peer_failed;
    }
    co_return Pulled::given_up;
}

Task<bool> BlobFetches::settle(Fetch& fetch, std::unique_ptr<blobs::Draft> draft) {
    auto& blobs = *common_.options.blobs;
    auto const found = co_await draft->finish();
    if (found != fetch.hash) {
        co_await blobs.discard(std::move(draft));
        co_return false;
    }
    auto const size = draft->size();
    auto const hold = co_await blobs.publish(std::move(draft), fetch.hash);
    co_await commit(fetch.hash, size);
    co_return true;
}

Task<void> BlobFetches::commit(Hash hash, std::uint64_t size) {
    auto write = [ns = common_.ns, &inbox = common_.inbox, hash, size,
                  now = common_.clock.now()](store::Transaction& tx) {
        blobs::keep(tx, ns, hash, size, now);
        inbox.append(tx, blob_entry, hash.view());
    };
    co_await common_.database.write(std::move(write));
    common_.inbox.tap().ring();
    logging::debug("a blob is here", {{"blob", hash.text()}, {"bytes", size}});
    if (stored_) stored_(hash);
}

}  // namespace lockstep::swarm
