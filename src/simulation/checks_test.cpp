// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Each promise broken once, to hear the checkers say so.
#include "simulation/checks.hpp"

#include <gmock/gmock.h>

namespace lockstep::simulation {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

Uuid id_number(std::uint8_t number) {
    Uuid id;
    id.bytes[15] = number;
    return id;
}
std::string text_of(std::uint8_t number) { return id_number(number).text(); }

// Two members that have seen two messages of two, one on both topics, and everything else as promised.
class ChecksTest : public testing::Test {
  protected:
    ChecksTest() {
        work.book.by_key["m0-0"] = {id_number(1), {"a"}, {}};
        work.book.by_key["m1-0"] = {id_number(2), {"a", "b"}, {}};
        for (auto& member : members) {
            member.lines = {{0, "identity_confirmed", text_of(9), "ff_definition"},
                            {1, "message_confirmed", text_of(1), "a"},
                            {2, "message_confirmed", text_of(2), "a"},
                            {3, "message_confirmed", text_of(2), "b"}};
            member.heard.first_times = {1, 2, 3};
            member.heard.highest = member.heard.acknowledged = 3;
            member.hooked.first_times = {1, 2, 3};
        }
    }
    std::vector<std::string> failures() {
        std::vector<std::string> found;
        check(members, work, found);
        return found;
    }

