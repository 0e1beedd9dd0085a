// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Groups as rows, and who is meant by their members (firefly-core.md 3.4, 9, 18.8). A group is named by the hash
// of what it is, so it never changes; who knows it can be told apart from who is in it by nobody else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/group.hpp"
#include "registry/registry.hpp"

namespace lockstep::registry {

struct GroupRow {
    std::int64_t seq = 0;
    Group group;
    std::optional<Uuid> message;  // that defined it; none for one that came with an unpinned message
};

// What an application says: organisations by name, DID or id, nodes by DID, id or name.
struct GroupInput {
    struct Member {
        std::string identity, node;  // one of them may be empty
    };
    std::string name;
    std::vector<Member> members;
};

std::optional<GroupRow> find_group(store::Session& session, NamespaceId ns, const Hash& hash);
// Unless it is there.
void insert(store::Transaction& tx, NamespaceId ns, const GroupRow& row);

extern const std::string group_columns;
GroupRow group_row(const store::Statement& row);
std::string group_row_json(const GroupRow& row, std::string_view namespace_name);

// The node that an organisation is reached at: its own first, else that of the nearest parent.
std::optional<Identity> node_of(store::Session& session, NamespaceId ns, const Identity& identity);

// The group of these members and of the local organisation and node, sealed. FF00115 without a member, FF10277 for an
// identity and FF10224 for a node that is not there, FF10233 for an organisation without a node, FF10422 for a node of
// somebody else, FF10225 and FF10281 when this member is not registered.
Result<Group> resolve_group(store::Session& session,
                            NamespaceId ns,
                            std::string_view network_namespace,
                            std::string_view local_org_did,
                            std::string_view local_node_did,
                            const GroupInput& input,
                            Time now);

// Whether each node belongs to its member or to a parent of it. What is not known yet may be: `missing` names it, a
// DID or an id.
struct GroupVerdict {
    enum class Kind { good, bad, waits } kind = Kind::good;
    std::string reason, missing;
};
GroupVerdict judge_members(store::Session& session, NamespaceId ns, const Group& group);

// The nodes of a group, each once, without `but`; `peer` is what who carries documents knows them by.
struct GroupNode {
    Uuid id;
    std::string peer;
};
std::vector<GroupNode> nodes_of(store::Session& session, NamespaceId ns, const Group& group, const Uuid& but);

}  // namespace lockstep::registry
