// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// RemoteLedger: a ledger that another process holds (LedgerServer), over a local socket.
//
// Invariants
//   1. A call waits for the connection, and for its answer, until call_timeout; then it throws TimedOut.
//      When the connection breaks under it, it is made again on the next one, for sending the same bytes
//      twice is no error; only fork() and replay() throw instead, since nobody knows if they were done.
//   2. changed() has no deadline. It goes by heads that the server pushes, so waiting costs nothing.
//   3. The chain is learnt from the first connection and never changes: a server with another chain is
//      not talked to.
//
// Belongs to one executor, except prepare_pin() and assemble(), which any thread may call after the first
// info() has returned.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "async/retry.hpp"
#include "async/tap.hpp"
#include "ledger/controls.hpp"
#include "ledger/ledger.hpp"
#include "ledger/remote/wire.hpp"
#include "net/frames.hpp"

namespace lockstep::ledger {

class RemoteLedger final : public Ledger, public LedgerControls {
  public:
    struct Options {
        Duration call_timeout = 10s;
        Duration connect_timeout = 2s;
        Duration retry_most = 1s;  // the longest wait between two tries to connect
    };
    // Everything runs on `executor`, which is the network's and the clock's. All references must outlive
    // the ledger.
    RemoteLedger(
        Executor executor, Clock& clock, Chance& chance, net::Network& network, std::string endpoint, Options options);

    // Connects, and connects again. Returns only by cancellation.
    Task<void> run();

    Task<Info> info() override;
    Unsigned prepare_pin(const PinRequest& request, const std::string& from, LedgerNonce nonce) const override;
    RawTransaction assemble(const Unsigned& transaction, const identity::Signature& signature) const override;
    Task<Result<void>> send(Bytes raw) override;
    Task<LedgerNonce> next_nonce(std::string account) override;
    Task<Head> head() override;
    Task<std::vector<Block>> blocks(BlockNumber first, BlockNumber last) override;
    Task<void> changed(Head seen) override;

    Task<void> set_instant(bool instant) override;
    Task<void> pause(bool paused) override;
    Task<Result<void>> fork(std::int64_t depth) override;
    Task<void> replay(std::int64_t blocks) override;

    bool connected() const { return ready_; }

  private:
    struct Pending {
        std::optional<wire::Frame> reply;
        bool lost = false;
        Tap settled;
    };
    using Stream = std::shared_ptr<net::FrameStream>;
    enum class IfLost { again, fail };

    Task<void> serve_connection();
    Task<void> greet(Stream stream);
    void take(wire::Frame frame);
    void lose(const std::string& reason);
    Task<Stream> wait_connected(Instant deadline);
    // The body of an answer, or the refusal. Failures of the server throw.
    Task<Result<Bytes>> call(wire::Call kind, Bytes body, IfLost if_lost);
    // For calls that are never refused.
    Task<Bytes> ask(wire::Call kind, Bytes body);
    // True when the attempt is to be made again.
    Task<bool> attempt(Stream stream, Bytes frame, std::shared_ptr<Pending> pending, Instant deadline);
    std::string unreachable() const;

    Clock& clock_;
    net::Network& network_;
    std::string endpoint_;
    Options options_;
    Backoff backoff_;

    Stream stream_;
    bool ready_ = false;  // stream_ is there and the server is the right one
    std::string problem_ = "not tried yet";
    Tap connected_;
    std::uint64_t last_id_ = 0;
    std::map<std::uint64_t, std::shared_ptr<Pending>> pending_;

    std::optional<Info> info_;
    std::optional<Head> head_;  // as pushed; none while unconnected
    Tap news_;
};

}  // namespace lockstep::ledger