    std::unique_ptr<Chance> chance = make_seeded_chance(1);
    SimClock clock{Time{}};
    Workload work{*chance, clock, 1, {"a", "b"}, {}, {1, 1}, false, 120ms, {}};
    std::vector<Seen> members{2};
};

TEST_F(ChecksTest, AreSilentWhenEverythingHolds) { EXPECT_THAT(failures(), IsEmpty()); }

TEST_F(ChecksTest, NoticeABlobThatIsMissingAndOneThatIsOfOthers) {
    auto const blob = Hash::parse(std::string(64, 'a'));
    work.book.by_key["m0-0"].blob = blob;
    members[0].blobs.insert(*blob);

    EXPECT_THAT(failures(), Contains("member 1: the blob of message m0-0 is not here"));

    work.book.by_key["m0-0"].members = {0};
    members[1].blobs.insert(*blob);
    EXPECT_THAT(failures(), Contains("member 1: the blob of message m0-0 is here, and of others"));
}

TEST_F(ChecksTest, NoticeAnotherOrder) {
    std::swap(members[1].lines[1].reference, members[1].lines[2].reference);

    EXPECT_THAT(failures(), Contains("member 1: the order of topic a is not that of member 0"));
}

TEST_F(ChecksTest, NoticeAnOutcomeThatDiffers) {
    members[1].lines[1].type = "message_rejected";

    EXPECT_THAT(failures(), Contains("member 1: the order of topic a is not that of member 0"));
    EXPECT_THAT(failures(), Contains(HasSubstr("is rejected")));
}

TEST_F(ChecksTest, NoticeATopicThatIsMissing) {
    for (auto& line : members[1].lines) line.topic = "a";

    EXPECT_THAT(failures(), Contains("member 1: the order of topic b is not that of member 0"));
}

TEST_F(ChecksTest, NoticeATopicTooMany) {
    members[1].lines[1].topic = "more";

    EXPECT_THAT(failures(), Contains("member 1: it has topic more, which member 0 has not"));
}

// ---- of groups ----

TEST_F(ChecksTest, LetThoseOfAGroupAloneHaveItsTopic) {
    work.book.by_key["m1-0"] = {id_number(2), {"b"}, {1}};
    work.book.of_members = {{"b", {1}}};
    members[0].lines.resize(2);
    members[0].heard.first_times = members[0].hooked.first_times = {1};
    members[0].heard.acknowledged = 1;
    members[1].lines.erase(members[1].lines.begin() + 2);
    members[1].lines[2].sequence = 2;
    members[1].heard.first_times = members[1].hooked.first_times = {1, 2};
    members[1].heard.acknowledged = 2;

    EXPECT_THAT(failures(), IsEmpty());
}

TEST_F(ChecksTest, NoticeAMessageThatIsSeenOutsideItsGroup) {
    work.book.of_members = {{"b", {0}}};

    EXPECT_THAT(failures(), Contains("member 1: it has topic b of a group that it is not in"));
}

TEST_F(ChecksTest, NoticeAnOrderInAGroupThatDiffers) {
    work.book.of_members = {{"a", {0, 1}}};
    std::swap(members[1].lines[1].reference, members[1].lines[2].reference);

    EXPECT_THAT(failures(), Contains("member 1: the order of topic a is not that of member 0"));
}

TEST_F(ChecksTest, NoticeAnIdentityThatIsMissing) {
    members[1].lines[0].type = "blockchain_event_received";

    EXPECT_THAT(failures(), Contains("member 1: it knows other identities than member 0"));
}

TEST_F(ChecksTest, NoticeWhatWasLostEverywhere) {
    for (auto& member : members) member.lines[1].type = "blockchain_event_received";

    EXPECT_THAT(failures(), Contains("member 0: message m0-0 is confirmed 0 times on topic a"));
}

TEST_F(ChecksTest, NoticeWhatWasLostOnOneOfItsTopics) {
    for (auto& member : members) member.lines[3].type = "blockchain_event_received";

    EXPECT_THAT(failures(), Contains("member 0: message m1-0 is confirmed 0 times on topic b"));
}

TEST_F(ChecksTest, NoticeWhatIsThereTwice) {
    for (auto& member : members) member.lines.push_back({4, "message_confirmed", text_of(1), "a"});

    EXPECT_THAT(failures(), Contains("member 1: message m0-0 is confirmed 2 times on topic a"));
}

TEST_F(ChecksTest, NoticeWhatNobodyHasSent) {
    for (auto& member : members) member.lines.push_back({4, "message_confirmed", text_of(7), "a"});

    EXPECT_THAT(failures(), Contains(HasSubstr("messages that nobody has sent: 4 for 3")));
}

TEST_F(ChecksTest, NoticeAMessageThatWasNotAccepted) {
    work.messages_each = 2;

    EXPECT_THAT(failures(), Contains("2 of 4 messages were accepted"));
}

TEST_F(ChecksTest, NoticeAHoleInTheOffsets) {
    for (std::size_t i = 2; i < 4; ++i) ++members[0].lines[i].sequence;

    EXPECT_THAT(failures(), Contains("member 0: offsets are not dense at 2"));
}

TEST_F(ChecksTest, NoticeWhateverIsLeft) {
    auto const left = [&](auto change) {
        auto const before = members[1].left;
        change(members[1].left);
        EXPECT_FALSE(members[1].left.none());
        auto const found = failures();
        members[1].left = before;
        return found;
    };

    EXPECT_THAT(left([](Leftovers& l) { l.parked = 1; }),
                Contains(HasSubstr("1 pins, messages or batches are parked")));
    EXPECT_THAT(left([](Leftovers& l) { l.submissions = 1; }), Contains(HasSubstr("1 submissions")));
    EXPECT_THAT(left([](Leftovers& l) { l.outbox = 1; }), Contains(HasSubstr("1 documents are in the outbox")));
    EXPECT_THAT(left([](Leftovers& l) { l.queued = 1; }), Contains(HasSubstr("1 documents are queued")));
    EXPECT_THAT(left([](Leftovers& l) { l.wanted = 1; }), Contains(HasSubstr("1 payloads are wanted")));
    EXPECT_THAT(left([](Leftovers& l) { l.waiting = 1; }), Contains(HasSubstr("1 messages wait")));
}

TEST_F(ChecksTest, NoticeASubscriptionThatMissedAnEventOrHeardItOutOfOrder) {
    members[1].heard.first_times = {1, 3};
    EXPECT_THAT(failures(), Contains(HasSubstr("member 1: the durable subscription heard 2 of 3 events")));

    members[1].heard.first_times = {2, 1, 3};
    EXPECT_THAT(failures(), Contains(HasSubstr("heard 3 of 3 events, or not in order")));
}

TEST_F(ChecksTest, NoticeAWebhookThatMissedAnEvent) {
    members[1].hooked.first_times = {1, 2};

    EXPECT_THAT(failures(), Contains(HasSubstr("member 1: the webhook heard 2 of 3 events")));
}

// ---- of liars ----

TEST_F(ChecksTest, NoticeALieThatIsConfirmed) {
    work.book.lies.insert(id_number(2));

    EXPECT_THAT(failures(), Contains(HasSubstr("a lie, is confirmed")));
}

TEST_F(ChecksTest, LetLiesBeRejectedAndPinsOfOthersStandBesideTheRightOne) {
    work.book.lies.insert(id_number(5));
    for (auto& member : members) {
        member.lines.push_back({4, "message_rejected", text_of(5), "a"});
        member.lines.push_back({5, "message_rejected", text_of(1), "a"});
        member.heard.first_times = member.hooked.first_times = {1, 2, 3, 4, 5};
        member.heard.acknowledged = 5;
    }

    EXPECT_THAT(failures(), IsEmpty());
}

TEST_F(ChecksTest, NoticeAWholeBatchThatOneMemberAloneRejects) {
    work.book.lies.insert(id_number(5));
    members[1].lines.push_back({4, "message_rejected", text_of(5), "ff_batch_pin"});

    EXPECT_THAT(failures(), Contains("member 1: it has rejected other batches than member 0"));
}

// ---- of requests ----

TEST_F(ChecksTest, NoticeARequestThatWasAnsweredTwiceOrNot) {
    work.book.by_key["ask-0-0"] = {id_number(2), {"a", "b"}, {0, 1}, {}, true};
    std::vector<std::string> const both{"did:firefly:org/org_0", "did:firefly:org/org_1"};
    for (auto& member : members) member.answers[id_number(2)] = both;
    EXPECT_THAT(failures(), IsEmpty());

    members[0].answers.clear();
    members[1].answers[id_number(2)] = {both[0], both[0], both[1]};
    EXPECT_THAT(failures(), Contains("member 0: request ask-0-0 has 0 replies for 2"));
    EXPECT_THAT(failures(), Contains("member 1: request ask-0-0 has 3 replies for 2"));
}

TEST_F(ChecksTest, NoticeAnEventThatWasNotAcknowledged) {
    members[1].heard.acknowledged = 2;

    EXPECT_THAT(failures(), Contains("member 1: the last event was not acknowledged"));
}

TEST_F(ChecksTest, PassOnWhatTheApplicationsHaveSeen) {
    members[0].heard.faults = {"event 1 came after 2 on one connection"};
    work.book.faults = {"a key is used by a message that is not there"};

    EXPECT_THAT(failures(), Contains("member 0: event 1 came after 2 on one connection"));
    EXPECT_THAT(failures(), Contains("a key is used by a message that is not there"));
}

}  // namespace
}  // namespace lockstep::simulation
