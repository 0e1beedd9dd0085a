// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Steps through texts that compact() has made, without checking them again. On any other text the answers
// mean nothing, but every step stays inside the text and every walk ends.
#pragma once

#include <string>
#include <string_view>

namespace lockstep::json {

// Behind the string that begins at `at`, or `end`.
const char* skip_string(const char* at, const char* end);
// Behind the value that begins at `at`.
const char* skip_value(const char* at, const char* end);

// Resolves the escapes of what stands between quotes. Half of a surrogate pair becomes U+FFFD.
std::string unescape(std::string_view raw);

// for (Members m(text); m.next();) ... m.name() is what stands between the quotes, escapes unresolved.
class Members {
  public:
    explicit Members(std::string_view object);
    bool next();
    std::string_view name() const { return name_; }
    std::string_view value() const { return value_; }

  private:
    const char *at_ = nullptr, *end_ = nullptr;
    std::string_view name_, value_;
};

class Elements {
  public:
    explicit Elements(std::string_view array);
    bool next();
    std::string_view value() const { return value_; }

  private:
    const char *at_ = nullptr, *end_ = nullptr;
    std::string_view value_;
};

// How a raw name agrees with the one that is looked for.
enum class Match { none, folded, exact };
Match match_name(std::string_view raw, std::string_view name);

}  // namespace lockstep::json
