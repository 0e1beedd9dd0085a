// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The text of an answer's head, and the answers that net gives itself.
#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "net/http.hpp"

#include <string>
#include <string_view>

namespace lockstep::net {

// "Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n", made once a second.
class DateLine {
  public:
    std::string_view at(Time now);

  private:
    std::int64_t second_ = -1;
    std::string line_;
};

struct AnswerForm {
    bool keep_alive = true;
    bool http10 = false;   // keep-alive has to be said
    bool has_body = true;  // false for HEAD: the length is told, the body is not sent
};

// Replaces `head` with the status line and headers, including the empty line. Header values that hold a
// line break or a NUL are left out: they come from data, and would begin another header.
void write_head(std::string& head, const Response& response, std::string_view date_line, AnswerForm form);

// False for statuses that never have a body (1xx, 204, 304).
bool status_has_body(int status);

// {"error":"LS10004: ..."}
Response error_response(const Error& error);

}  // namespace lockstep::net
