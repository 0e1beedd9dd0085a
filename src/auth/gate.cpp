// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "auth/gate.hpp"

#include "auth/credentials.hpp"
#include "auth/errors.hpp"

namespace lockstep::auth {

Task<Result<void>> Guard::admit(std::string authorization, PasswordChecker& checker) const {
    if (open()) co_return Result<void>{};
    auto credentials = parse_authorization(authorization);
    if (auto const* token = std::get_if<Token>(&credentials); token && tokens_ && tokens_->has(token->text))
        co_return Result<void>{};
    if (auto* login = std::get_if<Login>(&credentials); login && passwords_) {
        auto const found = passwords_->hashes.find(login->user);
        auto const known = found != passwords_->hashes.end();
        // A name that is not there costs the same time, so that nobody learns which are.
        auto hash = known ? found->second : passwords_->hashes.begin()->second;
        auto checking = checker.check(std::move(login->password), std::move(hash));
        auto const verdict = co_await std::move(checking);
        if (verdict == Verdict::busy) co_return refuse(errors::too_many_logins);
        if (known && verdict == Verdict::right) co_return Result<void>{};
    }
    co_return refuse(errors::unauthorised);
}

std::string Guard::challenge() const {
    std::string out;
    if (passwords_) out = R"(Basic realm="lockstep", charset="UTF-8")";
    if (tokens_) out += (out.empty() ? "" : ", ") + std::string(R"(Bearer realm="lockstep")");
    return out;
}

bool Gate::open() const {
    return guards_.server.open() && guards_.space.open() && (!guards_.monitoring || guards_.monitoring->open());
}

Task<Result<void>> Gate::admit(Area area, std::string authorization) const {
    auto const& first = area == Area::monitoring && guards_.monitoring ? *guards_.monitoring : guards_.server;
    auto outer = first.admit(authorization, checker_);
    auto admitted = co_await std::move(outer);
    if (!admitted || area != Area::space) co_return admitted;
    auto inner = guards_.space.admit(std::move(authorization), checker_);
    co_return co_await std::move(inner);
}

std::string Gate::challenge(Area area) const {
    if (area == Area::monitoring && guards_.monitoring) return guards_.monitoring->challenge();
    if (area == Area::space && !guards_.space.open()) return guards_.space.challenge();
    return guards_.server.challenge();
}

}  // namespace lockstep::auth
