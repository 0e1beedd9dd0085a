// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a connection adds: being away, coming back, strangers. The rest is in ledger_contract_test.cpp.
#include "ledger/remote/remote_ledger.hpp"

#include <algorithm>

#include "async/deadline.hpp"
#include "ledger/test_world.hpp"

namespace lockstep::ledger {
namespace {

class RemoteLedgerTest : public testing::Test {
  protected:
    TestWorld world{Reach::remote};
    identity::LedgerKey alice = world.make_key();

    void cut() { world.network().cut("ledger", "member"); }
    void heal() { world.network().heal("ledger", "member"); }
};

TEST_F(RemoteLedgerTest, a_call_waits_until_the_connection_is_back) {
    world.open();
    cut();
    auto waiting = world.begin(world.ledger().next_nonce(alice.address()));
    world.pass(3s);
    EXPECT_FALSE(TestWorld::is_ready(waiting));

    heal();

    ASSERT_TRUE(world.until([&] { return TestWorld::is_ready(waiting); }, 5s));
    EXPECT_EQ(waiting.get().value, 0);
}

TEST_F(RemoteLedgerTest, a_call_gives_up_at_its_deadline_and_says_why) {
    world.open();
    cut();
    auto const before = world.clock().instant();

    try {
        world.run(world.ledger().head());
        FAIL() << "it answered";
    } catch (const TimedOut& error) {
        EXPECT_NE(std::string(error.what()).find("ledger:1"), std::string::npos);
    }

    EXPECT_EQ(world.clock().instant() - before, 10s);
    heal();
}

TEST_F(RemoteLedgerTest, a_send_that_was_under_way_is_made_again_and_counts_once) {
    world.open();
    std::vector<Hash> sent;
    std::vector<std::future<Result<void>>> outcomes;
    for (std::int64_t nonce = 0; nonce < 50; ++nonce) {
        auto const transaction = world.sign(alice, nonce);
        sent.push_back(transaction.hash);
        outcomes.push_back(world.begin(world.ledger().send(transaction.bytes)));
        if (nonce % 10 == 5) {
            cut();
            world.pass(50ms);
            heal();
        }
    }

    ASSERT_TRUE(
        world.until([&] { return std::all_of(outcomes.begin(), outcomes.end(), TestWorld::is_ready<Result<void>>); }));
    ASSERT_TRUE(world.until([&] { return world.dev().pending() == 0; }));

    for (auto& outcome : outcomes) EXPECT_TRUE(outcome.get());
    EXPECT_EQ(world.included(), sent);
}

TEST_F(RemoteLedgerTest, a_head_that_moved_while_away_is_heard_of_after_coming_back) {
    world.open();
    auto waiting = world.begin(world.ledger().changed(world.head()));
    cut();
    world.pass(1s);
    ASSERT_TRUE(world.run(world.dev().send(world.sign(alice, 0).bytes)));
    world.pass(1s);
    EXPECT_FALSE(TestWorld::is_ready(waiting));

    heal();

    ASSERT_TRUE(world.until([&] { return TestWorld::is_ready(waiting); }, 5s));
    EXPECT_EQ(world.height(), 0);
}

TEST_F(RemoteLedgerTest, many_clients_hear_of_every_head) {
    world.open();
    auto const other_host = world.host("other");
    RemoteLedger other(world.executor(), world.clock(), world.chance(), *other_host, TestWorld::endpoint, {});
    Scope scope(world.executor(), {.name = "other"});
    scope.spawn(other.run());
    auto first = world.begin(world.ledger().changed(Head{}));
    auto second = world.begin(other.changed(Head{}));

    ASSERT_TRUE(world.send(world.sign(alice, 0)));

    EXPECT_TRUE(world.until([&] { return TestWorld::is_ready(first) && TestWorld::is_ready(second); }, 1s));
    EXPECT_EQ(world.run(other.head()), world.head());
    scope.cancel();
    world.run(scope.join());
}

// A server whose answer about the head was overtaken by the push of the next one.
Task<void> overtaken(net::FrameListener& listener) {
    auto stream = co_await listener.accept();
    Head before, after;
    before.number = BlockNumber{0};
    after.number = BlockNumber{1};
    Info info;
    info.chain_id = "1337";
    for (;;) {
        auto const bytes = co_await stream->receive();
        if (!bytes) co_return;
        auto const call = wire::decode_frame(*bytes).value();
        auto const asks_head = call.kind == static_cast<std::uint8_t>(wire::Call::head);
        auto const body = asks_head ? wire::encode_head(before) : wire::encode_info(info);
        auto pushed = wire::encode(wire::Reply::head, 0, wire::encode_head(asks_head ? after : before));
        auto answer = wire::encode(wire::Reply::answer, call.id, body);
        co_await stream->send(std::move(pushed));
        co_await stream->send(std::move(answer));
    }
}

TEST_F(RemoteLedgerTest, an_answer_that_was_overtaken_by_news_does_not_undo_them) {
    world.open();
    auto const host = world.host("late");
    auto const member = world.host("member");
    auto listener = std::move(*host->listen("late:1"));
    RemoteLedger remote(world.executor(), world.clock(), world.chance(), *member, "late:1", {});
    Scope scope(world.executor(), {.name = "late"});
    scope.spawn(overtaken(*listener));
    scope.spawn(remote.run());

    auto const seen = world.run(remote.head());
    auto waiting = world.begin(remote.changed(seen));

    EXPECT_EQ(seen.number.value, 0);
    EXPECT_TRUE(world.until([&] { return TestWorld::is_ready(waiting); }, 5s));
    scope.cancel();
    world.run(scope.join());
}

TEST_F(RemoteLedgerTest, a_client_that_talks_nonsense_is_cut_off_and_others_go_on) {
    world.open();
    auto const stranger = world.host("stranger");
    auto stream = world.run(stranger->connect(TestWorld::endpoint, "", 1s));
    world.run(stream->send(Bytes{0xff, 0xff}));
    bool ended = false;
    while (!ended) {  // the head that is pushed to everyone comes first
        try {
            ended = !world.run(stream->receive());
        } catch (const std::exception&) {
            ended = true;
        }
    }

    ASSERT_TRUE(world.send(world.sign(alice, 0)));
}

TEST_F(RemoteLedgerTest, a_call_that_the_server_does_not_know_fails_alone) {
    world.open();
    auto const stranger = world.host("stranger");
    auto stream = world.run(stranger->connect(TestWorld::endpoint, "", 1s));
    world.run(stream->send(wire::encode(static_cast<wire::Call>(99), 5, {})));
    std::optional<wire::Frame> frame;
    do {
        auto const bytes = world.run(stream->receive());
        ASSERT_TRUE(bytes);
        frame = wire::decode_frame(*bytes);
        ASSERT_TRUE(frame);
    } while (frame->id != 5);

    EXPECT_EQ(frame->kind, static_cast<std::uint8_t>(wire::Reply::failure));
    stream->close();
}

TEST_F(RemoteLedgerTest, a_server_with_another_chain_is_not_talked_to) {
    world.open();
    world.close();
    auto options = TestWorld::at_once();
    options.chain_id = "1";
    auto database = world.database();
    database.path = "another";
    auto const host = world.host("ledger");
    auto const member = world.host("member");
    RemoteLedger remote(world.executor(), world.clock(), world.chance(), *member, "ledger:2", {});
    Scope client(world.executor(), {.name = "client"});
    client.spawn(remote.run());
    auto const serve = [&](store::Database::Options where, DevLedger::Options how, auto check) {
        auto dev = std::move(*world.run(DevLedger::open(where, how, world.executor(), world.clock(), world.chance())));
        auto listener = std::move(*host->listen("ledger:2"));
        LedgerServer server(world.executor(), *dev, *dev, *listener);
        Scope scope(world.executor(), {.name = "server"});
        scope.spawn(server.run());
        check();
        scope.cancel();
        world.run(scope.join());
        listener->close();
        listener.reset();
        dev->close();
    };

    serve(world.database(), TestWorld::at_once(), [&] { EXPECT_EQ(world.run(remote.info()).chain_id, "1337"); });
    serve(database, options, [&] { EXPECT_THROW(world.run(remote.head()), TimedOut); });
    serve(world.database(), TestWorld::at_once(), [&] { EXPECT_EQ(world.run(remote.head()).number.value, -1); });

    client.cancel();
    world.run(client.join());
}

TEST_F(RemoteLedgerTest, the_controls_reach_the_ledger) {
    auto options = TestWorld::at_once(1);
    options.block_interval = 1h;
    world.open(options);
    world.run(world.controls().set_instant(true));
    auto const before = world.clock().instant();

    ASSERT_TRUE(world.send(world.sign(alice, 0)));
    world.reach_height(1);

    EXPECT_LT(world.clock().instant() - before, 1s);
    EXPECT_TRUE(world.run(world.controls().fork(1)));
    EXPECT_EQ(world.height(), 2);
    auto const refused = world.run(world.controls().fork(2));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), "LS10304");
}

TEST_F(RemoteLedgerTest, in_bad_weather_everything_arrives_once) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        TestWorld storm(Reach::remote, seed);
        storm.open();
        auto const key = storm.make_key();
        net::SimWorld::Weather weather;
        weather.delay_max = 20ms;
        weather.broken = 0.02;
        weather.repeated = 0.02;
        storm.network().set_weather(weather);
        std::vector<Hash> sent;
        for (std::int64_t nonce = 0; nonce < 40; ++nonce) {
            auto const transaction = storm.sign(key, nonce);
            sent.push_back(transaction.hash);
            ASSERT_TRUE(storm.send(transaction));
        }
        storm.network().heal_all();

        ASSERT_TRUE(storm.until([&] { return storm.dev().pending() == 0; }));

        EXPECT_EQ(storm.included(), sent) << "seed " << seed;
    }
}

}  // namespace
}  // namespace lockstep::ledger
