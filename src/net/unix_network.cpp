// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/deadline.hpp"
#include "base/logging.hpp"
#include "net/detail/close_on_exec.hpp"
#include "net/detail/frame_channel.hpp"
#include "net/errors.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lockstep::net {

using boost::system::error_code;
using Local = asio::local::stream_protocol;

namespace {

constexpr int unix_backlog = 1024;
constexpr Duration pause_after_failed_accept = 100ms;

class UnixChannel final : public FrameChannel {
  public:
    UnixChannel(Local::socket socket, Clock& clock, FrameLimits limits)
        : FrameChannel(socket.get_executor(), clock, limits), socket_(std::move(socket)) {
        error_code ignored;
        socket_.non_blocking(true, ignored);
        close_on_exec(socket_.native_handle());
    }

  private:
    void start_write(asio::const_buffer bytes, Written written) override {
        error_code error;
        auto const size = socket_.write_some(bytes, error);
        if (size == bytes.size()) return written({});
        if (error && error != asio::error::would_block && error != asio::error::try_again) return written(error);
        asio::async_write(socket_, bytes + size,
                          [written = std::move(written)](error_code failure, std::size_t) { written(failure); });
    }
    void close_stream() override {
        error_code ignored;
        socket_.close(ignored);
    }
    Task<std::size_t> read_some(asio::mutable_buffer room) override {
        error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto const bytes = co_await socket_.async_read_some(room, token);
        if (error == asio::error::operation_aborted && !broken()) throw boost::system::system_error(error);
        co_return error ? 0 : bytes;
    }

    Local::socket socket_;
};

bool is_our_user(Local::socket& socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
    return peer.uid == ::geteuid();
}

// A process that was killed leaves its socket file behind. One that answers is not touched.
void remove_stale(const Executor& executor, const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) return;
    Local::socket probe(executor);
    error_code error;
    probe.connect(Local::endpoint(path), error);
    if (error == asio::error::connection_refused) ::unlink(path.c_str());
}

class UnixListener final : public FrameListener {
  public:
    UnixListener(Executor executor, Clock& clock, FrameLimits limits)
        : clock_(clock), limits_(limits), acceptor_(executor) {}
    ~UnixListener() override { close(); }

    void listen(const std::string& path) {
        Local::endpoint const endpoint(path);
        remove_stale(acceptor_.get_executor(), path);
        acceptor_.open();
        close_on_exec(acceptor_.native_handle());
        // The file takes the mode of the socket: nobody else can connect, not even between bind and chmod.
        ::fchmod(acceptor_.native_handle(), 0600);
        acceptor_.bind(endpoint);
        path_ = path;
        acceptor_.listen(unix_backlog);
    }

    Task<std::unique_ptr<FrameStream>> accept() override {
        while (acceptor_.is_open()) {
            error_code error;
            auto token = asio::redirect_error(asio::use_awaitable, error);
            auto socket = co_await acceptor_.async_accept(token);
            if (error == asio::error::operation_aborted) continue;  // closed, or cancelled: the next wait throws
            if (error) {
                logging::warn("accept failed", {{"path", path_}, {"error", error.message()}});
                co_await clock_.sleep(pause_after_failed_accept);
                continue;
            }
            if (is_our_user(socket)) {
                auto const channel = std::make_shared<UnixChannel>(std::move(socket), clock_, limits_);
                co_return make_frame_stream(channel);
            }
            logging::warn("another user was refused", {{"path", path_}});
        }
        co_return nullptr;
    }

    void close() override {
        if (!acceptor_.is_open()) return;
        error_code ignored;
        acceptor_.close(ignored);
        if (!path_.empty()) ::unlink(path_.c_str());
    }

    const std::string& endpoint() const override { return path_; }

  private:
    Clock& clock_;
    FrameLimits limits_;
    Local::acceptor acceptor_;
    std::string path_;
};

class UnixNetwork final : public Network {
  public:
    UnixNetwork(Executor executor, Clock& clock, FrameLimits limits)
        : executor_(std::move(executor)), clock_(clock), limits_(limits) {}

    Result<std::unique_ptr<FrameListener>> listen(std::string endpoint) override {
        auto listener = std::make_unique<UnixListener>(executor_, clock_, limits_);
        try {
            listener->listen(endpoint);
        } catch (const boost::system::system_error& error) {
            auto const reason = error.code().message();
            return refuse(errors::cannot_listen, {{"endpoint", endpoint}, {"reason", reason}});
        }
        return listener;
    }

    Task<std::unique_ptr<FrameStream>> connect(std::string endpoint, std::string, Duration timeout) override {
        auto work = open(std::move(endpoint));
        return within(clock_, timeout, std::move(work));
    }

  private:
    Task<std::unique_ptr<FrameStream>> open(std::string path) {
        Local::socket socket(executor_);
        Local::endpoint const endpoint(path);
        co_await socket.async_connect(endpoint, asio::use_awaitable);
        if (!is_our_user(socket)) throw std::runtime_error("the socket " + path + " is another user's");
        auto const channel = std::make_shared<UnixChannel>(std::move(socket), clock_, limits_);
        co_return make_frame_stream(channel);
    }

    Executor executor_;
    Clock& clock_;
    FrameLimits limits_;
};

}  // namespace

std::unique_ptr<Network> make_unix_network(Executor executor, Clock& clock, FrameLimits limits) {
    return std::make_unique<UnixNetwork>(std::move(executor), clock, limits);
}

}  // namespace lockstep::net
