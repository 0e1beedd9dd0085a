// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Groups, and what travels to their members: private batches with, where needed, the group they are for
// (firefly-core.md 2.8, 3.4, 5.4, 18.8). Byte-exact, as message.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/message.hpp"

namespace lockstep {

inline constexpr std::string_view group_tag = "ff_define_group";
inline constexpr std::size_t group_members_max = 1000;

struct GroupMember {
    std::string identity;  // DID
    Uuid node;
    friend bool operator==(const GroupMember&, const GroupMember&) = default;
    friend auto operator<=>(const GroupMember&, const GroupMember&) = default;
};

struct Group {
    std::string namespace_;  // the network's
    std::string name;        // may be empty
    std::vector<GroupMember> members;
    Hash hash;  // of the three above
    Time created;

    // The entry of that identity; none when it is no member.
    const GroupMember* member(std::string_view identity) const;
};

// Sorts the members and fills `hash`. No identity may be there twice on one node.
void seal(Group& group);
std::string group_hash_json(const Group& group);
// The value of a group's definition message, and what travels beside an unpinned batch.
std::string group_json(const Group& group);
// Shapes, the name, 1 to group_members_max members without repetition, and the hash: LS10110 otherwise.
Result<Group> parse_group(std::string_view text);

// What is sent to a group's members: the batch, and the group where they may not know it.
struct PrivateDocument {
    std::optional<Group> group;
    Batch batch;
};
std::string private_document_json(const PrivateDocument& document);
// As parse_batch(); the batch is private and its group, when given, is the batch's.
Result<PrivateDocument> parse_private_document(std::string_view document);

// One pin of a private message as it is written: "<64 hex>:<16 digits>" (2.9).
struct PrivatePin {
    Hash hash;
    std::uint64_t nonce = 0;
};
std::string text_of(const PrivatePin& pin);
std::optional<PrivatePin> parse_private_pin(std::string_view text);

}  // namespace lockstep
