// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The client for addresses that users choose: what it keeps, whom it refuses, how TLS is judged.
#include "net/web_client.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "async/tap.hpp"
#include "net/frames.hpp"
#include "net/test_world.hpp"

namespace lockstep::net {
namespace {

AddressRules loopback() { return *AddressRules::parse("127.0.0.0/8,::1/128"); }

Task<void> call_web(WebClient& client, WebRequest request, Response& response) {
    response = co_await client.call(std::move(request));
}

class WebClientTest : public ServerTest {
  protected:
    void use(AddressRules rules) { client = make_web_client(loop.executor(), loop.clock(), std::move(rules)); }
    WebRequest to(std::string_view target, std::string body = "") {
        WebRequest request;
        request.url = url("http", target);
        request.body = std::move(body);
        return request;
    }
    Response call(WebRequest request) {
        Response response;
        loop.run(call_web(*client, std::move(request), response));
        return response;
    }
    // What went wrong.
    std::string failure(WebRequest request) {
        try {
            call(std::move(request));
        } catch (const std::exception& error) {
            return error.what();
        }
        return "nothing";
    }
    // The remote end of each request as the server sees it.
    void note_connections() {
        handler.on_request = [this](Request request) -> Task<Response> { return note(*this, std::move(request)); };
    }
    static Task<Response> note(WebClientTest& test, Request request) {
        test.connections.insert(request.remote);
        Response response;
        response.body = request.body;
        if (request.path == "/close") response.headers.set("Connection", "close");
        if (request.path == "/moved") response.status = 302;
        if (request.path == "/moved") response.headers.set("Location", "/elsewhere");
        co_return response;
    }

    std::unique_ptr<WebClient> client;
    std::set<std::string> connections;
};

TEST_F(WebClientTest, keeps_a_connection_for_the_next_request) {
    serve();
    use(loopback());
    note_connections();
    for (auto const* const body : {"a", "b", "c"}) EXPECT_EQ(call(to("/", body)).body, body);
    EXPECT_EQ(connections.size(), 1u);
}

TEST_F(WebClientTest, closes_a_connection_that_waited_too_long_or_was_not_to_wait) {
    serve();
    use(loopback());
    note_connections();
    auto request = to("/");
    request.idle_timeout = 0ms;
    call(request);
    call(request);
    request.idle_timeout = 30s;
    request.idle_max = 0;
    call(request);
    EXPECT_EQ(connections.size(), 3u);
}

TEST_F(WebClientTest, does_not_notice_that_its_server_closed_a_kept_connection) {
    HttpServer::Options options;
    options.idle_timeout = 5ms;
    serve(options);
    use(loopback());
    note_connections();
    EXPECT_EQ(call(to("/", "a")).body, "a");
    loop.run(loop.clock().sleep(50ms));  // the server's idle time-out is of the real clock

    EXPECT_EQ(call(to("/", "b")).body, "b");
    EXPECT_EQ(connections.size(), 2u);
}

TEST_F(WebClientTest, follows_no_redirect) {
    serve();
    use(loopback());
    note_connections();
    auto const answer = call(to("/moved"));
    EXPECT_EQ(answer.status, 302);
    EXPECT_EQ(answer.headers.get("Location"), "/elsewhere");
}

TEST_F(WebClientTest, calls_nobody_whom_the_rules_do_not_allow) {
    serve();
    use(AddressRules());
    auto const port = std::to_string(server->port());
    for (auto const* const host : {"127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]",
                                   "169.254.169.254", "[fe80::1]", "10.0.0.1", "0.0.0.0"}) {
        WebRequest request;
        request.url = "http://" + std::string(host) + ":" + port + "/";
        EXPECT_TRUE(failure(request).starts_with("LS10412: ")) << host << ": " << failure(request);
    }
    EXPECT_EQ(handler.requests, 0);
}

TEST_F(WebClientTest, finds_names) {
    serve();
    use(loopback());
    WebRequest request;
    request.url = "http://localhost:" + std::to_string(server->port()) + "/";
    EXPECT_EQ(call(request).status, 200);
    request.url = "http://no-such-name.invalid/";
    EXPECT_TRUE(failure(request).starts_with("no address for no-such-name.invalid")) << failure(request);
}

TEST_F(WebClientTest, limits_time_and_answer) {
    serve();
    use(loopback());
    auto large = to("/", std::string(2000, 'x'));
    large.answer_bytes_max = 1000;
    EXPECT_EQ(failure(large), "the answer is longer than 1000 bytes");

    Gate never;
    handler.on_request = [&never](Request) -> Task<Response> {
        auto const wait = [](Gate& gate) -> Task<Response> {
            co_await gate.passed();
            co_return Response{};
        };
        return wait(never);
    };
    auto slow = to("/");
    slow.timeout = 10ms;
    EXPECT_EQ(failure(slow), "timed out");
}

TEST_F(WebClientTest, sends_no_header_that_breaks_the_request) {
    serve();
    use(loopback());
    for (auto const& [name, value] : std::vector<std::pair<std::string, std::string>>{
             {"a", "b\r\nc: d"}, {"a\r\nb", "c"}, {"a b", "c"}, {"", "c"}, {"a", std::string(1, '\0')}}) {
        auto request = to("/");
        request.headers.set(name, value);
        EXPECT_TRUE(failure(request).starts_with("a header that cannot be sent")) << name;
    }
    EXPECT_EQ(handler.requests, 0);
}

TEST_F(WebClientTest, says_that_nobody_is_there) {
    serve();
    use(loopback());
    auto const request = to("/");
    server->refuse_new();
    EXPECT_TRUE(failure(request).starts_with("cannot connect to 127.0.0.1:")) << failure(request);
}

TEST(WebUrl, has_a_form) {
    for (auto const* const good :
         {"http://a", "https://a/b?c#d", "http://[::1]:8080/x", "http://127.0.0.1:1", "https://a.b:65535/"})
        EXPECT_TRUE(is_web_url(good)) << good;
    for (auto const* const bad :
         {"", "a", "ftp://a/", "HTTP//a", "http://", "http:///x", "http://u@a/", "http://u:p@a/", "http://a:/",
          "http://a:x/", "http://a:65536/", "http://a/b c", "http://a/\n", "http://a b/", "ws://a/", "http://[::1/"})
        EXPECT_FALSE(is_web_url(bad)) << bad;
    EXPECT_FALSE(is_web_url("http://a/" + std::string(9000, 'x')));
}

// ---- TLS ----

// Answers each connection once with the fingerprint of the certificate that the client showed.
class TlsEndpoint {
  public:
    TlsEndpoint(Executor executor, const Certificate& own, const std::string& client_ca)
        : context_(asio::ssl::context::tls_server), acceptor_(executor, {asio::ip::address_v4::loopback(), 0}) {
        context_.use_certificate_chain(asio::buffer(own.certificate_pem));
        context_.use_private_key(asio::buffer(own.key_pem), asio::ssl::context::pem);
        if (client_ca.empty()) return;
        context_.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
        context_.add_certificate_authority(asio::buffer(client_ca));
    }
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    // So many connections, whatever comes of them.
    Task<void> serve(int count) {
        for (; count > 0; --count) {
            auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
            asio::ssl::stream<asio::ip::tcp::socket> stream(std::move(socket), context_);
            boost::system::error_code error;
            auto token = asio::redirect_error(asio::use_awaitable, error);
            co_await stream.async_handshake(asio::ssl::stream_base::server, token);
            if (error) continue;
            std::string head;
            auto reading = asio::redirect_error(asio::use_awaitable, error);
            co_await asio::async_read_until(stream, asio::dynamic_buffer(head), "\r\n\r\n", reading);
            std::string const body = SSL_get0_peer_certificate(stream.native_handle()) ? "known" : "stranger";
            auto const answer =
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                body;
            auto writing = asio::redirect_error(asio::use_awaitable, error);
            co_await asio::async_write(stream, asio::buffer(answer), writing);
        }
    }

