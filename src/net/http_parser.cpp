// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/http_parser.hpp"

#include "net/detail/ascii.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <optional>

namespace lockstep::net {

namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

// A claimed length is believed up to here; beyond it the body grows with what really comes.
constexpr std::size_t reserve_bytes_max = 256 << 10;

void append_body(std::string& body, string_view part) { body.append(part.data(), part.size()); }

void reserve_body(std::string& body, const boost::optional<std::uint64_t>& length) {
    if (length) body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, reserve_bytes_max)));
}

std::string_view std_view(string_view text) { return {text.data(), text.size()}; }

class BeastRequest final : public http::basic_parser<true> {
  public:
    Request request;
    bool expects_continue = false;
    bool names_websocket = false;
    int hosts = 0;
    bool http11 = false;

  private:
    void on_request_impl(http::verb, string_view method, string_view target, int version, error_code&) override {
        request.method = std_view(method);
        http11 = version == 11;
        auto text = std_view(target);
        if (auto const scheme = text.find("://"); !text.starts_with('/') && scheme != text.npos) {
            auto const path = text.find('/', scheme + 3);  // a proxy's absolute form
            text = path == text.npos ? "/" : text.substr(path);
        }
        auto const mark = text.find('?');
        request.path = text.substr(0, mark);
        if (mark != text.npos) request.query = text.substr(mark + 1);
    }
    void on_response_impl(int, string_view, int, error_code&) override {}

    void on_field_impl(http::field name, string_view name_text, string_view value, error_code&) override {
        if (name == http::field::expect) expects_continue = same_ignoring_case(std_view(value), "100-continue");
        if (name == http::field::upgrade) names_websocket = same_ignoring_case(std_view(value), "websocket");
        if (name == http::field::host) ++hosts;
        request.headers.list.emplace_back(std_view(name_text), std_view(value));
    }
    void on_header_impl(error_code&) override {}

    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
        reserve_body(request.body, length);
    }
    std::size_t on_body_impl(string_view part, error_code&) override {
        append_body(request.body, part);
        return part.size();
    }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view part, error_code&) override {
        append_body(request.body, part);
        return part.size();
    }
    void on_finish_impl(error_code&) override {}
};

class BeastResponse final : public http::basic_parser<false> {
  public:
    Response response;

  private:
    void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
    void on_response_impl(int code, string_view, int, error_code&) override {
        response.status = code;
        response.content_type.clear();
    }
    void on_field_impl(http::field name, string_view name_text, string_view value, error_code&) override {
        if (name == http::field::content_type) response.content_type = std_view(value);
        response.headers.list.emplace_back(std_view(name_text), std_view(value));
    }
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
        reserve_body(response.body, length);
    }
    std::size_t on_body_impl(string_view part, error_code&) override {
        append_body(response.body, part);
        return part.size();
    }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view part, error_code&) override {
        append_body(response.body, part);
        return part.size();
    }
    void on_finish_impl(error_code&) override {}
};

template <class Parser>
Parsed feed_parser(Parser& parser, std::string_view& input, error_code& failure) {
    for (;;) {
        if (input.empty()) return Parsed::more;
        auto const had_header = parser.is_header_done();
        error_code error;
        auto const used = parser.put(boost::asio::const_buffer(input.data(), input.size()), error);
        input.remove_prefix(used);
        if (error == http::error::need_more) return Parsed::more;
        if (error) {
            failure = error;
            if (error == http::error::header_limit) return Parsed::header_too_large;
            if (error == http::error::body_limit) return Parsed::body_too_large;
            return Parsed::malformed;
        }
        if (parser.is_done()) return Parsed::done;
        if (!had_header && parser.is_header_done()) return Parsed::header;
    }
}

}  // namespace

struct RequestParser::Impl {
    MessageLimits limits;
    Streams is_stream;
    std::optional<BeastRequest> parser;
    std::string reason;
    bool streams = false;

