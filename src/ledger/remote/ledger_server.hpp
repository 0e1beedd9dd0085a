// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// LedgerServer: lends a ledger of this process to others over frames (wire.hpp). Each connection has its
// calls answered as they finish, in no particular order, and hears of every new head without asking.
//
// A peer that sends what cannot be read is cut off. One that does not take its answers is cut off by the
// write timeout of its stream. Calls beyond calls_max of a connection wait: its stream is not read on.
#pragma once

#include <memory>

#include "async/scope.hpp"
#include "ledger/controls.hpp"
#include "ledger/ledger.hpp"
#include "ledger/remote/wire.hpp"
#include "net/frames.hpp"

namespace lockstep::ledger {

class LedgerServer {
  public:
    struct Options {
        std::size_t connections_max = 256;  // more are closed at once
        std::size_t calls_max = 1'000;      // of one connection, at a time
    };
    // All references must outlive the server, which belongs to `executor` like the ledger itself.
    LedgerServer(Executor executor, Ledger& ledger, LedgerControls& controls, net::FrameListener& listener);
    LedgerServer(
        Executor executor, Ledger& ledger, LedgerControls& controls, net::FrameListener& listener, Options options);

    // Until cancelled, or until the listener is closed; then the connections end as well.
    Task<void> run();

  private:
    Task<void> accept();
    Task<void> serve(std::unique_ptr<net::FrameStream> stream);
    Task<void> receive(net::FrameStream& stream, Scope& calls);
    Task<void> push_heads(net::FrameStream& stream);
    Task<void> answer(net::FrameStream& stream, wire::Frame frame);
    // The frame that answers.
    Task<Bytes> reply(const wire::Frame& frame);

    Executor executor_;
    Ledger& ledger_;
    LedgerControls& controls_;
    net::FrameListener& listener_;
    Options options_;
    Scope connections_;
};

}  // namespace lockstep::ledger
