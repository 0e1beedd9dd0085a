// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "ledger/remote/ledger_server.hpp"

#include "async/deadline.hpp"
#include "base/logging.hpp"
#include "ledger/coding.hpp"

namespace lockstep::ledger {

LedgerServer::LedgerServer(Executor executor, Ledger& ledger, LedgerControls& controls, net::FrameListener& listener)
    : LedgerServer(std::move(executor), ledger, controls, listener, Options{}) {}

LedgerServer::LedgerServer(
    Executor executor, Ledger& ledger, LedgerControls& controls, net::FrameListener& listener, Options options)
    : executor_(executor),
      ledger_(ledger),
      controls_(controls),
      listener_(listener),
      options_(options),
      connections_(executor, {.name = "ledger connections", .limit = options.connections_max}) {}

Task<void> LedgerServer::run() {
    auto work = accept();
    co_await connections_.join(std::move(work));
}

Task<void> LedgerServer::accept() {
    for (;;) {
        auto stream = co_await listener_.accept();
        if (!stream) break;
        // Full: the stream is dropped with the task, which closes it; the client tries again later.
        if (!connections_.spawn(serve(std::move(stream))))
            logging::warn("the ledger has too many clients", {{"limit", options_.connections_max}});
    }
    connections_.cancel();
}

Task<void> LedgerServer::serve(std::unique_ptr<net::FrameStream> stream) {
    Scope calls(executor_, {.name = "ledger calls", .limit = options_.calls_max + 1});  // and the pusher
    auto work = receive(*stream, calls);
    co_await calls.join(std::move(work));
}

Task<void> LedgerServer::receive(net::FrameStream& stream, Scope& calls) {
    calls.spawn(push_heads(stream));
    try {
        for (;;) {
            auto const bytes = co_await stream.receive();
            if (!bytes) break;
            auto frame = wire::decode_frame(*bytes);
            if (!frame) {
                logging::warn("a client of the ledger sends what cannot be read", {{"bytes", bytes->size()}});
                break;
            }
            auto const full = calls.size() > options_.calls_max;
            if (full) {
                co_await answer(stream, std::move(*frame));
            } else {
                calls.spawn(answer(stream, std::move(*frame)));
            }
        }
    } catch (const std::exception& error) {
        if (is_cancelled(error)) throw;
        logging::debug("a client of the ledger is gone", {{"error", error.what()}});
    }
    stream.close();
    calls.cancel();
}

Task<void> LedgerServer::push_heads(net::FrameStream& stream) {
    try {
        for (;;) {
            auto const head = co_await ledger_.head();
            auto frame = wire::encode(wire::Reply::head, 0, wire::encode_head(head));
            co_await stream.send(std::move(frame));
            co_await ledger_.changed(head);
        }
    } catch (const std::exception& error) {
        if (is_cancelled(error)) throw;
        stream.close();  // ends receive(), and the connection with it
    }
}

Task<void> LedgerServer::answer(net::FrameStream& stream, wire::Frame frame) {
    Bytes out;
    try {
        out = co_await reply(frame);
    } catch (const std::exception& error) {
        if (is_cancelled(error)) throw;
        ByteWriter text;
        text.text16(std::string_view(error.what()).substr(0, 60'000));
        out = wire::encode(wire::Reply::failure, frame.id, text.take());
    }
    try {
        co_await stream.send(std::move(out));
    } catch (const std::exception& error) {
        if (is_cancelled(error)) throw;
        stream.close();
    }
}

Task<Bytes> LedgerServer::reply(const wire::Frame& frame) {
    auto const call = static_cast<wire::Call>(frame.kind);
    ByteReader in(frame.body);
    Bytes body;
    Result<void> outcome;
    switch (call) {
        case wire::Call::info: {
            auto const info = co_await ledger_.info();
            body = wire::encode_info(info);
            break;
        }
        case wire::Call::send: {
            auto const raw = in.raw(in.left());
            Bytes transaction(raw.begin(), raw.end());
            outcome = co_await ledger_.send(std::move(transaction));
            break;
        }
        case wire::Call::next_nonce: {
            auto account = in.text8();
            auto const nonce = co_await ledger_.next_nonce(std::move(account));
            ByteWriter out;
            out.i64(nonce.value);
            body = out.take();
            break;
        }
        case wire::Call::head: {
            auto const head = co_await ledger_.head();
            body = wire::encode_head(head);
            break;
        }
        case wire::Call::blocks: {
            BlockNumber const first{in.i64()};
            BlockNumber const last{in.i64()};
            auto const blocks = co_await ledger_.blocks(first, last);
            body = wire::encode_blocks(blocks);
            break;
        }
        case wire::Call::set_instant: {
            auto const instant = in.u8() != 0;
            co_await controls_.set_instant(instant);
            break;
        }
        case wire::Call::pause: {
            auto const paused = in.u8() != 0;
            co_await controls_.pause(paused);
            break;
        }
        case wire::Call::fork: {
            auto const depth = in.i64();
            outcome = co_await controls_.fork(depth);
            break;
        }
        case wire::Call::replay: {
            auto const blocks = in.i64();
            co_await controls_.replay(blocks);
            break;
        }
        default: throw std::runtime_error("this ledger does not know call " + std::to_string(frame.kind));
    }
    if (!outcome) co_return wire::encode(wire::Reply::refusal, frame.id, wire::encode_refusal(outcome.error()));
    co_return wire::encode(wire::Reply::answer, frame.id, body);
}

}  // namespace lockstep::ledger
