// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/protocol.hpp"

#include <gtest/gtest.h>

#include "base/chance.hpp"
#include "core/sha256.hpp"

namespace lockstep::swarm {
namespace {

const Hash hash = sha256("a document");

Bytes frame_of(std::uint8_t type, std::string_view rest_hex) {
    Bytes bytes{type};
    bytes.insert(bytes.end(), hash.bytes.begin(), hash.bytes.end());
    auto const rest = from_hex(rest_hex).value();
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return bytes;
}

template <class T>
T back(const Frame& frame) {
    auto const bytes = encode(frame);
    auto const decoded = decode(bytes);
    EXPECT_TRUE(decoded) << decoded.error().text();
    return std::get<T>(*decoded);
}

TEST(Protocol, EveryFrameComesBackAsItWas) {
    EXPECT_EQ(back<HelloFrame>(HelloFrame{1, "ab12/node1"}), (HelloFrame{1, "ab12/node1"}));
    EXPECT_EQ(back<HelloFrame>(HelloFrame{1, ""}), (HelloFrame{1, ""}));
    EXPECT_EQ(back<OfferFrame>(OfferFrame{hash, 0xfedcba98}), (OfferFrame{hash, 0xfedcba98}));
    EXPECT_EQ(back<WantFrame>(WantFrame{hash, 4096}), (WantFrame{hash, 4096}));
    EXPECT_EQ(back<HaveNotFrame>(HaveNotFrame{hash}), HaveNotFrame{hash});
    EXPECT_EQ(back<AckFrame>(AckFrame{hash}), AckFrame{hash});
    EXPECT_EQ(back<BlobWantFrame>(BlobWantFrame{hash, 0xfedcba9876543210, 4096}),
              (BlobWantFrame{hash, 0xfedcba9876543210, 4096}));
    EXPECT_EQ(back<BlobHaveNotFrame>(BlobHaveNotFrame{hash}), BlobHaveNotFrame{hash});
    EXPECT_EQ(back<BlobOfferFrame>(BlobOfferFrame{hash}), BlobOfferFrame{hash});
    EXPECT_EQ(back<BlobAckFrame>(BlobAckFrame{hash}), BlobAckFrame{hash});
    for (auto const code : {RefuseCode::too_large, RefuseCode::damaged, RefuseCode::quota})
        EXPECT_EQ(back<RefuseFrame>(RefuseFrame{hash, code}), (RefuseFrame{hash, code}));
}

TEST(Protocol, DocumentsAndChunksComeBackAsTheyWere) {
    auto const bytes = encode(PushFrame{hash, as_bytes("a document")});
    auto const push = std::get<PushFrame>(*decode(bytes));
    EXPECT_EQ(push.hash, hash);
    EXPECT_EQ(as_text(push.bytes), "a document");

    std::string const document(10'000, 'x');
    auto const second = encode_chunk(hash, as_bytes(document), 6'000, 6'000);
    auto const chunk = std::get<ChunkFrame>(*decode(second));
    EXPECT_EQ(chunk.hash, hash);
    EXPECT_EQ(chunk.total, 10'000u);
    EXPECT_EQ(chunk.offset, 6'000u);
    EXPECT_EQ(chunk.bytes.size(), 4'000u);

    auto const nothing = encode_chunk(hash, {}, 0, 6'000);
    EXPECT_EQ(std::get<ChunkFrame>(*decode(nothing)).total, 0u);
}

TEST(Protocol, APartOfABlobComesBackAsItWas) {
    auto const bytes = encode(BlobChunkFrame{hash, 0x1'0000'0000, 0xffff'fff0, as_bytes("sixteen bytes...")});
    auto const chunk = std::get<BlobChunkFrame>(*decode(bytes));
    EXPECT_EQ(chunk.hash, hash);
    EXPECT_EQ(chunk.total, 0x1'0000'0000u);
    EXPECT_EQ(chunk.offset, 0xffff'fff0u);
    EXPECT_EQ(as_text(chunk.bytes), "sixteen bytes...");
}

TEST(Protocol, PartsOfBlobsKeepWithinTheirBounds) {
    for (auto const* rest : {"0000000000000000"
                             "00000000",  // of no bytes
                             "0000000000000000"
                             "01000001",  // of more than may be asked for
                             "0000000000000000"
                             "000000"}) {
        EXPECT_FALSE(decode(frame_of(9, rest))) << rest;
    }
    EXPECT_TRUE(decode(frame_of(10,
                                "0000000000000002"
                                "0000000000000001"
                                "ff")));
    EXPECT_FALSE(decode(frame_of(10,
                                 "0000000000000002"
                                 "0000000000000001"
                                 "ffff")))
        << "passes the end";
    EXPECT_FALSE(decode(frame_of(10,
                                 "0000000000000002"
                                 "0000000000000003"
                                 "")))
        << "begins behind it";
    EXPECT_FALSE(decode(frame_of(13, "00")));
}

// The one of the README.
TEST(Protocol, TheWorkedExampleIsTrue) {
    EXPECT_EQ(to_hex(encode(HelloFrame{1, "ab12/node1"})),
              "014c535058"
              "0001"
              "000a"
              "616231322f6e6f646531");
    EXPECT_EQ(to_hex(encode(WantFrame{sha256("abc"), 131'072})),
              "04"
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
              "00020000");
    EXPECT_EQ(to_hex(encode(RefuseFrame{sha256("abc"), RefuseCode::quota})),
              "08"
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
              "28a5");
}

TEST(Protocol, WhatIsNoFrameIsRefused) {
    struct Row {
        std::string what;
        Bytes bytes;
        std::string says;
    };
    auto const hello = encode(HelloFrame{1, "abc"});
    auto other_version = hello;
    other_version[6] = 2;
    auto other_magic = hello;
    other_magic[1] = 'X';
    auto long_name = *from_hex("014c53505800010201");
    long_name.resize(long_name.size() + 513, 'x');
    std::vector<Row> const rows = {
        {"nothing", {}, "it is empty"},
        {"type 0", {0}, "type 0 is not known"},
        {"type 14", {14, 1, 2}, "type 14 is not known"},
        {"another kind of peer", other_magic, "this is no peer of the kind"},
        {"another version", other_version, "version 2 is not spoken here"},
        {"a long name", long_name, "the peer's id is too long"},
        {"a name that ends early", Bytes(hello.begin(), hello.end() - 1), "hello has the wrong length"},
        {"half a hash", Bytes(20, 7), "ack has the wrong length"},
        {"an offer without a length", frame_of(3, ""), "offer has the wrong length"},
        {"a want with a byte too many", frame_of(4, "0000000000"), "want has the wrong length"},
        {"a chunk without a place", frame_of(5, "000000"), "chunk has the wrong length"},
        {"a chunk beyond the end",
         frame_of(5,
                  "00000001"
                  "00000000"
                  "0102"),
         "a chunk passes the end"},
        {"a chunk that begins beyond the end",
         frame_of(5,
                  "00000001"
                  "00000002"),
         "a chunk passes the end"},
        {"a chunk with little in it",
         frame_of(5,
                  "00010000"
                  "00000000"
                  "0102"),
         "a chunk is too short"},
        {"an unknown refusal", frame_of(8, "0001"), "the reason of a refusal is not known"},
        {"a refusal without a reason", frame_of(8, ""), "the reason of a refusal is not known"},
    };
    for (auto const& row : rows) {
        auto const frame = decode(row.bytes);
        ASSERT_FALSE(frame) << row.what;
        EXPECT_NE(frame.error().text().find(row.says), std::string::npos) << row.what << ": " << frame.error().text();
        EXPECT_EQ(frame.error().code(), "LS10403") << row.what;
    }
    EXPECT_EQ(decode(Bytes(frame_bytes_max + 1, 2)).error().code(), "LS10402");
}

TEST(Protocol, AnyBytesEndInAFrameOrARefusal) {
    auto const chance = make_seeded_chance(7);
    std::size_t good = 0;
    for (int round = 0; round < 20'000; ++round) {
        Bytes bytes(chance->below(120));
        chance->fill(bytes);
        if (!bytes.empty()) bytes[0] = static_cast<std::uint8_t>(chance->below(10));
        auto const frame = decode(bytes);
        if (!frame) continue;
        ++good;
        EXPECT_EQ(encode(*frame), bytes);
    }
    EXPECT_GT(good, 100u);
}

TEST(Protocol, EveryFrameCutShortIsRefusedOrShorter) {
    for (auto const& frame :
         std::vector<Frame>{HelloFrame{1, "ab12/node1"}, OfferFrame{hash, 9}, WantFrame{hash, 9}, AckFrame{hash},
                            HaveNotFrame{hash}, RefuseFrame{hash, RefuseCode::damaged}}) {
        auto const bytes = encode(frame);
        for (std::size_t length = 0; length < bytes.size(); ++length)
            EXPECT_FALSE(decode(BytesView(bytes).first(length))) << name_of(frame) << " of " << length;
    }
}

}  // namespace
}  // namespace lockstep::swarm
