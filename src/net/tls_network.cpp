// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/deadline.hpp"
#include "async/log_budget.hpp"
#include "base/logging.hpp"
#include "net/detail/certificate.hpp"
#include "net/detail/close_on_exec.hpp"
#include "net/detail/frame_channel.hpp"
#include "net/detail/url.hpp"
#include "net/errors.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <deque>
#include <stdexcept>

namespace lockstep::net {

using asio::ip::tcp;
using boost::system::error_code;
namespace ssl = asio::ssl;

namespace {

constexpr int tls_backlog = 1024;
constexpr std::size_t handshakes_max = 64;  // at once: the oldest gives place to the newest
constexpr std::size_t ready_max = 64;       // that nobody has accepted yet
constexpr Duration pause_after_failed_accept = 100ms;

std::shared_ptr<ssl::context> make_context(const std::string& key_pem, const std::string& certificate_pem) {
    auto context = std::make_shared<ssl::context>(ssl::context::tlsv13);
    context->use_certificate_chain(asio::buffer(certificate_pem));
    context->use_private_key(asio::buffer(key_pem), ssl::context::pem);
    context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    // Any certificate will do here, but there must be one, and its key must sign the handshake. Whom it
    // belongs to is decided above, by the fingerprint.
    context->set_verify_callback([](bool, ssl::verify_context&) { return true; });
    auto* const native = context->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION);
    // A resumed session would skip the certificates.
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(native, 0);
    return context;
}

class TlsChannel final : public FrameChannel {
  public:
    TlsChannel(tcp::socket socket, std::shared_ptr<ssl::context> context, Clock& clock, FrameLimits limits)
        : FrameChannel(socket.get_executor(), clock, limits),
          context_(std::move(context)),
          stream_(std::move(socket), *context_) {}

    ssl::stream<tcp::socket>& stream() { return stream_; }

    void read_fingerprint() {
        auto* const certificate = SSL_get1_peer_certificate(stream_.native_handle());
        if (!certificate) return;
        set_fingerprint(fingerprint_of(certificate));
        X509_free(certificate);
    }

  private:
    void start_write(asio::const_buffer bytes, Written written) override {
        asio::async_write(stream_, bytes,
                          [written = std::move(written)](error_code error, std::size_t) { written(error); });
    }
    void close_stream() override {
        error_code ignored;
        stream_.lowest_layer().close(ignored);
    }
    Task<std::size_t> read_some(asio::mutable_buffer room) override {
        error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto const bytes = co_await stream_.async_read_some(room, token);
        if (error == asio::error::operation_aborted && !broken()) throw boost::system::system_error(error);
        co_return error ? 0 : bytes;
    }

    std::shared_ptr<ssl::context> context_;
    ssl::stream<tcp::socket> stream_;
};

// Accepts and shakes hands by callbacks, so that both go on while nobody is in accept(), and a client that
// says nothing holds up only itself.
class TlsDoor : public std::enable_shared_from_this<TlsDoor> {
  public:
    TlsDoor(Executor executor, Clock& clock, std::shared_ptr<ssl::context> context, FrameLimits limits)
        : clock_(clock), context_(std::move(context)), limits_(limits), acceptor_(executor), retry_(clock, [this] {
              accept_more();
          }) {}

    std::string listen(const std::string& endpoint) {
        auto const [host, port] = split_endpoint(endpoint);
        tcp::resolver resolver(acceptor_.get_executor());
        auto const found = resolver.resolve(host, port, tcp::resolver::passive);
        auto const where = found.begin()->endpoint();
        acceptor_.open(where.protocol());
        close_on_exec(acceptor_.native_handle());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        acceptor_.bind(where);
        acceptor_.listen(tls_backlog);
        accept_more();
        if (where.protocol() == tcp::v6()) return fmt::format("[{}]:{}", host, acceptor_.local_endpoint().port());
        return fmt::format("{}:{}", host, acceptor_.local_endpoint().port());
    }

    Task<std::unique_ptr<FrameStream>> next() {
        auto const self = shared_from_this();
        while (ready_.empty() && !closed_) co_await arrived_.wait();
        if (closed_) co_return nullptr;
        auto stream = std::move(ready_.front());
        ready_.pop_front();
        accept_more();
        co_return stream;
    }

    void close() {
        closed_ = true;
        error_code ignored;
        acceptor_.close(ignored);
        retry_.disarm();
        ready_.clear();
        handshakes_.splice(handshakes_.end(), given_up_);
        for (const auto& handshake : std::exchange(handshakes_, {})) {
            handshake->alarm.disarm();
            handshake->channel->close();
        }
        arrived_.wake_all();
    }

  private:
    struct Handshake {
        Handshake(std::shared_ptr<TlsChannel> over, Clock& clock, std::string from)
            : channel(std::move(over)), alarm(clock, [this] { end("it took too long"); }), peer(std::move(from)) {}
        void end(std::string_view why) {
            reason = why;
            channel->close();
        }
        std::shared_ptr<TlsChannel> channel;
        Alarm alarm;
        std::string peer;
        std::string reason{};  // why we ended it
        bool given_up = false;
    };
    using Handshakes = std::list<std::shared_ptr<Handshake>>;

