// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The frame protocol over some byte stream: a 4-byte big-endian length, then so many bytes. What the bytes
// go through is the subclass's.
#pragma once

#include "net/detail/input_buffer.hpp"
#include "net/detail/outbox.hpp"
#include "net/frames.hpp"

#include <optional>
#include <string>

namespace lockstep::net {

class FrameChannel : public Outbox {
  public:
    FrameChannel(Executor executor, Clock& clock, FrameLimits limits);

    Task<void> send(Bytes frame);
    Task<std::optional<Bytes>> receive();
    void close() { break_off(); }
    const std::string& fingerprint() const { return fingerprint_; }

  protected:
    void set_fingerprint(std::string fingerprint) { fingerprint_ = std::move(fingerprint); }

  private:
    virtual void close_stream() = 0;
    // Bytes read; 0 at the end, whatever the reason; cancellation throws.
    virtual Task<std::size_t> read_some(asio::mutable_buffer room) = 0;

    void cut() final;
    // Moves what is there into the frame; true when it is complete.
    bool assemble();
    Task<void> read();
    bool between_frames() const { return !header_done_ && input_.empty(); }

    FrameLimits limits_;
    InputBuffer input_;
    Alarm silence_;
    Bytes frame_;
    std::size_t frame_left_ = 0;
    bool header_done_ = false;
    bool silent_ = false;
    bool ended_ = false;
    std::string fingerprint_;
};

// The unique handle of a shared channel: it closes when it goes, whatever is still being written.
std::unique_ptr<FrameStream> make_frame_stream(std::shared_ptr<FrameChannel> channel);

}  // namespace lockstep::net
