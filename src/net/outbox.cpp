// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/outbox.hpp"

#include "async/deadline.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

namespace lockstep::net {

namespace {
constexpr std::size_t kept_bytes_max = 64 << 10;  // of storage, between batches
}

Outbox::Outbox(Executor executor, Clock& clock, Duration write_timeout)
    : executor_(std::move(executor)), write_timeout_(write_timeout), alarm_(clock, [this] {
          timed_out_ = true;
          break_off();
      }) {}

void Outbox::kick() {
    if (writing_) again_ = true;
    if (scheduled_ || writing_ || broken_) return;
    scheduled_ = true;
    // Not at once: whoever else sends in this turn of the loop goes with it.
    asio::post(executor_, [self = shared_from_this()] {
        self->scheduled_ = false;
        if (!self->writing_ && !self->broken_) self->write();
    });
}

Task<void> Outbox::handed_over() {
    auto const self = shared_from_this();
    auto const batch = batches_begun_ + 1;
    while (batches_done_ < batch && !broken_) co_await senders_[batch % 2].wait();
    if (batches_done_ >= batch) co_return;
    if (timed_out_) throw TimedOut("the peer took nothing within the write timeout");
    throw boost::system::system_error(asio::error::broken_pipe);
}

void Outbox::break_off() {
    if (broken_) return;
    broken_ = true;
    alarm_.disarm();
    cut();
    for (auto& senders : senders_) senders.wake_all();
}

void Outbox::write() {
    top_up(waiting_);
    if (waiting_.empty()) return;
    std::swap(waiting_, going_);
    ++batches_begun_;
    writing_ = true;
    alarm_.set_in(write_timeout_);
    start_write(asio::buffer(going_),
                [self = shared_from_this()](boost::system::error_code error) { self->written(error); });
}

void Outbox::written(boost::system::error_code error) {
    writing_ = false;
    if (broken_) return;
    if (error) return break_off();
    alarm_.clear();
    going_.clear();
    if (going_.capacity() > kept_bytes_max) going_.shrink_to_fit();
    ++batches_done_;
    senders_[batches_done_ % 2].wake_all();
    if (std::exchange(again_, false)) kick();
}

}  // namespace lockstep::net
