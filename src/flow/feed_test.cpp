// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Records in one order, read in pages after a position; and cursors.
#include "flow/feed.hpp"

#include "flow/test_world.hpp"

namespace lockstep::flow {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FeedWorld final : public SimProcess {
  public:
    FeedWorld() : SimProcess({schema()}) { open(); }
    ~FeedWorld() override { close(); }

    std::vector<std::int64_t> append(const Feed& feed, const std::vector<std::string>& keys) {
        return write([&](store::Transaction& tx) {
            std::vector<std::int64_t> given;
            for (auto const& key : keys) given.push_back(feed.append(tx, "kind", as_bytes(key)).value);
            return given;
        });
    }
    std::vector<std::string> keys(const Feed& feed, std::int64_t after = 0, std::size_t most = 100) {
        return read([&](store::Snapshot& snapshot) {
            std::vector<std::string> out;
            for (auto const& entry : feed.read(snapshot, Sequence{after}, most)) out.emplace_back(as_text(entry.key));
            return out;
        });
    }
    std::int64_t newest(const Feed& feed) {
        return read([&](store::Snapshot& snapshot) { return feed.newest(snapshot).value; });
    }
    void truncate(const Feed& feed, std::int64_t through) {
        write([&](store::Transaction& tx) { feed.truncate(tx, Sequence{through}); });
    }
};

TEST(Feed, NumbersFromOneInTheOrderOfAppending) {
    FeedWorld world;
    Feed const inbox("inbox", test_ns);
    EXPECT_EQ(world.newest(inbox), 0);

    EXPECT_THAT(world.append(inbox, {"a", "b"}), ElementsAre(1, 2));
    EXPECT_THAT(world.append(inbox, {"c"}), ElementsAre(3));

    EXPECT_EQ(world.newest(inbox), 3);
    EXPECT_THAT(world.keys(inbox), ElementsAre("a", "b", "c"));
}

TEST(Feed, GivesBackWhatWasAppendedByteForByte) {
    FeedWorld world;
    Feed const inbox("inbox", test_ns);
    Bytes const key{0, 1, 0xff, 0};

    world.write([&](store::Transaction& tx) { inbox.append(tx, "pin", key); });

    auto const page = world.read([&](store::Snapshot& snapshot) { return inbox.read(snapshot, Sequence{0}, 10); });
    ASSERT_EQ(page.size(), 1U);
    EXPECT_EQ(page[0].sequence, Sequence{1});
    EXPECT_EQ(page[0].kind, "pin");
    EXPECT_EQ(page[0].key, key);
}

TEST(Feed, ReadsPagesAfterAPosition) {
    FeedWorld world;
    Feed const inbox("inbox", test_ns);
    world.append(inbox, {"a", "b", "c", "d"});

    EXPECT_THAT(world.keys(inbox, 0, 2), ElementsAre("a", "b"));
    EXPECT_THAT(world.keys(inbox, 2, 2), ElementsAre("c", "d"));
    EXPECT_THAT(world.keys(inbox, 3, 2), ElementsAre("d"));
    EXPECT_THAT(world.keys(inbox, 4, 2), IsEmpty());
}

TEST(Feed, GivesNoNumberToWhatWasRolledBack) {
    FeedWorld world;
    Feed const inbox("inbox", test_ns);
    world.append(inbox, {"a"});

    auto append_and_fail = [&](store::Transaction& tx) {
        inbox.append(tx, "kind", as_bytes("lost"));
        throw std::runtime_error("no");
    };
    EXPECT_THROW(world.write(append_and_fail), std::runtime_error);

    EXPECT_EQ(world.newest(inbox), 1);
    EXPECT_THAT(world.append(inbox, {"b"}), ElementsAre(2));
    EXPECT_THAT(world.keys(inbox), ElementsAre("a", "b"));
}

TEST(Feed, ForgetsWhatWasTruncatedAndKeepsTheRest) {
    FeedWorld world;
    Feed const inbox("inbox", test_ns);
    world.append(inbox, {"a", "b", "c"});

    world.truncate(inbox, 2);

    EXPECT_THAT(world.keys(inbox), ElementsAre("c"));
    EXPECT_EQ(world.newest(inbox), 3);
}

TEST(Feed, NeverGivesANumberTwiceAlsoWhenItIsEmptyAndOpenedAnew) {
    FeedWorld world;
    Feed const inbox("inbox", test_ns);
    world.append(inbox, {"a", "b", "c"});

    world.truncate(inbox, 3);
    world.restart();

    EXPECT_EQ(world.newest(inbox), 3);
    EXPECT_THAT(world.append(inbox, {"d"}), ElementsAre(4));
}

TEST(Feed, DoesNotMixWithAnotherNameOrNamespace) {
    FeedWorld world;
    Feed const inbox("inbox", test_ns), outbox("outbox", test_ns), elsewhere("inbox", NamespaceId{2});

    EXPECT_THAT(world.append(inbox, {"a", "b"}), ElementsAre(1, 2));
    EXPECT_THAT(world.append(outbox, {"x"}), ElementsAre(1));
    EXPECT_THAT(world.append(elsewhere, {"y"}), ElementsAre(1));
    world.truncate(inbox, 2);

    EXPECT_THAT(world.keys(inbox), IsEmpty());
    EXPECT_THAT(world.keys(outbox), ElementsAre("x"));
    EXPECT_THAT(world.keys(elsewhere), ElementsAre("y"));
    EXPECT_EQ(world.newest(outbox), 1);
}

TEST(Cursor, IsWhatWasSavedLastUnderItsNamespaceAndName) {
    FeedWorld world;
    auto const load = [&](NamespaceId ns, std::string_view stage) {
        return world.read([&](store::Snapshot& snapshot) { return load_cursor(snapshot, ns, stage, -7); });
    };
    EXPECT_EQ(load(test_ns, "sequencer"), -7) << "what was asked for, when there is none";

    world.write([](store::Transaction& tx) { save_cursor(tx, test_ns, "sequencer", 5); });
    world.write([](store::Transaction& tx) { save_cursor(tx, test_ns, "sequencer", 9); });
    world.restart();

    EXPECT_EQ(load(test_ns, "sequencer"), 9);
    EXPECT_EQ(load(test_ns, "sender"), -7);
    EXPECT_EQ(load(NamespaceId{2}, "sequencer"), -7);
}

}  // namespace
}  // namespace lockstep::flow
