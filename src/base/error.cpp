// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/error.hpp"

#include <boost/assert/source_location.hpp>
#include <cstddef>

#include "base/must.hpp"

namespace lockstep {

namespace {

constexpr std::size_t fact_bytes_max = 256;

// A fact may be anything that a client sent. It is cut between characters, so that the sentence stays UTF-8.
void append_fact(std::string& out, std::string_view fact) {
    if (fact.size() <= fact_bytes_max) {
        out += fact;
        return;
    }
    std::size_t end = fact_bytes_max;
    while (end > fact_bytes_max - 4 && (static_cast<unsigned char>(fact[end]) & 0xC0) == 0x80) --end;
    out += fact.substr(0, end);
    out += "…";
}

const Fact* find_fact(std::string_view name, std::initializer_list<Fact> facts) {
    for (const Fact& fact : facts) {
        if (fact.first == name) return &fact;
    }
    return nullptr;
}

}  // namespace

std::string Error::message() const {
    std::string out;
    out.reserve(spec_->code.size() + 2 + text_.size());
    out += spec_->code;
    out += ": ";
    out += text_;
    return out;
}

// One pass over the sentence: braces inside a fact are not looked at again.
Error refuse(const ErrorSpec& spec, std::initializer_list<Fact> facts) {
    std::string out;
    std::string_view rest = spec.text;
    while (true) {
        const std::size_t open = rest.find('{');
        const std::size_t close = open == std::string_view::npos ? open : rest.find('}', open);
        if (close == std::string_view::npos) break;
        const Fact* fact = find_fact(rest.substr(open + 1, close - open - 1), facts);
        out += rest.substr(0, open);
        if (fact) {
            append_fact(out, fact->second);
        } else {
            out += rest.substr(open, close + 1 - open);
        }
        rest.remove_prefix(close + 1);
    }
    out += rest;
    return Error(spec, std::move(out));
}

void throw_exception_from_error(const Error& error, const boost::source_location& location) {
    must_failed("the result holds a value", error.message().c_str(), location.file_name(),
                static_cast<int>(location.line()));
}

}  // namespace lockstep
