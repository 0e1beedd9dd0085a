// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Frames over a byte stream: a 4-byte big-endian length, then so many bytes. Over mutual TLS between
// members, over a Unix socket between a member process and the process that holds the ledger. The
// simulation replaces this interface: it is cut below the protocols and above TLS.
#pragma once

#include "async/clock.hpp"
#include "async/task.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"

#include <memory>
#include <optional>
#include <string>

namespace lockstep {
class Chance;
}

namespace lockstep::net {

// One connection. One coroutine may receive while others send; sends go out in the order of the calls.
class FrameStream {
  public:
    virtual ~FrameStream() = default;
    // Throws when broken, or when the peer takes nothing for the write timeout.
    virtual Task<void> send(Bytes frame) = 0;
    // Empty when the peer closed between frames. Throws when broken in the middle, longer than the
    // limit, or silent in the middle of a frame for the read timeout.
    virtual Task<std::optional<Bytes>> receive() = 0;
    // Both directions end; pending calls end soon after.
    virtual void close() = 0;
    // SHA-256 of the peer's certificate (DER), lower-case hex; empty on a Unix socket.
    virtual const std::string& peer_fingerprint() const = 0;
};

class FrameListener {
  public:
    virtual ~FrameListener() = default;
    // The next connection whose handshake succeeded. A failed handshake is logged and holds up nobody.
    // Empty after close().
    virtual Task<std::unique_ptr<FrameStream>> accept() = 0;
    virtual void close() = 0;
    // "host:port" or the socket's path.
    virtual const std::string& endpoint() const = 0;
};

// How members reach one another. Endpoints are "host:port".
class Network {
  public:
    virtual ~Network() = default;
    virtual Result<std::unique_ptr<FrameListener>> listen(std::string endpoint) = 0;
    // Throws when it cannot connect within `timeout` or when the peer's certificate is not the expected.
    virtual Task<std::unique_ptr<FrameStream>> connect(std::string endpoint,
                                                       std::string fingerprint,
                                                       Duration timeout) = 0;
};

struct FrameLimits {
    std::size_t frame_bytes_max = 1 << 20;
    Duration handshake_timeout = 10s;
    Duration read_timeout = 30s;  // within a frame, not between frames
    Duration write_timeout = 30s;
};

// TLS 1.3 with certificates on both sides. `key` and `certificate` are PEM texts. Any certificate is
// accepted by the handshake; whom it belongs to is decided above, by peer_fingerprint(). `clock` must
// outlive the network.
std::unique_ptr<Network> make_tls_network(
    Executor executor, Clock& clock, std::string key_pem, std::string certificate_pem, FrameLimits limits);

// Endpoints are paths; the socket file has mode 0600. Fingerprints are ignored.
std::unique_ptr<Network> make_unix_network(Executor executor, Clock& clock, FrameLimits limits);

// A self-signed certificate with a new P-256 key, valid for 30 years; PEM texts.
struct Certificate {
    std::string key_pem, certificate_pem, fingerprint;
};
Certificate make_certificate(std::string_view common_name);
// SHA-256 of the DER form, lower-case hex. Empty if it is no PEM certificate.
std::string certificate_fingerprint(std::string_view certificate_pem);

// A TCP port of 127.0.0.1 that nobody uses at the moment, made to be kept: not one of those that the system
// gives to outgoing connections. Another program may take it before we do.
std::uint16_t free_loopback_port(Chance& chance);

}  // namespace lockstep::net