  private:
    asio::ssl::context context_;
    asio::ip::tcp::acceptor acceptor_;
};

class WebTlsTest : public testing::Test {
  protected:
    void SetUp() override {
        auto name = (std::filesystem::temp_directory_path() / "lockstep-web-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
        client = make_web_client(loop.executor(), loop.clock(), loopback());
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    std::string file(const std::string& name, const std::string& text) {
        auto const path = folder + "/" + name;
        std::ofstream(path) << text;
        return path;
    }
    // The answer's body, or what went wrong.
    std::string call(TlsEndpoint& endpoint, const std::string& host, std::optional<TlsProfile> tls) {
        auto const serving = loop.start(endpoint.serve(1));
        WebRequest request;
        request.url = "https://" + host + ":" + std::to_string(endpoint.port()) + "/";
        request.tls = std::move(tls);
        std::string outcome;
        try {
            Response response;
            loop.run(call_web(*client, request, response));
            outcome = response.body;
        } catch (const std::exception& error) {
            outcome = error.what();
        }
        loop.run_until(serving->ended);
        return outcome;
    }

    TestLoop loop;
    std::string folder;
    std::unique_ptr<WebClient> client;
    Certificate const server_pair = make_certificate("localhost");
    Certificate const client_pair = make_certificate("client");
};

TEST_F(WebTlsTest, an_endpoint_is_known_by_its_authority) {
    TlsEndpoint endpoint(loop.executor(), server_pair, "");
    TlsProfile known;
    known.ca_file = file("ca.pem", server_pair.certificate_pem);
    EXPECT_EQ(call(endpoint, "localhost", known), "stranger");
    // Not in the system's store; not by this authority; not of this name.
    auto const tls_with = [](const std::string& text) { return text.starts_with("TLS with "); };
    EXPECT_TRUE(tls_with(call(endpoint, "localhost", std::nullopt)));
    TlsProfile other;
    other.ca_file = file("other.pem", client_pair.certificate_pem);
    EXPECT_TRUE(tls_with(call(endpoint, "localhost", other)));
    EXPECT_TRUE(tls_with(call(endpoint, "127.0.0.1", known)));
    TlsProfile any;
    any.insecure = true;
    EXPECT_EQ(call(endpoint, "127.0.0.1", any), "stranger");
}

TEST_F(WebTlsTest, a_client_certificate_is_shown) {
    TlsEndpoint endpoint(loop.executor(), server_pair, client_pair.certificate_pem);
    TlsProfile profile;
    profile.ca_file = file("ca.pem", server_pair.certificate_pem);
    auto const refused = call(endpoint, "localhost", profile);
    EXPECT_NE(refused, "stranger");
    EXPECT_NE(refused, "known");
    profile.cert_file = file("client.pem", client_pair.certificate_pem);
    profile.key_file = file("client.key", client_pair.key_pem);
    EXPECT_EQ(call(endpoint, "localhost", profile), "known");
}

TEST_F(WebTlsTest, a_profile_whose_files_are_missing_is_a_failure) {
    TlsEndpoint endpoint(loop.executor(), server_pair, "");
    TlsProfile profile;
    profile.ca_file = folder + "/none.pem";
    auto const outcome = call(endpoint, "localhost", profile);
    EXPECT_NE(outcome, "stranger");
}

}  // namespace
}  // namespace lockstep::net