    Impl(MessageLimits given, Streams question) : limits(given), is_stream(std::move(question)) { reset(); }

    void reset() {
        parser.emplace();
        parser->header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
        parser->body_limit(boost::none);  // feed() looks: which limit there is, the header tells
        reason.clear();
        streams = false;
    }

    Parsed refuse(std::string why) {
        reason = std::move(why);
        return Parsed::malformed;
    }
};

RequestParser::RequestParser(MessageLimits limits, Streams streams)
    : impl_(std::make_unique<Impl>(limits, std::move(streams))) {}
RequestParser::~RequestParser() = default;
void RequestParser::reset() { impl_->reset(); }
bool RequestParser::begun() const { return impl_->parser->got_some(); }
std::string RequestParser::reason() const { return impl_->reason; }
Request& RequestParser::request() { return impl_->parser->request; }
bool RequestParser::keep_alive() const { return impl_->parser->keep_alive(); }
bool RequestParser::http11() const { return impl_->parser->http11; }
bool RequestParser::expects_continue() const { return impl_->parser->http11 && impl_->parser->expects_continue; }
bool RequestParser::wants_websocket() const {
    const auto& parser = *impl_->parser;
    return parser.names_websocket && parser.upgrade() && parser.request.method == "GET";
}
bool RequestParser::streams() const { return impl_->streams; }
std::uint64_t RequestParser::body_bytes_left() const {
    if (!impl_->parser->is_header_done()) return 0;
    return impl_->parser->content_length_remaining().value_or(0);
}

Parsed RequestParser::feed(std::string_view& input) {
    auto& parser = *impl_->parser;
    if (!parser.got_some()) {
        // RFC 9112 2.2: empty lines before the request line are ignored.
        while (input.starts_with('\r') || input.starts_with('\n')) input.remove_prefix(1);
    }
    auto const had_header = parser.is_header_done();
    error_code error;
    auto const parsed = feed_parser(parser, input, error);
    if (parsed == Parsed::malformed) return impl_->refuse(error.message());
    // Bodies are used up as they come; what can pile up here is a chunk's extension or trailer.
    if (parsed == Parsed::more && input.size() >= impl_->limits.header_bytes_max) return Parsed::header_too_large;
    if (!had_header && parser.is_header_done() && parser.http11 && parser.hosts != 1) {
        return impl_->refuse("one Host header is required");
    }
    if (!had_header && parsed == Parsed::header) {
        impl_->streams = impl_->is_stream && impl_->is_stream(parser.request);
        auto const length = parser.content_length();
        if (!impl_->streams && length && *length > impl_->limits.body_bytes_max) return Parsed::body_too_large;
    }
    if (!impl_->streams && parser.request.body.size() > impl_->limits.body_bytes_max) return Parsed::body_too_large;
    return parsed;
}

struct ResponseParser::Impl {
    BeastResponse parser;
    std::string reason;
};

ResponseParser::ResponseParser(MessageLimits limits, bool head) : impl_(std::make_unique<Impl>()) {
    impl_->parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    impl_->parser.body_limit(limits.body_bytes_max);
    impl_->parser.skip(head);
}
ResponseParser::~ResponseParser() = default;
std::string ResponseParser::reason() const { return impl_->reason; }
Response& ResponseParser::response() { return impl_->parser.response; }
bool ResponseParser::keep_alive() const { return impl_->parser.keep_alive(); }

Parsed ResponseParser::feed(std::string_view& input) {
    error_code error;
    auto const parsed = feed_parser(impl_->parser, input, error);
    if (error) impl_->reason = error.message();
    return parsed;
}

Parsed ResponseParser::feed_end() {
    impl_->reason = "the peer closed before the end of the answer";
    if (!impl_->parser.got_some()) return Parsed::malformed;
    error_code error;
    impl_->parser.put_eof(error);
    return error ? Parsed::malformed : Parsed::done;
}

}  // namespace lockstep::net
