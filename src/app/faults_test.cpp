// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/faults.hpp"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>

#include "app/errors.hpp"
#include "async/sim_clock.hpp"

namespace lockstep::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Both write down what they are told.
struct Told {
    std::vector<std::string> lines;
};

class ListeningExchange final : public swarm::Exchange {
  public:
    explicit ListeningExchange(Told& told) : told_(told) {}
    const std::string& endpoint() const override { return endpoint_; }
    void set_peers(std::vector<swarm::Peer>) override {}
    void enqueue(store::Transaction&, const Hash&) override {}
    void sealed(const Hash&, std::shared_ptr<const std::string>) override {}
    void enqueue_to(store::Transaction&, const Hash&, const std::vector<std::string>&) override {}
    void sealed_to(const Hash&, std::shared_ptr<const std::string>, const std::vector<std::string>&) override {}
    void want(const Hash&) override {}
    void unwant(const Hash&) override {}
    void set_cut(const std::string& peer, bool cut) override { told_.lines.push_back((cut ? "cut " : "heal ") + peer); }
    void set_delay(const std::string& peer, Duration delay) override {
        told_.lines.push_back("delay " + peer + " " + std::to_string(delay.count() / 1'000'000));
    }
    void set_withhold(bool withhold) override { told_.lines.emplace_back(withhold ? "withhold" : "release"); }
    std::vector<swarm::PeerStatus> status() const override { return {}; }
    std::size_t wanted() const override { return 0; }
    Task<void> run() override { co_return; }

  private:
    Told& told_;
    std::string endpoint_;
};

class ListeningLedger final : public ledger::LedgerControls {
  public:
    explicit ListeningLedger(Told& told) : told_(told) {}
    Task<void> set_instant(bool) override { co_return; }
    Task<void> pause(bool paused) override {
        told_.lines.emplace_back(paused ? "pause" : "go on");
        co_return;
    }
    Task<Result<void>> fork(std::int64_t depth) override {
        if (depth > 3) co_return refuse(errors::unknown_fault, {{"reason", "too deep"}});
        told_.lines.push_back("fork " + std::to_string(depth));
        co_return Result<void>{};
    }
    Task<void> replay(std::int64_t blocks) override {
        told_.lines.push_back("replay " + std::to_string(blocks));
        co_return;
    }

  private:
    Told& told_;
};

class FaultsTest : public testing::Test {
  protected:
    // Member 1 of three.
    FaultsTest() {
        config.index = 1;
        for (auto const* id : {"zero", "one", "two"}) config.members.push_back({id, "", ""});
    }
    // "done", or the code of the refusal.
    std::string apply(std::string body) {
        ListeningExchange exchange(told);
        ListeningLedger ledger(told);
        auto const skip = [this](bool on) { told.lines.emplace_back(on ? "skip validation" : "validate"); };
        Faults faults(config, exchange, skip, ledger, loop.clock(), loop.executor());
        std::string outcome;
        asio::co_spawn(loop.context(), faults.apply(std::move(body)),
                       [&](std::exception_ptr failure, Result<std::string> answer) {
                           outcome = failure ? "thrown" : answer ? "done" : std::string(answer.error().code());
                       });
        loop.run_until([&] { return !outcome.empty(); }, 1min);
        return outcome;
    }
    void only_we() {
        config.index = 0;
        config.members.resize(1);
    }

    SimLoop loop;
    HostConfig config;
    Told told;
};

TEST_F(FaultsTest, EachMemberDoesWhatConcernsItsOwnLinks) {
    EXPECT_EQ(apply(R"({"cut":[0,1],"forwarded":true})"), "done");
    EXPECT_EQ(apply(R"({"heal":[1,2],"forwarded":true})"), "done");
    EXPECT_EQ(apply(R"({"delayMs":500,"link":[2,1],"forwarded":true})"), "done");
    EXPECT_EQ(apply(R"({"cut":[0,2],"forwarded":true})"), "done");

    EXPECT_THAT(told.lines, ElementsAre("cut zero", "heal two", "delay two 500"));
}

