// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/web_client.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <algorithm>
#include <limits>
#include <map>
#include <stdexcept>
#include <vector>

#include "async/deadline.hpp"
#include "net/detail/alarm.hpp"
#include "net/detail/close_on_exec.hpp"
#include "net/detail/http_parser.hpp"
#include "net/detail/input_buffer.hpp"
#include "net/detail/name_lookup.hpp"
#include "net/detail/url.hpp"
#include "net/detail/web_stream.hpp"
#include "net/errors.hpp"

namespace lockstep::net {

using asio::ip::tcp;

namespace {

constexpr std::size_t answer_header_bytes_max = 64 << 10;
constexpr std::size_t idle_all_max = 1000;  // of all endpoints
constexpr std::string_view token_characters =
    "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; });
}

std::string head_of(const WebRequest& request, const Url& url) {
    auto head = request.method + " " + url.target + " HTTP/1.1\r\n";
    if (!request.headers.has("Host")) head += "Host: " + url.authority + "\r\n";
    for (auto const& [name, value] : request.headers.list) {
        if (name.empty() || name.find_first_not_of(token_characters) != name.npos || has_control(value))
            throw std::invalid_argument("a header that cannot be sent: " + name.substr(0, 64));
        head += name + ": " + value + "\r\n";
    }
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH")
        head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    return head += "\r\n";
}

struct Connection {
    std::unique_ptr<WebStream> stream;
    InputBuffer input;
};

struct Conversation {
    Response response;
    bool answered = false;    // at least a byte came
    bool keep_alive = false;  // and nothing is left over
};

// Requests and answers on one connection, one after the other.
Task<void> converse(Connection& on, const std::string& head, const WebRequest& request, Conversation& out) {
    std::array<asio::const_buffer, 2> const bytes{asio::buffer(head), asio::buffer(request.body)};
    // A server may refuse a body without reading it all: then the write fails and the answer is there.
    std::exception_ptr unsent;
    try {
        co_await on.stream->write(bytes);
    } catch (const std::exception& error) {
        if (is_cancelled(error)) throw;
        unsent = std::current_exception();  // rethrown when there is no answer
    }
    MessageLimits const limits{answer_header_bytes_max, request.answer_bytes_max};
    for (;;) {
        ResponseParser parser(limits, request.method == "HEAD");
        auto parsed = Parsed::more;
        while (parsed != Parsed::done) {
            auto left = on.input.view();
            parsed = parser.feed(left);
            on.input.consume(on.input.size() - left.size());
            if (parsed == Parsed::more) {
                auto const count = co_await on.stream->read_some(on.input.room(InputBuffer::large_bytes));
                on.input.filled(count);
                out.answered = out.answered || count > 0;
                if (count == 0 && !out.answered && unsent) std::rethrow_exception(unsent);
                if (count == 0) parsed = parser.feed_end();
            }
            if (parsed == Parsed::malformed) throw std::runtime_error("malformed answer: " + parser.reason());
            if (parsed == Parsed::header_too_large || parsed == Parsed::body_too_large)
                throw std::runtime_error("the answer is longer than " + std::to_string(request.answer_bytes_max) +
                                         " bytes");
        }
        if (parser.response().status < 200) continue;  // 100 Continue
        out.keep_alive = parser.keep_alive() && on.input.empty() && !unsent;
        out.response = std::move(parser.response());
        co_return;
    }
}

class PooledClient final : public WebClient {
  public:
    PooledClient(Executor executor, Clock& clock, AddressRules rules)
        : executor_(executor), clock_(clock), rules_(std::move(rules)), names_(executor), cleaning_(clock, [this] {
              clean();
          }) {}

    Task<Response> call(WebRequest request) override {
        auto const limit = request.timeout;
        auto work = exchange(std::move(request));
        return within(clock_, limit, std::move(work));
    }

  private:
    struct Idle {
        Connection connection;
        Instant until;
    };

    Task<Response> exchange(WebRequest request) {
        auto const url = parse_url(request.url, web_scheme(request.url));
        auto const key = key_of(request, url);
        auto const head = head_of(request, url);
        Conversation talk;
        if (auto kept = take(key)) {
            std::exception_ptr failure;
            try {
                co_await converse(*kept, head, request, talk);
            } catch (const std::exception& error) {
                if (is_cancelled(error) || talk.answered) throw;
                failure = std::current_exception();  // it was closed meanwhile: a new connection will do
            }
            if (!failure) {
                if (talk.keep_alive) keep(key, std::move(*kept), request);
                co_return std::move(talk.response);
            }
        }
        Connection fresh;
        fresh.stream = co_await open(request, url);
        co_await converse(fresh, head, request, talk);
        if (talk.keep_alive) keep(key, std::move(fresh), request);
        co_return std::move(talk.response);
    }

