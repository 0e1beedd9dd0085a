// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "auth/gate.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "async/sim_clock.hpp"
#include "auth/credentials.hpp"
#include "auth/errors.hpp"

namespace lockstep::auth {

namespace {

const std::string users =
    "ann:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n"   // secret
    "bob:$2y$04$abcdefghijklmnopqrstuu2GbQLdjwBFdH8CcOE866nGziodmvO8K\n";  // open:sesame
const std::string ann_hash = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
const std::string token = "0123456789abcdef";

class GateTest : public testing::Test {
  protected:
    static Guard passwords() { return {parse_passwords(users, "users").value(), std::nullopt}; }
    static Guard tokens() { return {std::nullopt, parse_tokens(token, "tokens").value()}; }
    static Guard both() { return {parse_passwords(users, "users").value(), parse_tokens(token, "tokens").value()}; }

    // The code of the refusal; empty for who is let in.
    std::string ask(const Gate& gate, Area area, const std::string& authorization) {
        std::string code = "?";
        asio::co_spawn(io, gate.admit(area, authorization), [&](std::exception_ptr failure, Result<void> admitted) {
            if (failure) std::rethrow_exception(failure);
            code = admitted ? "" : std::string(admitted.error().code());
        });
        io.restart();
        io.run();
        return code;
    }
    std::vector<Verdict> check(PasswordChecker& of, const std::vector<std::string>& asked) {
        std::vector<Verdict> verdicts(asked.size());
        for (std::size_t i = 0; i < asked.size(); ++i) {
            asio::co_spawn(io, of.check(asked[i], ann_hash), [&verdicts, i](std::exception_ptr failure, Verdict got) {
                if (failure) std::rethrow_exception(failure);
                verdicts[i] = got;
            });
        }
        io.restart();
        io.run();
        return verdicts;
    }

