// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/web_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

namespace lockstep::net {

using asio::ip::tcp;
namespace ssl = asio::ssl;

namespace {

// Also what TLS sends between answers (tickets) makes it unquiet; the connection is then made anew.
bool nothing_to_read(tcp::socket& socket) {
    char byte = 0;
    auto const got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

class PlainWebStream final : public WebStream {
  public:
    explicit PlainWebStream(tcp::socket socket) : socket_(std::move(socket)) {}

    Task<std::size_t> read_some(asio::mutable_buffer room) override {
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto const bytes = co_await socket_.async_read_some(room, token);
        if (error && error != asio::error::eof) throw boost::system::system_error(error);
        co_return bytes;
    }
    Task<void> write(std::array<asio::const_buffer, 2> bytes) override {
        co_await asio::async_write(socket_, bytes, asio::use_awaitable);
    }
    bool is_quiet() override { return nothing_to_read(socket_); }

  private:
    tcp::socket socket_;
};

std::shared_ptr<ssl::context> client_context(const TlsProfile& profile) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    context->set_verify_mode(profile.insecure ? ssl::verify_none : ssl::verify_peer);
    if (profile.ca_file.empty()) {
        context->set_default_verify_paths();
    } else {
        context->load_verify_file(profile.ca_file);
    }
    if (!profile.cert_file.empty()) context->use_certificate_chain_file(profile.cert_file);
    if (!profile.key_file.empty()) context->use_private_key_file(profile.key_file, ssl::context::pem);
    return context;
}

// Reading the system's store takes milliseconds; it is done once a thread.
std::shared_ptr<ssl::context> usual_context() {
    thread_local auto const context = client_context({});
    return context;
}

class TlsWebStream final : public WebStream {
  public:
    TlsWebStream(tcp::socket socket, std::shared_ptr<ssl::context> context)
        : context_(std::move(context)), stream_(std::move(socket), *context_) {}

    ssl::stream<tcp::socket>& stream() { return stream_; }

    // An end without the TLS word for it counts as broken: somebody may have cut the answer.
    Task<std::size_t> read_some(asio::mutable_buffer room) override {
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto const bytes = co_await stream_.async_read_some(room, token);
        if (error && error != asio::error::eof) throw boost::system::system_error(error);
        co_return bytes;
    }
    Task<void> write(std::array<asio::const_buffer, 2> bytes) override {
        co_await asio::async_write(stream_, bytes, asio::use_awaitable);
    }
    bool is_quiet() override { return nothing_to_read(stream_.next_layer()); }

  private:
    std::shared_ptr<ssl::context> context_;
    ssl::stream<tcp::socket> stream_;
};

}  // namespace

std::unique_ptr<WebStream> make_plain_stream(tcp::socket socket) {
    return std::make_unique<PlainWebStream>(std::move(socket));
}

Task<std::unique_ptr<WebStream>> make_tls_stream(tcp::socket socket,
                                                 std::string host,
                                                 std::optional<TlsProfile> profile) {
    ERR_clear_error();  // what an earlier call of OpenSSL left is not ours
    auto context = profile ? client_context(*profile) : usual_context();
    auto made = std::make_unique<TlsWebStream>(std::move(socket), std::move(context));
    auto& stream = made->stream();
    if (!profile || !profile->insecure) stream.set_verify_callback(ssl::host_name_verification(host));
    // What the macro of OpenSSL does, without its cast.
    if (!literal_address(host))
        SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data());
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await stream.async_handshake(ssl::stream_base::client, token);
    if (error) {
        auto const verdict = SSL_get_verify_result(stream.native_handle());
        auto const reason =
            verdict != X509_V_OK ? std::string(X509_verify_cert_error_string(verdict)) : error.message();
        if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
        throw std::runtime_error("TLS with " + host + ": " + reason);
    }
    co_return made;
}

}  // namespace lockstep::net