TEST_F(FaultsTest, OnlyTheMemberThatIsNamedWithholds) {
    EXPECT_EQ(apply(R"({"withhold":1,"forwarded":true})"), "done");
    EXPECT_EQ(apply(R"({"release":1,"forwarded":true})"), "done");
    EXPECT_EQ(apply(R"({"withhold":0,"forwarded":true})"), "done");

    EXPECT_THAT(told.lines, ElementsAre("withhold", "release"));
}

TEST_F(FaultsTest, OnlyTheMemberThatIsNamedSkipsValidation) {
    EXPECT_EQ(apply(R"({"skipValidation":1,"forwarded":true})"), "done");
    EXPECT_EQ(apply(R"({"validate":1,"forwarded":true})"), "done");
    EXPECT_EQ(apply(R"({"skipValidation":2,"forwarded":true})"), "done");

    EXPECT_THAT(told.lines, ElementsAre("skip validation", "validate"));
}

TEST_F(FaultsTest, TheLedgerIsToldByTheMemberThatWasAskedAndByNoOther) {
    EXPECT_EQ(apply(R"({"replay":10,"forwarded":true})"), "done");
    EXPECT_THAT(told.lines, IsEmpty());

    only_we();
    EXPECT_EQ(apply(R"({"replay":10})"), "done");
    EXPECT_EQ(apply(R"({"fork":2})"), "done");
    EXPECT_EQ(apply(R"({"pauseLedger":true})"), "done");
    EXPECT_EQ(apply(R"({"pauseLedger":false})"), "done");
    EXPECT_THAT(told.lines, ElementsAre("replay 10", "fork 2", "pause", "go on"));
}

TEST_F(FaultsTest, WhatTheLedgerRefusesIsRefused) {
    only_we();

    EXPECT_EQ(apply(R"({"fork":4})"), "LS10801");
}

struct Refused {
    std::string name, body;
    friend void PrintTo(const Refused& row, std::ostream* out) { *out << row.body; }
};

const Refused refused[] = {
    {"no_object", "[]"},
    {"nothing", "{}"},
    {"an_unknown_name", R"({"weather":"bad"})"},
    {"a_link_of_one", R"({"cut":[1]})"},
    {"a_link_of_three", R"({"cut":[0,1,2]})"},
    {"a_link_to_oneself", R"({"cut":[1,1]})"},
    {"a_link_to_nobody", R"({"heal":[1,3]})"},
    {"a_negative_member", R"({"heal":[-1,1]})"},
    {"a_link_that_is_no_list", R"({"cut":"0-1"})"},
    {"a_delay_without_a_link", R"({"delayMs":5})"},
    {"a_negative_delay", R"({"delayMs":-1,"link":[0,1]})"},
    {"a_delay_without_end", R"({"delayMs":600001,"link":[0,1]})"},
    {"a_delay_that_is_no_number", R"({"delayMs":"5s","link":[0,1]})"},
    {"withholding_by_nobody", R"({"withhold":3})"},
    {"withholding_by_everybody", R"({"withhold":true})"},
    {"releasing_nobody", R"({"release":-1})"},
    {"validation_by_nobody", R"({"skipValidation":3})"},
    {"a_replay_of_nothing", R"({"replay":0})"},
    {"a_replay_that_is_no_number", R"({"replay":"all"})"},
    {"a_pause_that_is_no_answer", R"({"pauseLedger":1})"},
};

class FaultsRefused : public FaultsTest, public testing::WithParamInterface<Refused> {};

TEST_P(FaultsRefused, AndNothingIsDone) {
    EXPECT_EQ(apply(GetParam().body), "LS10801");
    EXPECT_THAT(told.lines, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Table,
                         FaultsRefused,
                         testing::ValuesIn(refused),
                         [](const testing::TestParamInfo<Refused>& info) { return info.param.name; });

}  // namespace
}  // namespace lockstep::app
