// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/catalogue.hpp"

#include <gmock/gmock.h>

#include <cstddef>
#include <regex>
#include <set>
#include <string>

#include "api/errors.hpp"
#include "delivery/errors.hpp"
#include "messaging/errors.hpp"

namespace lockstep::app {
namespace {

using testing::StartsWith;

// What is left of a sentence when every {mark} is taken out.
std::string without_marks(std::string_view text) {
    static const std::regex mark("\\{[a-z]+\\}");
    return std::regex_replace(std::string(text), mark, "");
}

TEST(Catalogue, has_each_number_once_in_order_the_originals_first) {
    auto const entries = catalogue();

    for (std::size_t i = 1; i < entries.size(); ++i) EXPECT_LT(entries[i - 1]->code, entries[i]->code);
    EXPECT_GT(entries.size(), 100u);
}

TEST(Catalogue, has_each_sentence_once) {
    std::set<std::string_view> sentences;
    for (auto const* entry : catalogue()) EXPECT_TRUE(sentences.insert(entry->text).second) << entry->code;
}

TEST(Catalogue, has_well_formed_numbers) {
    const std::regex number("FF\\d{5}|LS10\\d{3}");
    for (auto const* entry : catalogue())
        EXPECT_TRUE(std::regex_match(std::string(entry->code), number)) << entry->code;
}

TEST(Catalogue, has_statuses_of_refusals) {
    const std::set<int> statuses{400, 401, 403, 404, 405, 408, 409, 413, 415, 416, 426, 429, 431, 500, 502, 503};
    for (auto const* entry : catalogue()) EXPECT_TRUE(statuses.contains(entry->status)) << entry->code;
}

TEST(Catalogue, has_sentences_whose_marks_can_be_filled) {
    for (auto const* entry : catalogue()) {
        EXPECT_FALSE(entry->text.empty()) << entry->code;
        EXPECT_NE(entry->text.back(), '.') << entry->code;
        EXPECT_EQ(without_marks(entry->text).find_first_of("{}"), std::string::npos) << entry->code;
    }
}

TEST(Catalogue, notices_a_mark_that_is_not_well_formed) {
    for (auto const* text : {"{}", "{a b}", "{open", "shut}", "{{a}}"})
        EXPECT_NE(without_marks(text).find_first_of("{}"), std::string::npos) << text;
}

TEST(Catalogue, keeps_the_words_that_clients_look_for) {
    EXPECT_THAT(refuse(errors::idempotency_key_used).message(), StartsWith("FF10430: "));
}

TEST(Catalogue, keeps_the_statuses_that_clients_look_for) {
    EXPECT_EQ(errors::not_found.status, 404);
    EXPECT_EQ(errors::name_taken.status, 409);
    EXPECT_EQ(errors::bad_expression.status, 400);
    EXPECT_EQ(errors::unknown_transport.status, 500);
    EXPECT_EQ(errors::system_transport_is_internal.status, 500);
    EXPECT_EQ(errors::reply_timed_out.status, 408);
    EXPECT_EQ(errors::bad_content_type.status, 415);
    EXPECT_EQ(errors::idempotency_key_used.status, 409);
    EXPECT_EQ(errors::unknown_namespace.status, 404);
}

}  // namespace
}  // namespace lockstep::app
