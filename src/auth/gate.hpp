// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Who may pass where. A Guard is one place that asks for credentials; the Gate is a member's guards, by
// which part of its face is asked for.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "auth/password_checker.hpp"
#include "auth/secrets.hpp"
#include "base/result.hpp"

namespace lockstep::auth {

// What is asked of those who come. Without both it lets everyone in.
class Guard {
  public:
    Guard() = default;
    Guard(std::optional<Passwords> passwords, std::optional<Tokens> tokens)
        : passwords_(std::move(passwords)), tokens_(std::move(tokens)) {}

    bool open() const { return !passwords_ && !tokens_; }
    // FF00169, or LS10820 when too many passwords wait for their check.
    Task<Result<void>> admit(std::string authorization, PasswordChecker& checker) const;
    // The value of WWW-Authenticate; empty for an open one.
    std::string challenge() const;

  private:
    std::optional<Passwords> passwords_;
    std::optional<Tokens> tokens_;
};

enum class Area {
    server,      // documents, lists of namespaces, faults: the listener's guard
    space,       // what belongs to the namespace: the listener's guard, then the namespace's
    monitoring,  // metrics and status: their own guard if there is one, otherwise the listener's
};

class Gate {
  public:
    struct Guards {
        Guard server, space;
        std::optional<Guard> monitoring;
    };
    // `checker` must outlive it.
    Gate(Guards guards, PasswordChecker& checker) : guards_(std::move(guards)), checker_(checker) {}

    // Nothing is asked anywhere.
    bool open() const;
    Task<Result<void>> admit(Area area, std::string authorization) const;
    std::string challenge(Area area) const;

  private:
    Guards guards_;
    PasswordChecker& checker_;
};

}  // namespace lockstep::auth
