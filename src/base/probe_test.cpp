// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockstep {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

TEST(Probe, scrapes_counters_gauges_and_histograms) {
    probe::Registry registry;
    const auto sealed = registry.counter("lockstep_test_sealed_total", "Batches sealed");
    const auto waiting = registry.gauge("lockstep_test_waiting_messages", "Messages that wait");
    const auto commit = registry.histogram("lockstep_test_commit_seconds", "Time of a commit", {0.1, 1});

    sealed.add();
    sealed.add(2);
    waiting.set(5);
    waiting.add(-1);
    commit.observe(500ms);

    EXPECT_EQ(sealed.value(), 3);
    EXPECT_EQ(waiting.value(), 4);
    const std::string text = registry.scrape();
    EXPECT_THAT(text, HasSubstr("# HELP lockstep_test_sealed_total Batches sealed\n"
                                "# TYPE lockstep_test_sealed_total counter\n"
                                "lockstep_test_sealed_total 3\n"));
    EXPECT_THAT(text, HasSubstr("lockstep_test_waiting_messages 4\n"));
    EXPECT_THAT(text, HasSubstr("lockstep_test_commit_seconds_bucket{le=\"0.1\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("lockstep_test_commit_seconds_bucket{le=\"1\"} 1\n"));
}

TEST(Probe, shows_each_name_once_for_all_members) {
    probe::Registry registry;
    const auto first = registry.with({{"member", "0"}}).counter("lockstep_test_pins_total", "Pins", {{"kind", "a"}});
    const auto second = registry.with({{"member", "1"}}).counter("lockstep_test_pins_total", "Pins", {{"kind", "a"}});

    first.add(1);
    second.add(2);

    EXPECT_EQ(registry.scrape(),
              "# HELP lockstep_test_pins_total Pins\n"
              "# TYPE lockstep_test_pins_total counter\n"
              "lockstep_test_pins_total{kind=\"a\",member=\"0\"} 1\n"
              "lockstep_test_pins_total{kind=\"a\",member=\"1\"} 2\n");
}

TEST(Probe, gives_the_same_metric_for_the_same_name_and_labels) {
    probe::Registry registry;

    registry.counter("lockstep_test_same_total", "Same", {{"a", "1"}}).add();
    registry.counter("lockstep_test_same_total", "Same", {{"a", "1"}}).add();

    EXPECT_EQ(registry.counter("lockstep_test_same_total", "Same", {{"a", "1"}}).value(), 2);
    EXPECT_EQ(registry.counter("lockstep_test_same_total", "Same", {{"a", "2"}}).value(), 0);
}

TEST(Probe, makes_what_is_told_as_data) {
    constexpr probe::Metric calls{"lockstep_test_calls_total", probe::Kind::counter, "Calls", {"method", "code"}};
    constexpr probe::Metric seconds{
        "lockstep_test_call_seconds", probe::Kind::histogram, "Time of a call", {}, probe::seconds_buckets};
    probe::Registry registry;

    registry.counter(calls, {"GET", "200"}).add();
    registry.histogram(seconds).observe(1);

    EXPECT_THAT(registry.scrape(), HasSubstr("lockstep_test_calls_total{code=\"200\",method=\"GET\"} 1\n"));
    EXPECT_THAT(registry.scrape(), HasSubstr("# HELP lockstep_test_call_seconds Time of a call\n"));
    EXPECT_DEATH(registry.counter(calls, {"GET"}), "every label");
    EXPECT_DEATH(registry.gauge(calls, {"GET", "200"}), "as what it is");
}

TEST(Probe, outlives_its_registry_and_counts_nothing_without_one) {
    probe::Counter counter;
    counter.add();
    EXPECT_EQ(counter.value(), 0);
    probe::Gauge().set(1);
    probe::Histogram().observe(1);

    {
        probe::Registry registry;
        counter = registry.counter("lockstep_test_kept_total", "Kept");
    }
    counter.add();

    EXPECT_EQ(counter.value(), 1);
}

TEST(Probe, aborts_when_a_name_is_used_for_two_things) {
    probe::Registry registry;
    registry.counter("lockstep_test_twice_total", "Twice");

    EXPECT_DEATH(registry.gauge("lockstep_test_twice_total", "Twice"), "one kind");
    EXPECT_DEATH(registry.counter("no-good", "Bad"), "letters, digits");
    EXPECT_DEATH(registry.counter("lockstep_test_label_total", "Bad", {{"no-good", "x"}}), "plain word");
}

}  // namespace
}  // namespace lockstep
