// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/outgoing.hpp"

#include "async/deadline.hpp"
#include "async/scope.hpp"
#include "base/logging.hpp"
#include "swarm/detail/blob_fetches.hpp"
#include "swarm/detail/blob_outbox.hpp"
#include "swarm/detail/outbox.hpp"
#include "swarm/errors.hpp"

namespace lockstep::swarm {

namespace {

constexpr Duration connect_timeout = 10s;
constexpr Duration offer_again_after = 60s;

Task<void> talk(Common& common, Neighbour& neighbour) {
    auto stream = co_await common.network.connect(neighbour.peer.endpoint, neighbour.peer.fingerprint, connect_timeout);
    if (neighbour.cut || neighbour.gone) co_return;
    Outgoing outgoing(common, neighbour, std::move(stream));
    co_await outgoing.run();
    neighbour.status.last_error = outgoing.reason();
}

std::uint64_t carried_by(const Neighbour& neighbour) { return neighbour.status.sent + neighbour.status.received; }

SendAhead::Options sending_options(const Exchange::Options& options) {
    SendAhead::Options sending;
    sending.window_bytes = options.window_bytes;
    sending.chunk_bytes = options.chunk_bytes;
    sending.retry = {.first = options.reconnect_first, .most = options.reconnect_most};
    return sending;
}

}  // namespace

Task<void> keep_connected(Common& common, std::shared_ptr<Neighbour> neighbour) {
    Backoff backoff({.first = common.options.reconnect_first, .most = common.options.reconnect_most}, common.chance);
    while (!neighbour->gone) {
        auto const seen = neighbour->changed.rings();
        if (neighbour->cut) {
            co_await neighbour->changed.past(seen);
            backoff.reset();
            continue;
        }
        auto const began = common.clock.instant();
        auto const carried = carried_by(*neighbour);
        std::string failure;
        try {
            co_await talk(common, *neighbour);
        } catch (const std::exception& error) {
            if (is_cancelled(error)) throw;
            failure = error.what();
        }
        if (!failure.empty()) neighbour->status.last_error = failure;
        // A peer that hangs up soon after each hello is no better than one that cannot be reached; a link that
        // carried something and broke is worth trying at once.
        auto const lasted = common.clock.instant() - began > common.options.reconnect_most;
        if (lasted || carried_by(*neighbour) > carried) backoff.reset();
        if (neighbour->gone || neighbour->cut) continue;
        auto const wait = backoff.next();
        logging::debug("peer not connected", {{"peer", neighbour->peer.id},
                                              {"error", neighbour->status.last_error},
                                              {"in_ms", wait.count() / 1'000'000}});
        auto const woken = co_await neighbour->changed.past_until(seen, common.clock, common.clock.instant() + wait);
        if (woken == Woken::rung) backoff.reset();
    }
}

Outgoing::Outgoing(Common& common, Neighbour& neighbour, std::unique_ptr<net::FrameStream> stream)
    : common_(common),
      neighbour_(neighbour),
      link_(common.clock, neighbour, std::move(stream)),
      sending_(sending_options(common.options), common.chance),
      last_moved_(common.clock.instant()) {
    sending_.set_withhold(common.withhold);
    neighbour_.outgoing = this;
}

Outgoing::~Outgoing() {
    set_down();
    neighbour_.outgoing = nullptr;
}

void Outgoing::set_down() {
    if (!std::exchange(is_up_, false)) return;
    common_.connected.remove(neighbour_.peer.id);
    common_.pulls.peer_down(neighbour_.peer.id);
    common_.pulls_changed.ring();
    if (common_.fetches) common_.fetches->peer_down(neighbour_.peer.id);
    logging::info("peer disconnected", {{"peer", neighbour_.peer.id}, {"reason", link_.reason()}});
}

Task<void> Outgoing::run() {
    Scope scope{common_.executor, {.name = "peer link"}};
    scope.spawn(link_.last(send_all()));
    co_await scope.join(link_.last(receive_all()));
}

void Outgoing::end(std::string_view reason) {
    link_.end(reason);
    set_down();
}

void Outgoing::sealed(const Hash& hash) {
    sending_.sealed(hash);
    link_.tap().ring();
}

void Outgoing::ask(const Pulls::Ask& ask) { this->ask(encode(WantFrame{ask.hash, ask.offset})); }

void Outgoing::ask(Bytes frame) {
    asks_.push_back(std::move(frame));
    link_.tap().ring();
}

void Outgoing::offer_blob(const Hash& hash) {
    if (!is_up_ || offers_due_ || more_offers_) return;  // the table is read anyway
    if (offered_ == 0) offer_again_at_ = common_.clock.instant() + offer_again_after;
    offers_.push_back(encode(BlobOfferFrame{hash}));
    ++offered_;
    link_.tap().ring();
}

Task<void> Outgoing::read_offers() {
    offers_due_ = false;  // first: what is sealed while we look is offered by itself
    auto read = [ns = common_.ns, peer = neighbour_.peer.id](store::Snapshot& snapshot) {
        return read_blob_outbox(snapshot, ns, peer);
    };
    auto const rows = co_await common_.database.read(std::move(read));
    more_offers_ = rows.size() == blob_offers_max;
    offered_ = 0;
    offer_again_at_ = common_.clock.instant() + offer_again_after;
    for (auto const& hash : rows) {
        if (common_.blob_acks.contains(neighbour_.peer.id, hash)) continue;
        offers_.push_back(encode(BlobOfferFrame{hash}));
        ++offered_;
    }
}

bool Outgoing::on_blob_frame(const Frame& frame) {
    auto const& peer = neighbour_.peer.id;
    if (auto const* chunk = std::get_if<BlobChunkFrame>(&frame)) {
        if (common_.fetches) common_.fetches->chunk(peer, *chunk);
    } else if (auto const* have_not = std::get_if<BlobHaveNotFrame>(&frame)) {
        if (common_.fetches) common_.fetches->have_not(peer, have_not->hash);
    } else if (auto const* ack = std::get_if<BlobAckFrame>(&frame)) {
        common_.blob_acks.add(peer, ack->hash);
        // An acknowledgement that came twice counts twice: the table says whether something is left.
        if (offered_ > 0 && --offered_ == 0) {
            offers_due_ = true;
            link_.tap().ring();
        }
    } else {
        return false;
    }
    return true;
}

void Outgoing::set_withhold(bool withhold) {
    sending_.set_withhold(withhold);
    link_.tap().ring();
}

Task<void> Outgoing::receive_all() {
    co_await link_.send_hello(common_.own_id);
    co_await link_.receive_hello(common_.options.answer_timeout);
    set_up();
    while (!link_.has_ended()) {
        auto const bytes = co_await link_.receive();
        if (!bytes || link_.has_ended()) break;
        last_moved_ = common_.clock.instant();
        owes_answer_ = false;
        auto const frame = decode(*bytes);
        auto verdict = frame ? Result<void>{} : Result<void>{frame.error()};
        if (frame) verdict = co_await dispatch(*frame);
        if (!verdict) {
            logging::warn(
                "a peer breaks the protocol",
                {{"peer", neighbour_.peer.id}, {"code", verdict.error().code()}, {"error", verdict.error().text()}});
            link_.end(verdict.error().text());
        }
        link_.tap().ring();
    }
}

void Outgoing::set_up() {
    is_up_ = true;
    last_moved_ = common_.clock.instant();
    neighbour_.status.last_error.clear();
    common_.connected.add(neighbour_.peer.id);
    common_.pulls.peer_up(neighbour_.peer.id);
    common_.pulls_changed.ring();
    if (common_.fetches) common_.fetches->peer_up();
    offers_due_ = common_.fetches != nullptr;
    link_.tap().ring();
    logging::info("peer connected", {{"peer", neighbour_.peer.id}, {"endpoint", neighbour_.peer.endpoint}});
}

Task<Result<void>> Outgoing::dispatch(Frame frame) {
    if (auto const* ack = std::get_if<AckFrame>(&frame)) {
        on_ack(ack->hash);
    } else if (auto const* refusal = std::get_if<RefuseFrame>(&frame)) {
        on_refuse(*refusal);
    } else if (auto const* want = std::get_if<WantFrame>(&frame)) {
        co_return sending_.wanted(*want);
    } else if (auto const* have_not = std::get_if<HaveNotFrame>(&frame)) {
        common_.pulls.have_not(neighbour_.peer.id, have_not->hash);
        common_.pulls_changed.ring();
    } else if (auto const* chunk = std::get_if<ChunkFrame>(&frame)) {
        co_return co_await on_chunk(*chunk);
    } else if (!on_blob_frame(frame)) {
        co_return refuse(errors::bad_frame, {{"reason", std::string(name_of(frame)) + " has no place here"}});
    }
    co_return Result<void>{};
}

Task<Result<void>> Outgoing::on_chunk(ChunkFrame chunk) {
    auto taken = common_.pulls.chunk(neighbour_.peer.id, chunk, common_.clock.instant());
    common_.pulls_changed.ring();
    if (taken.verdict == Pulls::Verdict::damaged) {
        ++neighbour_.status.refused;
        auto const error = refuse(errors::payload_hash_mismatch, {{"hash", chunk.hash.text()}});
        neighbour_.status.last_error = error.text();
        logging::warn("a payload is damaged",
                      {{"peer", neighbour_.peer.id}, {"code", error.code()}, {"payload", chunk.hash.text()}});
    }
    if (taken.verdict == Pulls::Verdict::complete) {
        auto const kept = co_await keep(common_, chunk.hash, std::move(taken.document), neighbour_.peer.id);
        if (kept) ++neighbour_.status.received;
    }
    co_return Result<void>{};
}

void Outgoing::on_ack(const Hash& hash) {
    if (!sending_.acked(hash)) return;
    ++neighbour_.status.sent;
    if (neighbour_.status.queued > 0) --neighbour_.status.queued;
    common_.acks.add(neighbour_.peer.id, hash);
}

void Outgoing::on_refuse(const RefuseFrame& refusal) {
    ++neighbour_.status.refused;
    neighbour_.status.last_error =
        "LS" + std::to_string(static_cast<int>(refusal.code)) + " for " + refusal.hash.text();
    logging::debug("a peer refuses a payload", {{"peer", neighbour_.peer.id}, {"error", neighbour_.status.last_error}});
    sending_.refused(refusal.hash, refusal.code, common_.clock.instant());
}

Task<void> Outgoing::send_all() {
    while (!link_.has_ended()) {
        auto const seen = link_.tap().rings();
        if (is_up_) {
            while (co_await send_one()) continue;
            if (is_silent()) link_.end("the peer does not answer");
        }
        if (link_.has_ended()) break;
        co_await link_.tap().past_until(seen, common_.clock, wake_at());
    }
}

// False when there is nothing to send now.
Task<bool> Outgoing::send_one() {
    if (link_.has_ended()) co_return false;
    if (!asks_.empty()) {
        auto frame = std::move(asks_.front());
        asks_.pop_front();
        // Asking again is no movement, or a peer that stays silent would never be found out.
        if (!std::exchange(owes_answer_, true)) last_moved_ = common_.clock.instant();
        co_await link_.send(std::move(frame));
        co_return true;
    }
    if (offered_ > 0 && offers_.empty() && common_.clock.instant() >= offer_again_at_) offers_due_ = true;
    if (offers_due_) {
        co_await read_offers();
        co_return true;
    }
    auto step = sending_.next(common_.clock.instant());
    if (!step && !offers_.empty()) {
        auto frame = std::move(offers_.front());
        offers_.pop_front();
        co_await link_.send(std::move(frame));
        co_return true;
    }
    if (!step) co_return false;
    if (auto* send = std::get_if<SendAhead::Send>(&*step)) {
        co_await link_.send(std::move(send->frame));
    } else if (auto const* wish = std::get_if<SendAhead::ReadRows>(&*step)) {
        co_await read_rows(*wish);
    } else {
        co_await fetch(std::get<SendAhead::Fetch>(*step).hash);
    }
    last_moved_ = common_.clock.instant();
    co_return true;
}

Task<void> Outgoing::read_rows(SendAhead::ReadRows wish) {
    auto read = [ns = common_.ns, peer = neighbour_.peer.id, wish](store::Snapshot& snapshot) {
        return read_outbox(snapshot, ns, peer, wish.after, wish.most);
    };
    auto page = co_await common_.database.read(std::move(read));
    auto const through = page.empty() ? wish.after : page.back().sequence;
    auto const last = page.size() < wish.most;
    std::erase_if(page, [this](const OutboxRow& row) { return common_.acks.contains(neighbour_.peer.id, row.hash); });
    sending_.rows(page, through, last);
}

Task<void> Outgoing::fetch(Hash hash) {
    auto document = co_await find_document(common_, hash);
    if (!document) {
        logging::warn("a queued payload is gone", {{"peer", neighbour_.peer.id}, {"payload", hash.text()}});
        common_.acks.add(neighbour_.peer.id, hash);
    }
    sending_.fetched(hash, std::move(document));
}

// Nothing moved for twice as long as an answer may take: half-open, or the peer is stuck.
bool Outgoing::is_silent() const {
    auto const& peer = neighbour_.peer.id;
    if (!owes_answer_ && !sending_.expects_answer() && !common_.pulls.expects_answer(peer)) return false;
    return common_.clock.instant() - last_moved_ >= 2 * common_.options.answer_timeout;
}

Instant Outgoing::wake_at() const {
    auto const now = common_.clock.instant();
    auto at = std::max(now, last_moved_ + 2 * common_.options.answer_timeout);
    if (at == now) at = now + 2 * common_.options.answer_timeout;  // nothing is expected
    if (auto const retry = sending_.wake_at()) at = std::min(at, *retry);
    if (offered_ > 0) at = std::min(at, std::max(now, offer_again_at_));
    return at;
}

}  // namespace lockstep::swarm
