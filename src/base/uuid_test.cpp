// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/uuid.hpp"

#include <gtest/gtest.h>

#include "base/chance.hpp"

namespace lockstep {
namespace {

const std::string dashed = "2cd37805-5f40-4e12-962e-67868cde3049";

TEST(Uuid, prints_lower_case_with_dashes) {
    EXPECT_EQ(Uuid::parse("2CD37805-5F40-4E12-962E-67868CDE3049")->text(), dashed);
}

TEST(Uuid, reads_the_forms_that_the_original_reads) {
    const Uuid id = Uuid::parse(dashed).value();

    EXPECT_EQ(Uuid::parse("2cd378055f404e12962e67868cde3049"), id);
    EXPECT_EQ(Uuid::parse("{" + dashed + "}"), id);
    EXPECT_EQ(Uuid::parse("urn:uuid:" + dashed), id);
    EXPECT_EQ(Uuid::parse("URN:UUID:" + dashed), id);
}

TEST(Uuid, refuses_everything_else) {
    EXPECT_FALSE(Uuid::parse(""));
    EXPECT_FALSE(Uuid::parse("not-a-uuid"));
    EXPECT_FALSE(Uuid::parse("2cd37805-5f40-4e12-962e-67868cde304"));
    EXPECT_FALSE(Uuid::parse("2cd37805-5f40-4e12-962e-67868cde304g"));
    EXPECT_FALSE(Uuid::parse("2cd37805_5f40-4e12-962e-67868cde3049"));
    EXPECT_FALSE(Uuid::parse("2cd378055-f40-4e12-962e-67868cde3049"));
    EXPECT_FALSE(Uuid::parse("(" + dashed + ")"));
    EXPECT_FALSE(Uuid::parse("urn:guid:" + dashed));
}

TEST(Uuid, reads_back_what_it_prints) {
    const auto chance = make_seeded_chance(1);
    for (int i = 0; i < 1000; ++i) {
        Uuid id;
        chance->fill(id.bytes);
        std::string appended = ">";
        id.append_to(appended);

        EXPECT_EQ(Uuid::parse(id.text()), id);
        EXPECT_EQ(appended, ">" + id.text());
    }
}

TEST(Uuid, knows_nil_and_its_bytes) {
    EXPECT_TRUE(Uuid{}.is_nil());
    EXPECT_FALSE(Uuid::parse(dashed)->is_nil());
    EXPECT_EQ(Uuid::from(Uuid::parse(dashed)->view())->text(), dashed);
    EXPECT_FALSE(Uuid::from(std::array<std::uint8_t, 15>{}));
}

TEST(Uuid, tells_the_time_of_version_7) {
    EXPECT_EQ(Uuid::parse("018cc251-f400-7000-8000-000000000000")->unix_ms(), 1704067200000u);
}

}  // namespace
}  // namespace lockstep
