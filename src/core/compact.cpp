// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <string_view>

#include "core/detail/json_bytes.hpp"
#include "core/errors.hpp"
#include "core/json.hpp"

namespace lockstep::json {

namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// One walk over the text, which checks and copies at once. What stays as it is gathers in a run that is
// copied whole; a text that is compact already is one run. Functions return false once something is wrong.
class Compactor {
  public:
    explicit Compactor(std::string_view text)
        : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), run_(begin_) {}

    Result<std::string> run() {
        if (!document()) {
            if (too_deep_) return refuse(errors::json_too_deep, {{"limit", std::to_string(depth_max)}});
            return refuse(errors::malformed_json, {{"offset", std::to_string(at_ - begin_)}, {"found", found_}});
        }
        if (run_ == begin_) return std::string(begin_, end_);
        flush();
        return std::move(out_);
    }

  private:
    bool document() {
        skip_space();
        while (true) {
            bool opened = false;
            if (!value(opened)) return false;
            if (opened) continue;
            if (!close_all()) return false;
            if (depth_ == 0) break;
        }
        skip_space();
        return at_ == end_ || wrong("the text should end");
    }

    // One scalar, or the opening of an object or array up to where its first value begins. An empty one
    // counts as a scalar.
    bool value(bool& opened) {
        switch (peek()) {
            case '{':
                if (!open(true)) return false;
                if (peek() == '}') return close();
                opened = true;
                return member_name();
            case '[':
                if (!open(false)) return false;
                if (peek() == ']') return close();
                opened = true;
                return true;
            case '"': return string();
            case 't': return literal("true");
            case 'f': return literal("false");
            case 'n': return literal("null");
            default: return number();
        }
    }

    // What follows a value: the ends of what it is the last of, then the comma before the next.
    bool close_all() {
        while (depth_ > 0) {
            skip_space();
            const bool in_object = is_object_[depth_ - 1];
            if (peek() == ',') {
                ++at_;
                skip_space();
                return !in_object || member_name();
            }
            if (peek() != (in_object ? '}' : ']'))
                return wrong(in_object ? "',' or '}' should be" : "',' or ']' should be");
            close();
        }
        return true;
    }

    bool open(bool object) {
        if (depth_ == depth_max) {
            too_deep_ = true;
            return false;
        }
        is_object_[depth_++] = object;
        ++at_;
        skip_space();
        return true;
    }
    bool close() {
        --depth_;
        ++at_;
        return true;
    }

    bool member_name() {
        if (peek() != '"') return wrong("a member's name should begin");
        if (!string()) return false;
        skip_space();
        if (peek() != ':') return wrong("':' should be");
        ++at_;
        skip_space();
        return true;
    }

    bool string() {
        ++at_;
        while (true) {
            at_ = skip_plain(at_, end_);
            if (at_ == end_) return wrong("a string should end");
            if (*at_ == '"') {
                ++at_;
                return true;
            }
            if (*at_ == '\\') {
                if (!escape()) return false;
                continue;
            }
            if (static_cast<unsigned char>(*at_) < 0x20) return wrong("a string should go on");
            const std::size_t size = utf8_size(at_, end_);
            const std::string_view replacement = forced_escape(at_, size);
            if (replacement.empty()) {
                at_ += size;
                continue;
            }
            flush();
            out_ += replacement;
            at_ += size == 0 ? 1 : size;
            run_ = at_;
        }
    }

    // An escape stays as it is written, also one half of a surrogate pair.
    bool escape() {
        ++at_;
        switch (peek()) {
            case '"':
            case '\\':
            case '/':
            case 'b':
            case 'f':
            case 'n':
            case 'r':
            case 't': ++at_; return true;
            case 'u':
                ++at_;
                for (int i = 0; i < 4; ++i, ++at_) {
                    if (at_ == end_ || !is_hex_digit(*at_)) return wrong("a hex digit should be");
                }
                return true;
            default: return wrong("an escaped character should be");
        }
    }

    bool number() {
        if (peek() == '-') {
            ++at_;
            if (!is_digit(peek())) return wrong("a digit should be");
        }
        if (!is_digit(peek())) return wrong("a value should begin");
        if (*at_ == '0') {
            ++at_;
        } else {
            skip_digits();
        }
        if (peek() == '.') {
            ++at_;
            if (!is_digit(peek())) return wrong("a digit should be");
            skip_digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            ++at_;
            if (peek() == '+' || peek() == '-') ++at_;
            if (!is_digit(peek())) return wrong("a digit should be");
            skip_digits();
        }
        return true;
    }
    void skip_digits() {
        while (is_digit(peek())) ++at_;
    }

    bool literal(std::string_view word) {
        for (const char c : word) {
            if (at_ == end_ || *at_ != c) return wrong("true, false or null should be");
            ++at_;
        }
        return true;
    }

    // NUL stands for the end: no place in JSON outside strings accepts it.
    char peek() const { return at_ == end_ ? '\0' : *at_; }

    void skip_space() {
        if (at_ == end_ || !is_space(*at_)) return;
        flush();
        while (at_ != end_ && is_space(*at_)) ++at_;
        run_ = at_;
    }
    void flush() {
        if (out_.empty()) out_.reserve(static_cast<std::size_t>(end_ - begin_));
        out_.append(run_, at_);
        run_ = at_;
    }

    bool wrong(std::string_view expected) {
        if (at_ == end_) {
            found_ = "the end";
        } else if (const auto byte = static_cast<unsigned char>(*at_); byte >= 0x20 && byte < 0x7F) {
            found_ = {'\'', *at_, '\''};
        } else {
            found_ = {'b', 'y', 't', 'e', ' ', '0', 'x', hex_digits[byte >> 4], hex_digits[byte & 15]};
        }
        found_ += " where ";
        found_ += expected;
        return false;
    }

    const char* begin_;
    const char* at_;
    const char* end_;
    const char* run_;  // begins what is not copied yet; it ends at at_
    std::string out_;
    std::string found_;
    bool too_deep_ = false;
    std::size_t depth_ = 0;
    std::array<bool, depth_max> is_object_;  // of the open ones, the outermost first
};

}  // namespace

Result<std::string> compact(std::string_view text, std::size_t bytes_max) {
    if (text.size() > bytes_max) return refuse(errors::json_too_long, {{"limit", std::to_string(bytes_max)}});
    if (text.find_first_not_of(" \n\r\t") == std::string_view::npos) return refuse(errors::json_empty);
    return Compactor(text).run();
}

}  // namespace lockstep::json