    asio::io_context io{1};
    std::unique_ptr<Chance> chance = make_seeded_chance(1);
    SimLoop time;
    PasswordChecker checker{time.clock(), *chance, {}};
};

}  // namespace

TEST_F(GateTest, lets_everyone_in_when_nothing_is_asked) {
    Gate const gate({}, checker);

    EXPECT_TRUE(gate.open());
    EXPECT_EQ(ask(gate, Area::space, ""), "");
    EXPECT_EQ(gate.challenge(Area::space), "");
}

TEST_F(GateTest, asks_for_the_password_of_the_user) {
    Gate const gate({passwords(), {}, {}}, checker);

    EXPECT_FALSE(gate.open());
    EXPECT_EQ(ask(gate, Area::server, basic_authorization("ann:secret")), "");
    EXPECT_EQ(ask(gate, Area::server, basic_authorization("bob:open:sesame")), "");
    for (auto const* wrong : {"ann:Secret", "ann:", "bob:secret", "eve:secret", ":secret", "ANN:secret"})
        EXPECT_EQ(ask(gate, Area::server, basic_authorization(wrong)), "FF00169") << wrong;
    for (auto const* wrong : {"", "Basic", "Basic !!!!", "Bearer 0123456789abcdef", "secret"})
        EXPECT_EQ(ask(gate, Area::server, wrong), "FF00169") << wrong;
    EXPECT_EQ(gate.challenge(Area::server), R"(Basic realm="lockstep", charset="UTF-8")");
}

TEST_F(GateTest, asks_for_a_token_or_for_either) {
    Gate const by_token({tokens(), {}, {}}, checker);
    Gate const by_either({both(), {}, {}}, checker);

    EXPECT_EQ(ask(by_token, Area::server, bearer_authorization(token)), "");
    EXPECT_EQ(ask(by_token, Area::server, bearer_authorization(token + "0")), "FF00169");
    EXPECT_EQ(ask(by_token, Area::server, basic_authorization("ann:secret")), "FF00169");
    EXPECT_EQ(ask(by_either, Area::server, bearer_authorization(token)), "");
    EXPECT_EQ(ask(by_either, Area::server, basic_authorization("ann:secret")), "");
    EXPECT_EQ(by_token.challenge(Area::server), R"(Bearer realm="lockstep")");
    EXPECT_EQ(by_either.challenge(Area::server), R"(Basic realm="lockstep", charset="UTF-8", Bearer realm="lockstep")");
}

TEST_F(GateTest, asks_in_the_namespace_for_what_the_server_and_the_namespace_want) {
    Guard only_bob(parse_passwords(users.substr(users.find("bob")), "users").value(), std::nullopt);
    Gate const gate({passwords(), only_bob, {}}, checker);

    EXPECT_EQ(ask(gate, Area::server, basic_authorization("ann:secret")), "");
    EXPECT_EQ(ask(gate, Area::space, basic_authorization("ann:secret")), "FF00169");
    EXPECT_EQ(ask(gate, Area::space, basic_authorization("bob:open:sesame")), "");
    EXPECT_EQ(ask(gate, Area::space, ""), "FF00169");
}

TEST_F(GateTest, asks_for_metrics_what_the_server_wants_unless_they_have_their_own) {
    Gate const one({passwords(), {}, {}}, checker);
    Gate const own({passwords(), {}, tokens()}, checker);
    Gate const free_metrics({passwords(), {}, Guard{}}, checker);

    EXPECT_EQ(ask(one, Area::monitoring, ""), "FF00169");
    EXPECT_EQ(ask(one, Area::monitoring, basic_authorization("ann:secret")), "");
    EXPECT_EQ(ask(own, Area::monitoring, basic_authorization("ann:secret")), "FF00169");
    EXPECT_EQ(ask(own, Area::monitoring, bearer_authorization(token)), "");
    EXPECT_EQ(ask(free_metrics, Area::monitoring, ""), "");
    EXPECT_EQ(ask(free_metrics, Area::server, ""), "FF00169");
    EXPECT_FALSE(free_metrics.open());
}

TEST_F(GateTest, works_once_on_what_many_ask_and_remembers_what_was_right) {
    EXPECT_EQ(check(checker, {"secret", "secret", "secret"}), std::vector<Verdict>(3, Verdict::right));
    EXPECT_EQ(checker.worked(), 1u);
    check(checker, {"secret"});
    EXPECT_EQ(checker.worked(), 1u);

    time.clock().stall(61s);
    EXPECT_EQ(check(checker, {"secret"}), std::vector<Verdict>{Verdict::right});
    EXPECT_EQ(checker.worked(), 2u);
}

TEST_F(GateTest, does_not_remember_what_was_wrong) {
    EXPECT_EQ(check(checker, {"wrong"}), std::vector<Verdict>{Verdict::wrong});
    EXPECT_EQ(check(checker, {"wrong"}), std::vector<Verdict>{Verdict::wrong});
    EXPECT_EQ(checker.worked(), 2u);
}

TEST_F(GateTest, is_busy_beyond_its_limit_but_not_for_who_is_remembered) {
    PasswordChecker small(time.clock(), *chance, {.waiting_max = 2});
    check(small, {"secret"});

    auto const verdicts = check(small, {"a", "b", "c", "secret"});

    EXPECT_EQ(verdicts, (std::vector<Verdict>{Verdict::wrong, Verdict::wrong, Verdict::busy, Verdict::right}));
}

TEST_F(GateTest, forgets_the_oldest_beyond_its_limit) {
    PasswordChecker small(time.clock(), *chance, {.remembered_max = 1});
    auto const ask_for = [&](const std::string& password, const std::string& hash) {
        asio::co_spawn(io, small.check(password, hash), [](std::exception_ptr, Verdict) {});
        io.restart();
        io.run();
    };
    std::string const bob_hash = "$2y$04$abcdefghijklmnopqrstuu2GbQLdjwBFdH8CcOE866nGziodmvO8K";

    ask_for("secret", ann_hash);
    ask_for("open:sesame", bob_hash);
    EXPECT_EQ(small.worked(), 2u);
    ask_for("open:sesame", bob_hash);
    EXPECT_EQ(small.worked(), 2u);
    ask_for("secret", ann_hash);
    EXPECT_EQ(small.worked(), 3u);
}

}  // namespace lockstep::auth
