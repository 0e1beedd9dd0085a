// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Outbox: the sending half of a connection. Senders append whole messages; one write takes everything that
// is there when the loop comes round, so a hundred senders cost one system call. While a write is in
// progress the next batch gathers. A sender waits until its batch has been handed to the operating system.
//
// Invariants
//   * Messages go out whole and in the order of their appending.
//   * What waits is bounded by what the waiting senders brought: nothing is appended without a sender who
//     waits, except through top_up(), which has a bound of its own.
//   * Once broken it stays broken, and every sender, waiting or new, gets an exception.
//   * A sender that is cancelled leaves its message behind: half a message cannot be taken back.
#pragma once

#include "async/task.hpp"
#include "async/waiters.hpp"
#include "net/detail/alarm.hpp"

#include <boost/asio/buffer.hpp>

#include <array>
#include <functional>
#include <memory>
#include <string>

namespace lockstep::net {

class Outbox : public std::enable_shared_from_this<Outbox> {
  public:
    using Written = std::function<void(boost::system::error_code)>;

    Outbox(Executor executor, Clock& clock, Duration write_timeout);
    virtual ~Outbox() = default;
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    bool broken() const { return broken_; }

  protected:
    // Append to this, then kick(), then wait for handed_over().
    std::string& tail() { return waiting_; }
    void kick();
    // Until everything appended so far is with the operating system. Throws when the connection broke,
    // TimedOut when it was because the peer took nothing for too long.
    Task<void> handed_over();
    void break_off();
    bool writing() const { return writing_; }
    const Executor& executor() const { return executor_; }

  private:
    // Writes all of `bytes`, which stay until `written` is called (at once or later), and keeps *this alive.
    virtual void start_write(asio::const_buffer bytes, Written written) = 0;
    // The last chance to append before a write: what needs no sender (pings and pongs).
    virtual void top_up(std::string&) {}
    // Both directions of the connection are to end.
    virtual void cut() = 0;

    void write();
    void written(boost::system::error_code error);

    Executor executor_;
    Duration write_timeout_;
    Alarm alarm_;
    std::string waiting_, going_;
    // Batches are counted; the senders of one batch wait apart from those of the next.
    std::uint64_t batches_begun_ = 0, batches_done_ = 0;
    std::array<Waiters, 2> senders_;
    bool scheduled_ = false;
    bool again_ = false;  // kicked during a write
    bool writing_ = false;
    bool broken_ = false;
    bool timed_out_ = false;
};

}  // namespace lockstep::net