    static std::string key_of(const WebRequest& request, const Url& url) {
        auto key = std::string(web_scheme(request.url)) + "://" + url.authority;
        if (auto const& tls = request.tls)
            key += "\n" + tls->ca_file + "\n" + tls->cert_file + "\n" + tls->key_file + (tls->insecure ? "\n!" : "");
        return key;
    }

    Task<std::unique_ptr<WebStream>> open(const WebRequest& request, const Url& url) {
        auto connecting = connect(url.host, url.port, request.connect_timeout);
        auto socket = co_await within(clock_, request.connect_timeout, std::move(connecting));
        if (web_scheme(request.url) == "http") co_return make_plain_stream(std::move(socket));
        auto shaking = make_tls_stream(std::move(socket), url.host, request.tls);
        co_return co_await within(clock_, request.tls_handshake_timeout, std::move(shaking));
    }

    // One allowed address after another; each gets its share of the time.
    Task<tcp::socket> connect(std::string host, std::string port, Duration limit) {
        std::vector<IpAddress> addresses;
        if (auto const literal = literal_address(host)) {
            addresses.push_back(*literal);
        } else {
            addresses = co_await names_.find(host);
        }
        auto const first = addresses.front();
        std::erase_if(addresses, [this](const IpAddress& address) { return !rules_.allows(address); });
        if (addresses.empty()) {
            auto const refusal = refuse(errors::address_refused, {{"host", host}, {"address", first.to_string()}});
            throw std::runtime_error(refusal.message());
        }
        auto const number = static_cast<std::uint16_t>(std::stoul(port));
        std::string failure;
        for (auto const& address : addresses) {
            tcp::socket socket(executor_);
            try {
                auto attempt = connect_to(socket, tcp::endpoint(address, number));
                co_await within(clock_, limit / static_cast<std::int64_t>(addresses.size()), std::move(attempt));
                co_return socket;
            } catch (const std::exception& error) {
                if (is_cancelled(error)) throw;
                failure = error.what();
            }
        }
        throw std::runtime_error("cannot connect to " + host + ":" + port + ": " + failure);
    }

    static Task<void> connect_to(tcp::socket& socket, tcp::endpoint where) {
        socket.open(where.protocol());
        close_on_exec(socket.native_handle());
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await socket.async_connect(where, token);
        if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
        if (error) throw std::runtime_error(error.message());
        socket.set_option(tcp::no_delay(true), error);
    }

    std::optional<Connection> take(const std::string& key) {
        auto const found = idle_.find(key);
        while (found != idle_.end() && !found->second.empty()) {
            auto last = std::move(found->second.back());
            found->second.pop_back();
            --idle_count_;
            if (clock_.instant() < last.until && last.connection.stream->is_quiet()) return std::move(last.connection);
        }
        return std::nullopt;
    }

    void keep(const std::string& key, Connection connection, const WebRequest& request) {
        auto& list = idle_[key];
        if (list.size() >= request.idle_max || idle_count_ >= idle_all_max || request.idle_timeout <= 0ns) return;
        connection.input.shrink();
        list.push_back({std::move(connection), clock_.instant() + request.idle_timeout});
        ++idle_count_;
        cleaning_.set(std::min(next_clean_, list.back().until));
        next_clean_ = std::min(next_clean_, list.back().until);
    }

    void clean() {
        auto const now = clock_.instant();
        next_clean_ = never;
        for (auto entry = idle_.begin(); entry != idle_.end();) {
            auto& list = entry->second;
            idle_count_ -= std::erase_if(list, [now](const Idle& one) { return one.until <= now; });
            for (auto const& one : list) next_clean_ = std::min(next_clean_, one.until);
            entry = list.empty() ? idle_.erase(entry) : std::next(entry);
        }
        if (next_clean_ != never) cleaning_.set(next_clean_);
    }

    static constexpr Instant never{std::numeric_limits<std::int64_t>::max()};

    Executor executor_;
    Clock& clock_;
    AddressRules rules_;
    NameLookup names_;
    std::map<std::string, std::vector<Idle>> idle_;  // by endpoint and profile
    std::size_t idle_count_ = 0;
    Instant next_clean_ = never;
    Alarm cleaning_;
};

}  // namespace

std::unique_ptr<WebClient> make_web_client(Executor executor, Clock& clock, AddressRules rules) {
    return std::make_unique<PooledClient>(std::move(executor), clock, std::move(rules));
}

}  // namespace lockstep::net
