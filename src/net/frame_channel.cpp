// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/frame_channel.hpp"

#include "async/deadline.hpp"
#include "net/errors.hpp"

#include <stdexcept>

namespace lockstep::net {

namespace {

constexpr std::size_t header_bytes = 4;
constexpr std::size_t frame_reserve_bytes_max = 64 << 10;  // a claimed length is believed up to here

std::size_t length_in(std::string_view header) {
    std::size_t length = 0;
    for (auto const c : header.substr(0, header_bytes)) length = length << 8 | static_cast<std::uint8_t>(c);
    return length;
}

class FrameHandle final : public FrameStream {
  public:
    explicit FrameHandle(std::shared_ptr<FrameChannel> channel) : channel_(std::move(channel)) {}
    ~FrameHandle() override { channel_->close(); }
    Task<void> send(Bytes frame) override { return channel_->send(std::move(frame)); }
    Task<std::optional<Bytes>> receive() override { return channel_->receive(); }
    void close() override { channel_->close(); }
    const std::string& peer_fingerprint() const override { return channel_->fingerprint(); }

  private:
    std::shared_ptr<FrameChannel> channel_;
};

}  // namespace

std::unique_ptr<FrameStream> make_frame_stream(std::shared_ptr<FrameChannel> channel) {
    return std::make_unique<FrameHandle>(std::move(channel));
}

FrameChannel::FrameChannel(Executor executor, Clock& clock, FrameLimits limits)
    : Outbox(std::move(executor), clock, limits.write_timeout), limits_(limits), silence_(clock, [this] {
          silent_ = true;
          break_off();
      }) {}

Task<void> FrameChannel::send(Bytes frame) {
    if (frame.size() > limits_.frame_bytes_max) throw std::length_error("a frame longer than the limit is not sent");
    if (broken()) throw boost::system::system_error(asio::error::broken_pipe);
    auto& out = tail();
    for (auto shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(frame.size() >> shift & 0xff);
    out += as_text(frame);
    frame = Bytes{};  // the copy in the outbox is the one that waits
    kick();
    co_await handed_over();
}

Task<std::optional<Bytes>> FrameChannel::receive() {
    auto const self = shared_from_this();
    while (!assemble()) {
        if (ended_) {
            if (silent_) throw TimedOut("the peer fell silent within a frame");
            if (between_frames()) co_return std::nullopt;
            throw boost::system::system_error(asio::error::connection_reset, "the connection ended within a frame");
        }
        co_await read();
    }
    header_done_ = false;
    co_return std::exchange(frame_, {});
}

void FrameChannel::cut() {
    silence_.disarm();
    close_stream();
}

bool FrameChannel::assemble() {
    if (!header_done_) {
        if (input_.size() < header_bytes) return false;
        frame_left_ = length_in(input_.view());
        if (frame_left_ > limits_.frame_bytes_max) {
            break_off();
            auto const size = std::to_string(frame_left_), limit = std::to_string(limits_.frame_bytes_max);
            throw std::length_error(refuse(errors::frame_too_large, {{"size", size}, {"limit", limit}}).message());
        }
        input_.consume(header_bytes);
        header_done_ = true;
        frame_.clear();
        frame_.reserve(std::min(frame_left_, frame_reserve_bytes_max));
    }
    auto const part = as_bytes(input_.view().substr(0, frame_left_));
    frame_.insert(frame_.end(), part.begin(), part.end());
    frame_left_ -= part.size();
    input_.consume(part.size());
    return frame_left_ == 0;
}

Task<void> FrameChannel::read() {
    if (between_frames()) {
        input_.shrink();
    } else {
        silence_.set_in(limits_.read_timeout);
    }
    auto const room =
        input_.room(frame_left_ > InputBuffer::base_bytes ? InputBuffer::large_bytes : InputBuffer::base_bytes);
    auto const bytes = co_await read_some(room);
    silence_.clear();
    input_.filled(bytes);
    ended_ = bytes == 0;
}

}  // namespace lockstep::net
