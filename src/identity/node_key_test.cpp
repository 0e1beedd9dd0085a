// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "identity/node_key.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace lockstep::identity {
namespace {

NodeId counting_up() {
    NodeId id;
    std::iota(id.bytes.begin(), id.bytes.end(), std::uint8_t{1});
    return id;
}

TEST(NodeId, the_known_bytes_have_their_known_text) {
    EXPECT_EQ(counting_up().text(), ".E61/.I4/kU70UgA1EsD2/2G2lEJ3VQM4FcP5/oS5m.");
    EXPECT_EQ(NodeId{}.text(), std::string(43, '.'));
}

TEST(NodeId, a_text_parses_to_its_bytes) {
    EXPECT_EQ(NodeId::parse(".E61/.I4/kU70UgA1EsD2/2G2lEJ3VQM4FcP5/oS5m."), counting_up());
    auto const chance = make_seeded_chance(3);
    for (int i = 0; i < 100; ++i) {
        NodeId id;
        chance->fill(id.bytes);
        EXPECT_EQ(NodeId::parse(id.text()), id);
    }
}

TEST(NodeId, texts_sort_as_the_bytes_do) {
    auto const chance = make_seeded_chance(4);
    std::vector<NodeId> ids(200);
    for (auto& id : ids) chance->fill(id.bytes);
    std::sort(ids.begin(), ids.end());

    EXPECT_TRUE(
        std::is_sorted(ids.begin(), ids.end(), [](const NodeId& a, const NodeId& b) { return a.text() < b.text(); }));
}

TEST(NodeId, other_lengths_other_characters_and_set_trailing_bits_are_refused) {
    auto const text = counting_up().text();
    EXPECT_FALSE(NodeId::parse(""));
    EXPECT_FALSE(NodeId::parse(text.substr(1)));
    EXPECT_FALSE(NodeId::parse(text + "."));
    EXPECT_FALSE(NodeId::parse("-" + text.substr(1)));
    EXPECT_FALSE(NodeId::parse(text.substr(0, 42) + "/"));
}

TEST(NodeKey, the_public_half_is_that_of_rfc_8032) {
    auto const key = NodeKey::parse("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");

    ASSERT_TRUE(key);
    EXPECT_EQ(to_hex(key->id().bytes), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
}

TEST(NodeKey, the_seed_makes_the_same_key_again) {
    auto const chance = make_seeded_chance(5);
    auto const key = NodeKey::make(*chance);

    auto const again = NodeKey::parse(key.seed_hex());

    ASSERT_TRUE(again);
    EXPECT_EQ(again->id(), key.id());
    EXPECT_NE(NodeKey::make(*chance).id(), key.id());
}

TEST(NodeKey, what_is_no_seed_is_refused) {
    EXPECT_FALSE(NodeKey::parse(""));
    EXPECT_FALSE(NodeKey::parse("00"));
    EXPECT_FALSE(NodeKey::parse(std::string(63, '0') + "x"));
}

}  // namespace
}  // namespace lockstep::identity
