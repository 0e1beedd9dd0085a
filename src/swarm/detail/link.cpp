// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/link.hpp"

#include <boost/asio/error.hpp>
#include <stdexcept>

#include "async/deadline.hpp"
#include "base/logging.hpp"

namespace lockstep::swarm {

void Link::end(std::string_view reason) {
    if (ended_) return;
    ended_ = true;
    reason_ = reason;
    stream_->close();
    tap_.ring();
}

Task<void> Link::send(Bytes frame) {
    if (neighbour_.delay > Duration::zero()) co_await clock_.sleep(neighbour_.delay);
    co_await stream_->send(std::move(frame));
}

Task<void> Link::send_hello(std::string own_id) {
    auto hello = encode(HelloFrame{protocol_version, std::move(own_id)});
    co_await send(std::move(hello));
}

// The name in it is for people: who the peer is, its certificate has said.
Task<void> Link::receive_hello(Duration timeout) {
    auto next = stream_->receive();
    auto const bytes = co_await within(clock_, timeout, std::move(next));
    if (!bytes) throw std::runtime_error("the peer closed before it said hello");
    auto const frame = decode(*bytes);
    if (!frame) throw std::runtime_error(frame.error().message());
    auto const* hello = std::get_if<HelloFrame>(&*frame);
    if (!hello) throw std::runtime_error("the peer's first frame is no hello");
    if (hello->peer != neighbour_.peer.id)
        logging::warn("a peer has another name than expected", {{"peer", neighbour_.peer.id}, {"says", hello->peer}});
}

// A stream that we close ends its calls with the same error as cancellation, so the error does not tell which
// it is; and a cancellation that got lost here would make the next co_await of the caller throw instead.
Task<void> Link::last(Task<void> work) {
    std::string failure;
    try {
        co_await std::move(work);
    } catch (const std::exception& error) {
        failure = error.what();
    }
    auto const state = co_await asio::this_coro::cancellation_state;
    auto const cancelled = state.cancelled() != asio::cancellation_type::none;
    failed_ = failed_ || (!ended_ && !cancelled && !failure.empty());
    if (failure.empty()) failure = "the peer closed";
    end(cancelled ? "stopped" : failure);
    if (cancelled) throw boost::system::system_error(asio::error::operation_aborted);
}

}  // namespace lockstep::swarm
