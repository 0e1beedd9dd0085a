// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/receiver.hpp"

#include <gtest/gtest.h>

#include "core/sha256.hpp"

namespace lockstep::swarm {
namespace {

class ReceiverTest : public testing::Test {
  protected:
    static constexpr std::size_t limit = 100'000;

    template <class T>
    T on(const Frame& frame) {
        auto step = receiver.on(frame);
        EXPECT_TRUE(step) << step.error().text();
        return as<T>(std::move(*step));
    }
    template <class T>
    static T as(Receiver::Step step) {
        if (!std::holds_alternative<T>(step)) throw std::runtime_error("another step: " + std::to_string(step.index()));
        return std::get<T>(std::move(step));
    }
    template <class T>
    static T answer(Receiver::Step step) {
        return std::get<T>(as<Receiver::Answer>(std::move(step)).frame);
    }
    ChunkFrame chunk(std::size_t offset, std::size_t size) const {
        return {hash, static_cast<std::uint32_t>(document.size()), static_cast<std::uint32_t>(offset),
                as_bytes(document).subspan(offset, size)};
    }
    OfferFrame offer() const { return {hash, static_cast<std::uint32_t>(document.size())}; }

    Receiver receiver{limit};
    const std::string document = std::string(9'000, 'a') + "b";
    const Hash hash = sha256(document);
};

TEST_F(ReceiverTest, APushIsLookedForThenStoredThenAcknowledged) {
    auto const look = on<Receiver::Look>(PushFrame{hash, as_bytes(document)});
    EXPECT_EQ(look.hash, hash);
    EXPECT_EQ(look.size, document.size());

    auto const store = as<Receiver::Store>(receiver.looked(Receiver::Found::missing));
    EXPECT_EQ(store.hash, hash);
    EXPECT_EQ(as_text(store.document), document);

    EXPECT_EQ(answer<AckFrame>(receiver.stored()), AckFrame{hash});
}

TEST_F(ReceiverTest, WhatIsHereIsAcknowledgedAtOnce) {
    on<Receiver::Look>(PushFrame{hash, as_bytes(document)});
    EXPECT_EQ(answer<AckFrame>(receiver.looked(Receiver::Found::here)), AckFrame{hash});
    on<Receiver::Look>(offer());
    EXPECT_EQ(answer<AckFrame>(receiver.looked(Receiver::Found::here)), AckFrame{hash});
}

TEST_F(ReceiverTest, WhatHasNoRoomIsRefused) {
    on<Receiver::Look>(PushFrame{hash, as_bytes(document)});
    EXPECT_EQ(answer<RefuseFrame>(receiver.looked(Receiver::Found::no_room)), (RefuseFrame{hash, RefuseCode::quota}));
    on<Receiver::Look>(offer());
    EXPECT_EQ(answer<RefuseFrame>(receiver.looked(Receiver::Found::no_room)), (RefuseFrame{hash, RefuseCode::quota}));
    EXPECT_FALSE(receiver.on(chunk(0, 5'000)));
}

TEST_F(ReceiverTest, ADamagedPushIsRefusedBeforeAnythingIsRead) {
    auto const refusal = std::get<RefuseFrame>(on<Receiver::Answer>(PushFrame{hash, as_bytes("another")}).frame);
    EXPECT_EQ(refusal, (RefuseFrame{hash, RefuseCode::damaged}));
}

TEST_F(ReceiverTest, ADocumentBeyondTheLimitIsRefused) {
    std::string const large(limit + 1, 'x');
    RefuseFrame const expected{sha256(large), RefuseCode::too_large};
    EXPECT_EQ(std::get<RefuseFrame>(on<Receiver::Answer>(PushFrame{sha256(large), as_bytes(large)}).frame), expected);
    EXPECT_EQ(std::get<RefuseFrame>(on<Receiver::Answer>(OfferFrame{sha256(large), limit + 1}).frame), expected);
}

TEST_F(ReceiverTest, AnOfferIsWantedAndItsChunksAreStored) {
    on<Receiver::Look>(offer());
    EXPECT_EQ(answer<WantFrame>(receiver.looked(Receiver::Found::missing)), (WantFrame{hash, 0}));

    on<Receiver::Nothing>(chunk(0, 5'000));
    on<Receiver::Look>(chunk(5'000, 4'001));  // it may have come from elsewhere meanwhile
    auto const store = as<Receiver::Store>(receiver.looked(Receiver::Found::missing));

    EXPECT_EQ(as_text(store.document), document);
    EXPECT_EQ(answer<AckFrame>(receiver.stored()), AckFrame{hash});
}

TEST_F(ReceiverTest, AnOfferGoesOnWhereTheConnectionBroke) {
    on<Receiver::Look>(offer());
    receiver.looked(Receiver::Found::missing);
    on<Receiver::Nothing>(chunk(0, 5'000));

    receiver.connected();
    EXPECT_FALSE(receiver.on(chunk(5'000, 4'001)));  // not asked for on this connection
    on<Receiver::Look>(offer());

    EXPECT_EQ(answer<WantFrame>(receiver.looked(Receiver::Found::missing)), (WantFrame{hash, 5'000}));
    on<Receiver::Look>(chunk(5'000, 4'001));
    EXPECT_EQ(as_text(as<Receiver::Store>(receiver.looked(Receiver::Found::missing)).document), document);
}

TEST_F(ReceiverTest, DamagedChunksAreRefusedAndBeginAnew) {
    on<Receiver::Look>(offer());
    receiver.looked(Receiver::Found::missing);
    on<Receiver::Nothing>(chunk(0, 5'000));
    std::string const wrong(4'001, 'z');
    auto last = chunk(5'000, 4'001);
    last.bytes = as_bytes(wrong);

    EXPECT_EQ(std::get<RefuseFrame>(on<Receiver::Answer>(last).frame), (RefuseFrame{hash, RefuseCode::damaged}));

    on<Receiver::Look>(offer());
    EXPECT_EQ(answer<WantFrame>(receiver.looked(Receiver::Found::missing)), (WantFrame{hash, 0}));
}

TEST_F(ReceiverTest, ANewOfferReplacesTheFormer) {
    on<Receiver::Look>(offer());
    receiver.looked(Receiver::Found::missing);
    on<Receiver::Nothing>(chunk(0, 5'000));

    on<Receiver::Look>(OfferFrame{sha256("other"), 50'000});

    EXPECT_EQ(answer<WantFrame>(receiver.looked(Receiver::Found::missing)), (WantFrame{sha256("other"), 0}));
    EXPECT_FALSE(receiver.on(chunk(5'000, 4'001)));
}

TEST_F(ReceiverTest, WhatHasNoPlaceEndsTheConnection) {
    struct Row {
        std::string what;
        Frame frame;
    };
    for (auto const& [what, frame] : std::vector<Row>{{"a second hello", HelloFrame{}},
                                                      {"a chunk without an offer", chunk(0, 5'000)},
                                                      {"an acknowledgement", AckFrame{hash}},
                                                      {"a refusal", RefuseFrame{hash, RefuseCode::quota}},
                                                      {"a have_not", HaveNotFrame{hash}},
                                                      {"an offer of nothing", OfferFrame{hash, 0}}}) {
        auto const step = receiver.on(frame);
        ASSERT_FALSE(step) << what;
        EXPECT_EQ(step.error().code(), "LS10403") << what;
    }
}

TEST_F(ReceiverTest, AChunkOfTheWrongPlaceEndsTheConnection) {
    on<Receiver::Look>(offer());
    receiver.looked(Receiver::Found::missing);
    EXPECT_FALSE(receiver.on(chunk(4'000, 5'000)));
    auto other_length = chunk(0, 5'000);
    other_length.total += 1;
    EXPECT_FALSE(receiver.on(other_length));
}

TEST_F(ReceiverTest, AWantIsToBeServed) {
    auto const serve = on<Receiver::Serve>(WantFrame{hash, 77});
    EXPECT_EQ(serve.hash, hash);
    EXPECT_EQ(serve.offset, 77u);
}

}  // namespace
}  // namespace lockstep::swarm
