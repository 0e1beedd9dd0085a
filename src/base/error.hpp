// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// An Error is born from one entry of the public catalogue (error_list.hpp) with its facts filled in.
// HTTP status, socket close, exit code and peer answer derive from the entry at the edge.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace boost {
struct source_location;
}

namespace lockstep {

// One entry of the catalogue. `text` holds {name} marks that refuse() replaces with facts.
struct ErrorSpec {
    std::string_view code;  // "FF10109", "LS10001": never reused, never renamed
    int status;             // HTTP status at the edge
    std::string_view text;
};

class Error {
  public:
    // No error: what boost::system::result hands out when it is asked for the error beside a value.
    Error() = default;
    Error(const ErrorSpec& spec, std::string text) : spec_(&spec), text_(std::move(text)) {}

    const ErrorSpec& spec() const { return *spec_; }
    std::string_view code() const { return spec_->code; }
    int status() const { return spec_->status; }
    // "FF10109: Nothing was found here", as clients see it: the number, and the sentence.
    std::string message() const;
    const std::string& text() const { return text_; }

    bool is(const ErrorSpec& spec) const { return spec.code == spec_->code; }

  private:
    static constexpr ErrorSpec none{"", 500, ""};

    const ErrorSpec* spec_ = &none;
    std::string text_;
};

using Fact = std::pair<std::string_view, std::string_view>;

// Fills the marks of `spec.text` with `facts`. A fact longer than 256 bytes is cut with an ellipsis.
Error refuse(const ErrorSpec& spec, std::initializer_list<Fact> facts = {});

// What boost::system::result calls when a value is taken from a refusal: a bug of ours.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& location);

}  // namespace lockstep
