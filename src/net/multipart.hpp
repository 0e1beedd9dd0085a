// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// multipart/form-data (RFC 7578, 2046), taken apart as it comes. Pure: bytes go in, and next() tells what they
// are. It holds what was fed and not yet told, so feed it pieces and empty it between them.
//
//     Multipart form(*boundary, {});
//     for (…) { form.feed(piece); while ((kind = form.next()) != Multipart::Kind::more) … }
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lockstep::net {

// The boundary that a Content-Type names; empty when it is no multipart/form-data with one of 1 to 70 characters.
std::optional<std::string> multipart_boundary(std::string_view content_type);

class Multipart {
  public:
    struct Limits {
        std::size_t header_bytes_max = 16 << 10;  // of one part
        std::size_t parts_max = 100;
    };
    struct Part {
        std::string name;
        std::optional<std::string> filename;  // its last component; none: a field
        std::string disposition;              // the header as it came
        std::string content_type;
    };
    enum class Kind {
        more,       // feed() or end()
        part,       // a part begins: part()
        bytes,      // of it: bytes()
        part_end,   //
        end,        // the last boundary was passed; what follows is ignored
        malformed,  // reason(); nothing comes after it
    };

    explicit Multipart(std::string_view boundary) : Multipart(boundary, Limits{}) {}
    Multipart(std::string_view boundary, Limits limits);

    void feed(std::string_view bytes);
    // Nothing more will come: what is not over is malformed.
    void end() { ended_ = true; }
    Kind next();

    const Part& part() const { return part_; }
    // Valid until the next call.
    std::string_view bytes() const { return bytes_; }
    const std::string& reason() const { return reason_; }

  private:
    enum class State { preamble, delimited, header, body, over, failed };
    Kind fail(std::string reason);
    Kind wait();
    Kind begin();
    Kind delimited();
    Kind header();
    Kind body();
    std::string_view rest() const { return std::string_view(held_).substr(at_); }

    std::string delimiter_;  // "\r\n--boundary"
    Limits limits_;
    State state_ = State::preamble;
    std::string held_ = "\r\n";  // as if before the first delimiter, which may stand at the very beginning
    std::size_t at_ = 0;         // in held_: what is before was told
    std::size_t skip_ = 0;       // of a body: the line break before it, which may begin its boundary
    std::size_t parts_ = 0;
    bool ended_ = false;
    Part part_;
    std::string_view bytes_;
    std::string reason_;
};

}  // namespace lockstep::net
