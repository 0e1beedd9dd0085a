// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "registry/groups.hpp"

#include <algorithm>
#include <set>

#include "core/json.hpp"
#include "core/names.hpp"
#include "registry/errors.hpp"

namespace lockstep::registry {

namespace {

constexpr int parents_max = 100;

Result<Identity> resolve_node(store::Session& session, NamespaceId ns, const std::string& lookup) {
    std::optional<Identity> found;
    if (lookup.starts_with("did:")) {
        found = find_identity_by_did(session, ns, lookup);
    } else if (auto const id = Uuid::parse(lookup)) {
        found = find_identity(session, ns, *id);
    } else {
        found = find_identity_by_did(session, ns, did_of(IdentityType::node, lookup));
    }
    if (!found || found->type != IdentityType::node) return refuse(errors::node_not_found, {{"node", lookup}});
    return std::move(*found);
}

std::optional<Identity> parent_of(store::Session& session, NamespaceId ns, const Identity& identity) {
    if (!identity.parent) return std::nullopt;
    return find_identity(session, ns, *identity.parent);
}

bool is_owner(store::Session& session, NamespaceId ns, const Identity& member, const Identity& node) {
    std::optional<Identity> owner = member;
    for (auto i = 0; owner && i < parents_max; ++i) {
        if (node.parent == owner->id) return true;
        owner = parent_of(session, ns, *owner);
    }
    return false;
}

Error not_owned(const Identity& node, const Identity& member) {
    return refuse(errors::node_of_another, {{"node", node.did}, {"member", member.did}});
}

Result<GroupMember> resolve_member(store::Session& session, NamespaceId ns, const GroupInput::Member& input) {
    if (input.node.empty()) {
        TRY(auto const identity, resolve(session, ns, input.identity));
        auto const node = node_of(session, ns, identity);
        if (!node) return refuse(errors::organisation_without_node, {{"organisation", identity.did}});
        return GroupMember{identity.did, node->id};
    }
    TRY(auto const node, resolve_node(session, ns, input.node));
    if (input.identity.empty()) {
        auto const owner = parent_of(session, ns, node);
        if (!owner) return refuse(errors::identity_not_resolved, {{"identity", node.did}});
        return GroupMember{owner->did, node.id};
    }
    TRY(auto const identity, resolve(session, ns, input.identity));
    if (!is_owner(session, ns, identity, node)) return not_owned(node, identity);
    return GroupMember{identity.did, node.id};
}

}  // namespace

const std::string group_columns = "seq, hash, namespace, name, members, created, message";

GroupRow group_row(const store::Statement& row) {
    GroupRow out;
    out.seq = row.integer(0);
    auto& group = out.group;
    group.hash = row.hash(1);
    group.namespace_ = row.string(2);
    group.name = row.string(3);
    auto const members = row.string(4);
    for (auto const member : json::Value(members).elements()) {
        auto const [identity, node] = member.pick("identity", "node");
        auto const id = Uuid::parse(node.as_string().value_or(""));
        group.members.push_back(
            {identity.as_string().value_or(""), store::meaning(id, "a member of a group", member.text())});
    }
    group.created = row.time(5);
    out.message = row.uuid_or_null(6);
    return out;
}

std::optional<GroupRow> find_group(store::Session& session, NamespaceId ns, const Hash& hash) {
    auto rows = session.query("SELECT " + group_columns + " FROM groups WHERE ns = ?1 AND hash = ?2", ns, hash);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return group_row(*row);
}

void insert(store::Transaction& tx, NamespaceId ns, const GroupRow& row) {
    auto const& group = row.group;
    json::Writer members;
    members.begin_array();
    for (auto const& member : group.members)
        members.begin_object().field("identity", member.identity).quoted("node", member.node).end_object();
    members.end_array();
    tx.run(
        "INSERT INTO groups (ns, hash, namespace, name, members, created, message)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (ns, hash) DO NOTHING",
        ns, group.hash, group.namespace_, group.name, members.text(), group.created, row.message);
}

std::string group_row_json(const GroupRow& row, std::string_view namespace_name) {
    auto const& group = row.group;
    json::Writer writer;
    writer.begin_object()
        .field_if("namespace", group.namespace_)
        .field("name", group.name)
        .key("members")
        .begin_array();
    for (auto const& member : group.members)
        writer.begin_object().field("identity", member.identity).quoted("node", member.node).end_object();
    writer.end_array().field("localNamespace", namespace_name);
    if (row.message) writer.quoted("message", *row.message);
    writer.quoted("hash", group.hash).quoted("created", group.created).end_object();
    return writer.take();
}

std::optional<Identity> node_of(store::Session& session, NamespaceId ns, const Identity& identity) {
    auto const all = nodes(session, ns);
    std::optional<Identity> owner = identity;
    for (auto i = 0; owner && i < parents_max; ++i) {
        for (auto const& node : all) {
            if (node.parent == owner->id) return node;
        }
        owner = parent_of(session, ns, *owner);
    }
    return std::nullopt;
}

Result<Group> resolve_group(store::Session& session,
                            NamespaceId ns,
                            std::string_view network_namespace,
                            std::string_view local_org_did,
                            std::string_view local_node_did,
                            const GroupInput& input,
                            Time now) {
    if (!input.name.empty()) TRY_VOID(check_name(input.name, "group.name"));
    if (input.members.empty()) return refuse(errors::group_without_members);
    if (input.members.size() >= group_members_max) {
        auto const count = std::to_string(input.members.size());
        auto const limit = std::to_string(group_members_max - 1);
        return refuse(errors::too_many_group_members, {{"count", count}, {"limit", limit}});
    }
    auto const local_node = find_identity_by_did(session, ns, local_node_did);
    if (!local_node) return refuse(errors::local_node_unknown);
    Group group;
    group.namespace_ = network_namespace;
    group.name = input.name;
    group.created = now;
    auto has_us = false;
    for (auto const& wished : input.members) {
        TRY(auto member, resolve_member(session, ns, wished));
        has_us = has_us || member.node == local_node->id;
        group.members.push_back(std::move(member));
    }
    if (!has_us) group.members.push_back({std::string(local_org_did), local_node->id});
    std::sort(group.members.begin(), group.members.end());
    group.members.erase(std::unique(group.members.begin(), group.members.end()), group.members.end());
    seal(group);
    return group;
}

GroupVerdict judge_members(store::Session& session, NamespaceId ns, const Group& group) {
    using Kind = GroupVerdict::Kind;
    for (auto const& member : group.members) {
        auto const identity = find_identity_by_did(session, ns, member.identity);
        if (!identity) return {Kind::waits, "", member.identity};
        auto const node = find_identity(session, ns, member.node);
        if (!node) return {Kind::waits, "", member.node.text()};
        if (node->type != IdentityType::node || !is_owner(session, ns, *identity, *node))
            return {Kind::bad, not_owned(*node, *identity).message(), ""};
    }
    return {};
}

std::vector<GroupNode> nodes_of(store::Session& session, NamespaceId ns, const Group& group, const Uuid& but) {
    std::set<Uuid> seen{but};
    std::vector<GroupNode> out;
    for (auto const& member : group.members) {
        if (!seen.insert(member.node).second) continue;
        auto const node = find_identity(session, ns, member.node);
        if (!node) continue;
        if (auto peer = json::Value{node->profile}["id"].as_string()) out.push_back({node->id, std::move(*peer)});
    }
    return out;
}

}  // namespace lockstep::registry
