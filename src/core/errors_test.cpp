// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "core/errors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>

namespace lockstep {
namespace {

// The original's come before ours.
std::pair<bool, std::string> place(std::string_view code) { return {code.starts_with("LS"), std::string(code)}; }

TEST(Errors, have_numbers_of_their_own_in_order) {
    const auto all = errors::all();
    for (std::size_t i = 1; i < all.size(); ++i) EXPECT_LT(place(all[i - 1]->code), place(all[i]->code));
    EXPECT_GT(all.size(), 100u);
}

TEST(Errors, have_well_formed_numbers_statuses_and_sentences) {
    const std::regex code("FF00\\d{3}|FF10\\d{3}|LS10[0-8]\\d{2}");
    for (const ErrorSpec* spec : errors::all()) {
        EXPECT_TRUE(std::regex_match(std::string(spec->code), code)) << spec->code;
        EXPECT_GE(spec->status, 400) << spec->code;
        EXPECT_LE(spec->status, 503) << spec->code;
        EXPECT_FALSE(spec->text.empty()) << spec->code;
        EXPECT_NE(spec->text.back(), '.') << spec->code;
        EXPECT_EQ(std::count(spec->text.begin(), spec->text.end(), '{'),
                  std::count(spec->text.begin(), spec->text.end(), '}'))
            << spec->code;
    }
}

TEST(Errors, keep_the_words_that_clients_look_for) {
    EXPECT_TRUE(refuse(errors::namespace_does_not_exist).message().starts_with("FF10187: Namespace does not exist"));
    EXPECT_TRUE(refuse(errors::idempotency_key_used).message().starts_with("FF10430: "));
    EXPECT_TRUE(refuse(errors::idempotency_key_used_by_transaction).message().starts_with("FF10431: "));
}

TEST(Errors, keep_the_statuses_that_clients_look_for) {
    EXPECT_EQ(errors::not_found.status, 404);
    EXPECT_EQ(errors::name_taken.status, 409);
    EXPECT_EQ(errors::bad_expression.status, 400);
    EXPECT_EQ(errors::unknown_transport.status, 500);
    EXPECT_EQ(errors::system_transport_is_internal.status, 500);
    EXPECT_EQ(errors::reply_timed_out.status, 408);
    EXPECT_EQ(errors::bad_content_type.status, 415);
    EXPECT_EQ(errors::idempotency_key_used.status, 409);
    EXPECT_EQ(errors::unknown_namespace.status, 404);
    EXPECT_EQ(errors::namespace_initialising.status, 412);
}

}  // namespace
}  // namespace lockstep
