// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Ledger transactions in the making. The numbers of invariants are those of the README.
#include "transactions/submitter.hpp"

#include <algorithm>
#include <set>

#include "transactions/test_world.hpp"

namespace lockstep::transactions {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Fate = Wire::Fate;

class World final : public SubmitterWorld {
  public:
    using SubmitterWorld::SubmitterWorld;

    std::vector<std::int64_t> nonces(std::size_t key = 0) {
        return read([&](store::Snapshot& snapshot) {
            std::vector<std::int64_t> out;
            for (auto& row :
                 snapshot.query("SELECT nonce FROM submissions WHERE account = ?1 ORDER BY seq", keys[key].address()))
                out.push_back(row.integer(0));
            return out;
        });
    }
};

// ---- nonces (invariant 1) ----

TEST(Nonces, AreDenseForEachAccountInCommitOrder) {
    World world;
    world.start();
    for (std::size_t const key : {0, 0, 1, 0, 1}) world.submit(key);

    EXPECT_THAT(world.nonces(0), ElementsAre(0, 1, 2));
    EXPECT_THAT(world.nonces(1), ElementsAre(0, 1));
    world.restart();
    world.start();
    world.submit(1);
    EXPECT_THAT(world.nonces(1), ElementsAre(0, 1, 2));
}

TEST(Nonces, AreNotUsedUpByACommitThatFailed) {
    World world;
    world.start();
    world.submit();

    auto prepare_and_fail = [&](store::Transaction& tx) {
        world.submitter->prepare(tx, world.keys[0].address(), {}, {});
        throw std::runtime_error("no");
    };
    EXPECT_THROW(world.write(prepare_and_fail), std::runtime_error);
    world.submit();

    EXPECT_THAT(world.nonces(), ElementsAre(0, 1));
    EXPECT_THAT(world.included(), SizeIs(2));
}

TEST(Nonces, BeginWhereTheLedgerSays) {
    World world;
    for (int nonce = 0; nonce < 3; ++nonce) {
        auto const transaction = world.ledger().prepare_pin({}, world.keys[0].address(), LedgerNonce{nonce});
        auto const raw = world.ledger().assemble(transaction, world.keys[0].sign(transaction.digest));
        ASSERT_TRUE(world.await(world.ledger().send(raw.bytes)));
    }
    world.start();
    world.submit(0);
    world.submit(1);

    EXPECT_THAT(world.nonces(0), ElementsAre(3));
    EXPECT_THAT(world.nonces(1), ElementsAre(0));
    EXPECT_THAT(world.included(), SizeIs(5));
}

TEST(Nonces, AreAskedOfTheLedgerOnlyOnce) {
    World world;
    world.wire.is_cut = true;
    EXPECT_THROW(world.await(world.submitter->start()), std::runtime_error);
    EXPECT_EQ(world.count("ledger_accounts"), 0);

    world.wire.is_cut = false;
    world.start();
    EXPECT_EQ(world.wire.nonces_asked, 1 + 2);
    world.wire.is_cut = true;
    world.restart();
    world.start();

    EXPECT_EQ(world.wire.nonces_asked, 3);
}

// ---- stored before it is sent (invariant 2) ----

TEST(Submitter, SignsOnlyForItsAccounts) {
    World world;
    EXPECT_TRUE(world.submitter->can_sign(world.keys[0].address()));
    EXPECT_TRUE(world.submitter->can_sign(world.keys[1].address()));
    EXPECT_FALSE(world.submitter->can_sign(identity::LedgerKey::make(world.chance()).address()));
    EXPECT_FALSE(world.submitter->can_sign(""));
}

TEST(Submitter, SendsNothingBeforeItsCommit) {
    World world;
    world.start();
    std::size_t sent_inside = 99;
    world.write([&](store::Transaction& tx) {
        world.submitter->prepare(tx, world.keys[0].address(), {}, {});
        sent_inside = world.wire.sent.size();
    });
    world.settle();

    EXPECT_EQ(sent_inside, 0U);
    EXPECT_THAT(world.wire.sent, IsEmpty()) << "nor before it is told";
    EXPECT_EQ(world.stored(), 1);
}

TEST(Submitter, KnowsTheLedgersNameOfATransactionBeforehand) {
    World world;
    world.start();
    auto const a = world.submit(0);
    auto const b = world.submit(1);

    auto const included = world.included();
    ASSERT_THAT(included, SizeIs(2));
    EXPECT_EQ(included[0].hash, a);
    EXPECT_EQ(included[0].from, world.keys[0].address());
    EXPECT_EQ(included[1].hash, b);
    EXPECT_EQ(included[1].from, world.keys[1].address());
    EXPECT_EQ(world.age(), Duration::zero()) << "it was told, and waited for nothing";
}

TEST(Submitter, SendsInOrderMoreThanAPage) {
    World world;
    world.await(world.submitter->start());
    std::vector<Hash> hashes;
    for (int i = 0; i < 120; ++i) hashes.push_back(world.submit(0));
    EXPECT_THAT(world.wire.sent, IsEmpty());

    world.spawn(world.submitter->run());

    EXPECT_THAT(world.included_hashes(), ElementsAreArray(hashes));
    EXPECT_EQ(world.submitter->status().sent, 120U);
    EXPECT_EQ(world.submitter->status().pending, 120U);
}

// ---- until it is seen (invariant 3) ----

TEST(Submitter, TriesAgainWhenTheWireIsCutAndSkipsNothing) {
    World world;
    world.start();
    world.wire.doom(Fate::breaks, 4);
    std::vector<Hash> const hashes{world.submit(), world.submit(), world.submit()};
    EXPECT_THAT(world.included(), IsEmpty());
    EXPECT_EQ(world.submitter->status().last_error, "the wire is cut");

    world.pass(2s);

    EXPECT_THAT(world.included_hashes(), ElementsAreArray(hashes));
    EXPECT_EQ(world.submitter->status().retries, 4U);
    EXPECT_THAT(world.wire.sent, SizeIs(4 + 3));
}

TEST(Submitter, SendsTheSameBytesWhenTheAnswerWasLost) {
    World world;
    world.start();
    world.wire.doom(Fate::loses_answer, 1);
    auto const hash = world.submit();
    world.pass(1s);

    ASSERT_THAT(world.wire.sent, SizeIs(2));
    EXPECT_EQ(world.wire.sent[0], world.wire.sent[1]);
    EXPECT_THAT(world.included_hashes(), ElementsAre(hash)) << "once";
}

TEST(Submitter, SendsEverythingThatWaitsWhenItStarts) {
    World world;
    world.start();
    world.wire.doom(Fate::is_forgotten, 2);
    std::vector<Hash> const hashes{world.submit(), world.submit()};
    ASSERT_THAT(world.included(), IsEmpty());
    world.crash();
    EXPECT_THAT(world.wire.sent, SizeIs(2));

    world.start();

    EXPECT_THAT(world.included_hashes(), ElementsAreArray(hashes));
    ASSERT_THAT(world.wire.sent, SizeIs(4));
    EXPECT_EQ(world.wire.sent[2], world.wire.sent[0]);
    EXPECT_EQ(world.wire.sent[3], world.wire.sent[1]);
}

TEST(Submitter, SendsAgainWhatIsNotSeenInABlock) {
    World world;
    world.start();
    world.wire.doom(Fate::is_forgotten, 1);
    auto const hash = world.submit();
    world.pass(29s);
    EXPECT_THAT(world.wire.sent, SizeIs(1));

    world.pass(2s);

    EXPECT_THAT(world.wire.sent, SizeIs(2));
    EXPECT_THAT(world.included_hashes(), ElementsAre(hash));
}

TEST(Submitter, SendsAgainWhatIsNotSeenAlsoWhileMoreIsComing) {
    World world;
    world.start();
    world.wire.doom(Fate::is_forgotten, 1);
    world.submit();
    for (int i = 0; i < 9; ++i) {
        world.pass(5s);
        world.submit();
    }

    EXPECT_THAT(world.included(), SizeIs(10)) << "the first holds up all that follow it";
}

TEST(Submitter, LeavesAloneWhatIsTakenAndWhatFollows) {
    World world;
    world.start();
    auto const hash = world.submit();
    EXPECT_TRUE(world.take(hash));
    world.pass(2min);

    EXPECT_THAT(world.wire.sent, SizeIs(1));
    EXPECT_EQ(world.clock().sleepers(), 0U) << "nothing waits, so it sleeps";
    auto const next = world.submit();
    EXPECT_THAT(world.included_hashes(), ElementsAre(hash, next));
}

TEST(Submitter, KeepsWhatIsRefusedAndGoesOnBehindIt) {
    World world;
    world.start();
    world.wire.doom(Fate::is_refused, 1);
    auto const refused = world.submit(0);
    auto const other = world.submit(1);

    EXPECT_THAT(world.included_hashes(), ElementsAre(other));
    EXPECT_EQ(world.submitter->status().refused, 1U);
    EXPECT_EQ(world.submitter->status().sent, 1U);
    EXPECT_THAT(world.submitter->status().last_error, HasSubstr("LS10002"));
    EXPECT_EQ(world.stored(), 2);

    world.pass(31s);
    EXPECT_THAT(world.included_hashes(), ElementsAre(other, refused));
}

TEST(Submitter, DyingBetweenCommitAndSendLosesNothing) {
    World world;
    world.start();
    world.die_at(0, true);
    EXPECT_THROW(world.submit(), store::StoreError);
    world.crash();
    EXPECT_EQ(world.stored(), 1);

    world.start();

    EXPECT_THAT(world.included(), SizeIs(1));
    EXPECT_EQ(world.submitter->waiting(world.keys[0].address()), 1U);
}

TEST(Submitter, DyingBeforeTheCommitLeavesNothing) {
    World world;
    world.start();
    world.die_at(0, false);
    EXPECT_THROW(world.submit(), store::StoreError);
    world.crash();

    world.start();
    EXPECT_EQ(world.stored(), 0);
    auto const hash = world.submit();
    EXPECT_THAT(world.included_hashes(), ElementsAre(hash));
    EXPECT_EQ(world.included()[0].nonce, LedgerNonce{0});
}

// ---- the end (invariant 4) ----

TEST(Submitter, ForgetsASubmissionInTheCommitThatTakesItsPin) {
    World world;
    world.start();
    auto const hash = world.submit();

    auto finish_and_fail = [&](store::Transaction& tx) {
        EXPECT_TRUE(Submitter::finish(tx, flow::test_ns, hash));
        throw std::runtime_error("no");
    };
    EXPECT_THROW(world.write(finish_and_fail), std::runtime_error);
    EXPECT_EQ(world.stored(), 1);
    auto const elsewhere =
        world.write([&](store::Transaction& tx) { return Submitter::finish(tx, NamespaceId{2}, hash); });
    EXPECT_FALSE(elsewhere);

    EXPECT_TRUE(world.take(hash));
    EXPECT_EQ(world.stored(), 0);
    EXPECT_FALSE(world.take(hash)) << "it was one of ours, and is no more";
    EXPECT_FALSE(world.take(sha256("of another member")));
}

TEST(Submitter, CountsWhatWaitsForABlock) {
    World world;
    world.start();
    auto const& a = world.keys[0].address();
    auto const& b = world.keys[1].address();
    int progress = 0;
    world.submitter->on_progress([&] { ++progress; });
    auto const first = world.submit(0);
    world.submit(0);
    world.submit(1);
    EXPECT_EQ(world.submitter->waiting(a), 2U);
    EXPECT_EQ(world.submitter->waiting(b), 1U);
    EXPECT_EQ(world.submitter->waiting("0xother"), 0U);
    EXPECT_EQ(progress, 0);

    world.take(first);
    EXPECT_EQ(world.submitter->waiting(a), 1U);
    EXPECT_EQ(progress, 1);
    world.restart();
    world.start();
    EXPECT_EQ(world.submitter->waiting(a), 1U);
    EXPECT_EQ(world.submitter->waiting(b), 1U);
    EXPECT_EQ(world.submitter->status().pending, 2U);
}

// ---- everything at once ----

// Power failures, cut wires, lost answers, forgetful ledgers: exactly one transaction each in the end.
TEST(Submitter, EndsInExactlyOneTransactionForEachCommit) {
    int deaths = 0;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        World world(seed);
        auto& chance = world.chance();
        world.wire.next_fate = [&] {
            if (world.disk().is_frozen()) return Fate::breaks;  // who has no power sends nothing
            auto const die = chance.below(12);
            return die < 4 ? static_cast<Fate>(1 + die) : Fate::passes;
        };
        std::set<Hash> answered;
        for (int life = 0; life < 6; ++life) {
            world.start();
            if (life > 0) world.disk().freeze_after(chance.below(40));
            for (int i = 0; i < 8 && !world.disk().is_frozen(); ++i) {
                auto const hash = world.submit(chance.below(2));
                if (world.disk().is_frozen()) break;
                answered.insert(hash);
                if (chance.below(3) == 0) world.take_included();
            }
            deaths += world.disk().is_frozen() ? 1 : 0;
            world.crash();
        }
        world.start();
        for (int i = 0; i < 20 && world.stored() > 0; ++i) {
            world.pass(31s);
            world.take_included();
        }

        EXPECT_EQ(world.stored(), 0);
        auto const hashes = world.included_hashes();
        std::set<Hash> const included(hashes.begin(), hashes.end());
        EXPECT_EQ(included.size(), hashes.size());
        EXPECT_TRUE(std::includes(included.begin(), included.end(), answered.begin(), answered.end()));
    }
    EXPECT_GT(deaths, 30) << "otherwise this shows little";
}

}  // namespace
}  // namespace lockstep::transactions
