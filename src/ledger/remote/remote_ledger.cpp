// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "ledger/remote/remote_ledger.hpp"

#include "async/deadline.hpp"
#include "base/logging.hpp"
#include "base/must.hpp"
#include "ledger/coding.hpp"
#include "ledger/dev/codec.hpp"

namespace lockstep::ledger {

namespace {

[[noreturn]] void unreadable() { throw std::runtime_error("the answer of the ledger cannot be read"); }

}  // namespace

RemoteLedger::RemoteLedger(
    Executor, Clock& clock, Chance& chance, net::Network& network, std::string endpoint, Options options)
    : clock_(clock),
      network_(network),
      endpoint_(std::move(endpoint)),
      options_(options),
      backoff_({.first = 20ms, .most = options.retry_most}, chance) {}

// ---- the connection ----

Task<void> RemoteLedger::run() {
    for (;;) {
        std::string failure = "it closed the connection";
        try {
            co_await serve_connection();
        } catch (const std::exception& error) {
            lose(error.what());
            if (is_cancelled(error)) throw;
            failure = error.what();
        }
        lose(failure);
        auto const wait = backoff_.next();
        logging::info("the ledger is not connected",
                      {{"endpoint", endpoint_}, {"error", failure}, {"in_ms", wait.count() / 1'000'000}});
        co_await clock_.sleep(wait);
    }
}

Task<void> RemoteLedger::serve_connection() {
    Stream const stream = co_await network_.connect(endpoint_, "", options_.connect_timeout);
    stream_ = stream;
    co_await within(clock_, options_.connect_timeout, greet(stream));
    backoff_.reset();
    ready_ = true;
    connected_.ring();
    for (;;) {
        auto const bytes = co_await stream->receive();
        if (!bytes) co_return;
        auto frame = wire::decode_frame(*bytes);
        if (!frame) unreadable();
        take(std::move(*frame));
    }
}

// Asks who is there. Heads may come before the answer.
Task<void> RemoteLedger::greet(Stream stream) {
    auto const id = ++last_id_;
    auto question = wire::encode(wire::Call::info, id, {});
    co_await stream->send(std::move(question));
    for (;;) {
        auto const bytes = co_await stream->receive();
        if (!bytes) throw std::runtime_error("it closed the connection before it said who it is");
        auto frame = wire::decode_frame(*bytes);
        if (!frame) unreadable();
        if (frame->id != id) {
            take(std::move(*frame));
            continue;
        }
        auto const info = wire::decode_info(frame->body);
        if (frame->kind != static_cast<std::uint8_t>(wire::Reply::answer) || !info) unreadable();
        if (info_ && info_->chain_id != info->chain_id)
            throw std::runtime_error("it holds chain '" + info->chain_id + "' now, and was chain '" + info_->chain_id +
                                     "' before");
        if (!info_) info_ = info;  // never written again: other threads read it
        co_return;
    }
}

void RemoteLedger::take(wire::Frame frame) {
    if (frame.kind == static_cast<std::uint8_t>(wire::Reply::head)) {
        auto const head = wire::decode_head(frame.body);
        if (!head) unreadable();
        head_ = *head;
        news_.ring();
        return;
    }
    auto const found = pending_.find(frame.id);
    if (found == pending_.end()) return;  // its caller has given up
    found->second->reply = std::move(frame);
    found->second->settled.ring();
}

void RemoteLedger::lose(const std::string& reason) {
    problem_ = reason;
    if (!stream_) return;
    stream_->close();
    stream_.reset();
    ready_ = false;
    head_.reset();
    for (auto const& [id, pending] : pending_) {
        pending->lost = true;
        pending->settled.ring();
    }
}

std::string RemoteLedger::unreachable() const { return "the ledger at " + endpoint_ + " does not answer: " + problem_; }

Task<RemoteLedger::Stream> RemoteLedger::wait_connected(Instant deadline) {
    while (!ready_) {
        auto const seen = connected_.rings();
        auto const woken = co_await connected_.past_until(seen, clock_, deadline);
        if (woken == Woken::timed_out && !ready_) throw TimedOut(unreachable());
    }
    co_return stream_;
}

// ---- calls ----

Task<bool> RemoteLedger::attempt(Stream stream, Bytes frame, std::shared_ptr<Pending> pending, Instant deadline) {
    std::string broken;
    try {
        co_await stream->send(std::move(frame));
    } catch (const std::exception& error) {
        if (is_cancelled(error)) throw;
        broken = error.what();
    }
    if (!broken.empty()) {
        if (stream == stream_) lose(broken);
        co_return true;
    }
    while (!pending->reply && !pending->lost) {
        auto const seen = pending->settled.rings();
        auto const woken = co_await pending->settled.past_until(seen, clock_, deadline);
        if (woken == Woken::timed_out && !pending->reply)
            throw TimedOut("the ledger at " + endpoint_ + " took longer than " + duration_text(options_.call_timeout) +
                           " to answer");
    }
    co_return !pending->reply;
}

Task<Result<Bytes>> RemoteLedger::call(wire::Call kind, Bytes body, IfLost if_lost) {
    auto const deadline = clock_.instant() + options_.call_timeout;
    for (;;) {
        auto const stream = co_await wait_connected(deadline);
        auto const id = ++last_id_;
        auto const pending = std::make_shared<Pending>();
        pending_.emplace(id, pending);
        bool again = false;
        try {
            auto frame = wire::encode(kind, id, body);
            again = co_await attempt(stream, std::move(frame), pending, deadline);
        } catch (...) {
            pending_.erase(id);
            throw;
        }
        pending_.erase(id);
        if (!again) {
            auto const& reply = *pending->reply;
            ByteReader in(reply.body);
            switch (static_cast<wire::Reply>(reply.kind)) {
                case wire::Reply::answer: co_return std::move(pending->reply->body);
                case wire::Reply::refusal: {
                    auto const refusal = wire::decode_refusal(reply.body);
                    if (!refusal) unreadable();
                    co_return *refusal;
                }
                case wire::Reply::failure: throw std::runtime_error("the ledger failed: " + in.text16());
                case wire::Reply::head: break;
            }
            unreadable();
        }
        if (if_lost == IfLost::fail)
            throw std::runtime_error("the connection to the ledger broke; it may have done it or not");
    }
}

Task<Bytes> RemoteLedger::ask(wire::Call kind, Bytes body) {
    auto answer = co_await call(kind, std::move(body), IfLost::again);
    if (!answer) throw std::runtime_error("the ledger refused: " + answer.error().text());
    co_return std::move(*answer);
}

Task<Info> RemoteLedger::info() {
    co_await wait_connected(clock_.instant() + options_.call_timeout);
    co_return *info_;
}

Unsigned RemoteLedger::prepare_pin(const PinRequest& request, const std::string& from, LedgerNonce nonce) const {
    MUST(info_, "info() has returned before anything is prepared");
    return dev::prepare_pin(request, info_->chain_id, from, nonce);
}

RawTransaction RemoteLedger::assemble(const Unsigned& transaction, const identity::Signature& signature) const {
    return dev::assemble(transaction, signature);
}

Task<Result<void>> RemoteLedger::send(Bytes raw) {
    auto const answer = co_await call(wire::Call::send, std::move(raw), IfLost::again);
    if (!answer) co_return answer.error();
    co_return Result<void>{};
}

Task<LedgerNonce> RemoteLedger::next_nonce(std::string account) {
    ByteWriter out;
    out.text8(std::string_view(account).substr(0, 255));  // an address is far shorter; anything else has no nonce
    auto const answer = co_await ask(wire::Call::next_nonce, out.take());
    ByteReader in(answer);
    LedgerNonce const nonce{in.i64()};
    if (!in.finished()) unreadable();
    co_return nonce;
}

Task<Head> RemoteLedger::head() {
    auto const rings = news_.rings();
    auto const answer = co_await ask(wire::Call::head, {});
    auto const head = wire::decode_head(answer);
    if (!head) unreadable();
    // Or changed(), going by an older push, would return for nothing until the next comes. A push that came
    // meanwhile may be newer than the answer, and would not come again.
    if (news_.rings() == rings) head_ = *head;
    co_return *head;
}

Task<std::vector<Block>> RemoteLedger::blocks(BlockNumber first, BlockNumber last) {
    ByteWriter out;
    out.i64(first.value).i64(last.value);
    auto const answer = co_await ask(wire::Call::blocks, out.take());
    auto page = wire::decode_blocks(answer);
    if (!page) unreadable();
    co_return std::move(*page);
}

Task<void> RemoteLedger::changed(Head seen) {
    while (!head_ || *head_ == seen) {
        auto const rings = news_.rings();
        co_await news_.past(rings);
    }
}

Task<void> RemoteLedger::set_instant(bool instant) {
    ByteWriter out;
    out.u8(instant ? 1 : 0);
    co_await ask(wire::Call::set_instant, out.take());
}

Task<void> RemoteLedger::pause(bool paused) {
    ByteWriter out;
    out.u8(paused ? 1 : 0);
    co_await ask(wire::Call::pause, out.take());
}

Task<Result<void>> RemoteLedger::fork(std::int64_t depth) {
    ByteWriter out;
    out.i64(depth);
    auto const answer = co_await call(wire::Call::fork, out.take(), IfLost::fail);
    if (!answer) co_return answer.error();
    co_return Result<void>{};
}

Task<void> RemoteLedger::replay(std::int64_t blocks) {
    ByteWriter out;
    out.i64(blocks);
    auto const answer = co_await call(wire::Call::replay, out.take(), IfLost::fail);
    if (!answer) throw std::runtime_error("the ledger refused: " + answer.error().text());
}

}  // namespace lockstep::ledger
