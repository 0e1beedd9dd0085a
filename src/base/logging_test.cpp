// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/logging.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <thread>
#include <vector>

namespace lockstep {
namespace {

class Logging : public testing::Test {
  protected:
    ~Logging() override { logging::configure(logging::Level::info, false); }

    template <class Work>
    static std::string captured(Work work) {
        testing::internal::CaptureStderr();
        work();
        return testing::internal::GetCapturedStderr();
    }
};

TEST_F(Logging, writes_one_line_with_time_level_event_and_fields) {
    const std::string line = captured([] { logging::info("batch sealed", {{"batch", "b1"}, {"messages", 200}}); });

    EXPECT_TRUE(std::regex_match(
        line,
        std::regex("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z info batch sealed batch=b1 messages=200\n")))
        << line;
}

TEST_F(Logging, quotes_values_that_could_pass_for_something_else) {
    const std::string line = captured([] {
        logging::warn("odd", {{"a", "x y"}, {"b", "x=y"}, {"c", "x\ny"}, {"d", ""}, {"e", "\"\\"}, {"f", "grün"}});
    });

    EXPECT_EQ(line.substr(25), "warn odd a=\"x y\" b=\"x=y\" c=\"x\\u000ay\" d=\"\" e=\"\\\"\\\\\" f=grün\n");
}

TEST_F(Logging, writes_json_when_asked) {
    logging::configure(logging::Level::info, true);

    const std::string line = captured([] { logging::error("it \"broke\"", {{"where", "here\t"}, {"times", 3}}); });

    EXPECT_TRUE(line.starts_with("{\"time\":\"2"));
    EXPECT_EQ(line.substr(33),
              "\",\"level\":\"error\",\"event\":\"it \\\"broke\\\"\",\"where\":\"here\\u0009\",\"times\":\"3\"}\n");
}

TEST_F(Logging, keeps_quiet_below_its_level) {
    EXPECT_FALSE(logging::enabled(logging::Level::debug));
    EXPECT_EQ(captured([] { logging::debug("each commit"); }), "");

    logging::configure(logging::Level::error, false);
    EXPECT_EQ(captured([] { logging::warn("soon"); }), "");
    EXPECT_NE(captured([] { logging::error("now"); }), "");

    logging::configure(logging::Level::off, false);
    EXPECT_EQ(captured([] { logging::error("now"); }), "");
    EXPECT_FALSE(logging::enabled(logging::Level::off));
}

TEST_F(Logging, does_not_mix_lines_of_several_threads) {
    const std::string lines = captured([] {
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([] {
                for (int k = 0; k < 100; ++k) logging::info("tick", {{"k", "0123456789"}});
            });
        }
        for (auto& thread : threads) thread.join();
    });

    EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 400);
    std::size_t at = 0;
    while (at < lines.size()) {
        const std::size_t end = lines.find('\n', at);
        ASSERT_EQ(lines.substr(at + 25, end - at - 25), "info tick k=0123456789");
        at = end + 1;
    }
}

}  // namespace
}  // namespace lockstep
