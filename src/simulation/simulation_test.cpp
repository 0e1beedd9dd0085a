// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What makes the simulation worth believing: it repeats itself, it meets every fault, and it catches a
// decider that is wrong. Runs are short here; `./dev test` makes 500 long ones.
#include "simulation/simulation.hpp"

#include <gmock/gmock.h>

#include "base/logging.hpp"

namespace lockstep::simulation {
namespace {

using sequencer::DeciderFault;

class SimulationTest : public testing::Test {
  protected:
    SimulationTest() { logging::configure(logging::Level::off, false); }
    ~SimulationTest() override { logging::configure(logging::Level::warn, false); }

    static Report run_one(std::uint64_t seed, int messages = 40, DeciderFault fault = DeciderFault::none) {
        Options options;
        options.seed = seed;
        options.messages = messages;
        options.fault = fault;
        return run(options);
    }
    // The first of the seeds whose checks fail; 0 for none.
    static std::uint64_t first_seed_that_catches(DeciderFault fault) {
        for (std::uint64_t seed = 1; seed <= 500; ++seed) {
            for (auto const& failure : run_one(seed, 40, fault).failures) {
                if (failure.find("the order of topic") != std::string::npos) return seed;
            }
        }
        return 0;
    }
};

TEST_F(SimulationTest, ASeedGivesTheSameRunAgainAndAnotherGivesAnother) {
    auto const first = run_one(11), again = run_one(11), other = run_one(12);

    EXPECT_THAT(first.failures, testing::IsEmpty());
    EXPECT_THAT(other.failures, testing::IsEmpty());
    EXPECT_EQ(first.trace.size(), 64u);
    EXPECT_EQ(first.trace, again.trace);
    EXPECT_EQ(first.counts, again.counts);
    EXPECT_NE(first.trace, other.trace);
}

TEST_F(SimulationTest, AtLeastSoManyMessagesAreSentAsWereAskedFor) {
    EXPECT_GE(Options{}.messages, 200);
    EXPECT_GE(run_one(3, 41).counts.at("messages"), 41u);
}

TEST_F(SimulationTest, ADeciderThatForgetsParkedContextsIsCaught) {
    EXPECT_NE(first_seed_that_catches(DeciderFault::forgets_parked_contexts), 0u);
}

TEST_F(SimulationTest, ADeciderThatSettlesByArrivalIsCaught) {
    EXPECT_NE(first_seed_that_catches(DeciderFault::settles_by_arrival), 0u);
}

TEST_F(SimulationTest, EveryKindOfFaultHappens) {
    std::map<std::string, std::uint64_t> totals;
    auto const missing = [&] {
        std::vector<std::string_view> kinds;
        for (auto const kind : fault_kinds) {
            if (totals[std::string(kind)] == 0) kinds.push_back(kind);
        }
        return kinds;
    };

    for (std::uint64_t seed = 1; seed <= 60 && !missing().empty(); ++seed) {
        Options options;
        options.seed = seed;
        options.messages = 40;
        options.pace = 2s;  // few messages and much weather
        auto const report = run(options);
        EXPECT_THAT(report.failures, testing::IsEmpty()) << "seed " << seed;
        for (auto const& [name, count] : report.counts) totals[name] += count;
    }

    EXPECT_THAT(missing(), testing::IsEmpty());
}

}  // namespace
}  // namespace lockstep::simulation