    void accept_more() {
        if (accepting_ || closed_ || ready_.size() >= ready_max) return;
        accepting_ = true;
        acceptor_.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
            self->accepting_ = false;
            if (self->closed_) return;
            if (error) {
                logging::warn("accept failed", {{"error", error.message()}});
                return self->retry_.set_in(pause_after_failed_accept);
            }
            self->shake_hands(std::move(socket));
            self->accept_more();
        });
    }

    void shake_hands(tcp::socket socket) {
        error_code error;
        auto const from = socket.remote_endpoint(error);
        auto const peer = error ? std::string("unknown") : from.address().to_string();
        socket.set_option(tcp::no_delay(true), error);
        close_on_exec(socket.native_handle());
        auto const channel = std::make_shared<TlsChannel>(std::move(socket), context_, clock_, limits_);
        auto const handshake = std::make_shared<Handshake>(channel, clock_, peer);
        handshake->alarm.set_in(limits_.handshake_timeout);
        if (handshakes_.size() >= handshakes_max) give_up_oldest();
        handshakes_.push_back(handshake);
        auto const place = std::prev(handshakes_.end());
        channel->stream().async_handshake(ssl::stream_base::server,
                                          [self = shared_from_this(), handshake, place](error_code failure) {
                                              if (self->closed_) return;
                                              (handshake->given_up ? self->given_up_ : self->handshakes_).erase(place);
                                              self->finish(*handshake, failure);
                                              self->accept_more();
                                          });
    }

    // Who means it is through in a few milliseconds; who says nothing would else keep the others out until it is late.
    void give_up_oldest() {
        given_up_.splice(given_up_.end(), handshakes_, handshakes_.begin());
        given_up_.back()->given_up = true;
        given_up_.back()->end("it gave place to a newer one");
    }

    void finish(Handshake& handshake, error_code error) {
        handshake.alarm.clear();
        if (!error) handshake.channel->read_fingerprint();
        if (error || handshake.channel->fingerprint().empty()) {
            if (handshake.reason.empty()) handshake.reason = error ? error.message() : "no certificate";
            if (auto const left_out = failed_lines_.line(clock_.instant()))
                logging::info("handshake failed",
                              {{"peer", handshake.peer}, {"error", handshake.reason}, {"left_out", *left_out}});
            return handshake.channel->close();
        }
        ready_.push_back(make_frame_stream(handshake.channel));
        arrived_.wake_one();
    }

    Clock& clock_;
    std::shared_ptr<ssl::context> context_;
    FrameLimits limits_;
    tcp::acceptor acceptor_;
    Alarm retry_;
    Handshakes handshakes_, given_up_;
    LogBudget failed_lines_;
    std::deque<std::unique_ptr<FrameStream>> ready_;
    Waiters arrived_;
    bool accepting_ = false;
    bool closed_ = false;
};

class TlsListener final : public FrameListener {
  public:
    TlsListener(std::shared_ptr<TlsDoor> door, std::string endpoint)
        : door_(std::move(door)), endpoint_(std::move(endpoint)) {}
    ~TlsListener() override { door_->close(); }
    Task<std::unique_ptr<FrameStream>> accept() override { return door_->next(); }
    void close() override { door_->close(); }
    const std::string& endpoint() const override { return endpoint_; }

  private:
    std::shared_ptr<TlsDoor> door_;
    std::string endpoint_;
};

class TlsNetwork final : public Network {
  public:
    TlsNetwork(Executor executor, Clock& clock, std::shared_ptr<ssl::context> context, FrameLimits limits)
        : executor_(std::move(executor)), clock_(clock), context_(std::move(context)), limits_(limits) {}

    Result<std::unique_ptr<FrameListener>> listen(std::string endpoint) override {
        auto const door = std::make_shared<TlsDoor>(executor_, clock_, context_, limits_);
        try {
            auto really = door->listen(endpoint);
            return std::make_unique<TlsListener>(door, std::move(really));
        } catch (const boost::system::system_error& error) {
            auto const reason = error.code().message();
            return refuse(errors::cannot_listen, {{"endpoint", endpoint}, {"reason", reason}});
        } catch (const std::invalid_argument&) {
            return refuse(errors::cannot_listen, {{"endpoint", endpoint}, {"reason", "not host:port"}});
        }
    }

    Task<std::unique_ptr<FrameStream>> connect(std::string endpoint,
                                               std::string fingerprint,
                                               Duration timeout) override {
        auto work = open(std::move(endpoint), std::move(fingerprint));
        return within(clock_, timeout, std::move(work));
    }

  private:
    Task<std::unique_ptr<FrameStream>> open(std::string endpoint, std::string fingerprint) {
        auto const where = split_endpoint(endpoint);
        auto socket = co_await connect_tcp(executor_, where.first, where.second);
        auto const channel = std::make_shared<TlsChannel>(std::move(socket), context_, clock_, limits_);
        co_await channel->stream().async_handshake(ssl::stream_base::client, asio::use_awaitable);
        channel->read_fingerprint();
        if (!fingerprint.empty() && channel->fingerprint() != fingerprint) {
            throw std::runtime_error("the certificate at " + endpoint + " is " + channel->fingerprint() +
                                     " and not the expected " + fingerprint);
        }
        co_return make_frame_stream(channel);
    }

    Executor executor_;
    Clock& clock_;
    std::shared_ptr<ssl::context> context_;
    FrameLimits limits_;
};

}  // namespace

std::unique_ptr<Network> make_tls_network(
    Executor executor, Clock& clock, std::string key_pem, std::string certificate_pem, FrameLimits limits) {
    return std::make_unique<TlsNetwork>(std::move(executor), clock, make_context(key_pem, certificate_pem), limits);
}

}  // namespace lockstep::net
