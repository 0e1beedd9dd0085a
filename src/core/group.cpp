// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "core/group.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/detail/canonical.hpp"
#include "core/detail/read_fields.hpp"
#include "core/errors.hpp"
#include "core/json.hpp"
#include "core/names.hpp"
#include "core/sha256.hpp"

namespace lockstep {

namespace {

constexpr std::size_t nonce_digits = 16;

void append_members(std::string& out, const std::vector<GroupMember>& members) {
    append_list(out, members, [](std::string& to, const GroupMember& member) {
        ObjectText object(to);
        object.text_if("identity", member.identity);
        object.quoted_if("node", member.node);
        object.end();
    });
}

Result<GroupMember> read_member(json::Value value, const Place& place) {
    TRY_VOID(check_object(value, place, ""));
    auto const [identity, node] = value.pick("identity", "node");
    GroupMember out;
    TRY(out.identity, read_text(identity, place, "identity"));
    if (out.identity.empty()) return no_batch(place, "identity", "is missing");
    TRY(out.node, read_id(node, place, "node"));
    return out;
}

Result<Group> read_group(json::Value value) {
    Place const place;
    if (value.kind() != json::Kind::object) return no_batch("the group is no JSON object");
    auto const [namespace_, name, members, hash, created] =
        value.pick("namespace", "name", "members", "hash", "created");
    Group out;
    TRY(out.namespace_, read_text(namespace_, place, "group.namespace"));
    TRY(out.name, read_text(name, place, "group.name"));
    if (!out.name.empty() && !check_name(out.name, "group.name")) return no_batch(place, "group.name", "is no name");
    TRY(auto const elements, read_list(members, place, "group.members"));
    if (elements.empty() || elements.size() > group_members_max)
        return no_batch(place, "group.members", "has none or too many");
    for (auto const element : elements) {
        TRY(auto member, read_member(element, Place{"group.members", out.members.size()}));
        out.members.push_back(std::move(member));
    }
    TRY(out.created, read_time(created, place, "group.created"));
    TRY(auto const given, read_hash(hash, place, "group.hash"));
    seal(out);
    if (std::adjacent_find(out.members.begin(), out.members.end()) != out.members.end())
        return no_batch(place, "group.members", "has one twice");
    if (!given || *given != out.hash) return refuse(errors::batch_hash_mismatch, {{"what", "the group"}});
    return out;
}

}  // namespace

const GroupMember* Group::member(std::string_view identity) const {
    auto const found =
        std::find_if(members.begin(), members.end(), [&](auto const& one) { return one.identity == identity; });
    return found == members.end() ? nullptr : &*found;
}

void seal(Group& group) {
    // By identity alone in the original, which leaves the order of one identity's nodes open; then by node.
    std::sort(group.members.begin(), group.members.end());
    group.hash = sha256(group_hash_json(group));
}

std::string group_hash_json(const Group& group) {
    std::string out;
    ObjectText object(out);
    object.text_if("namespace", group.namespace_);
    object.text("name", group.name);
    append_members(object.member("members"), group.members);
    object.end();
    return out;
}

std::string group_json(const Group& group) {
    std::string out;
    ObjectText object(out);
    object.text_if("namespace", group.namespace_);
    object.text("name", group.name);
    append_members(object.member("members"), group.members);
    object.quoted("hash", group.hash);
    object.quoted_if("created", group.created);
    object.end();
    return out;
}

Result<Group> parse_group(std::string_view text) {
    auto const compact = json::compact(text);
    if (!compact) return no_batch(compact.error().text());
    return read_group(json::Value(*compact));
}

namespace {

// firefly-core.md 5.1: in private a blob has neither a path nor a public reference, whatever is known of it here.
bool tells_too_much(const Data& data) {
    return data.blob && (!data.blob->path.empty() || !data.blob->public_ref.empty());
}

std::string private_batch_json(const Batch& batch) {
    if (std::none_of(batch.data.begin(), batch.data.end(), tells_too_much)) return batch_json(batch);
    auto bare = batch;
    for (auto& data : bare.data) {
        if (!data.blob) continue;
        data.blob->path.clear();
        data.blob->public_ref.clear();
    }
    return batch_json(bare);
}

}  // namespace

std::string private_document_json(const PrivateDocument& document) {
    std::string out;
    ObjectText object(out);
    if (document.group) object.member("group") += group_json(*document.group);
    object.member("batch") += private_batch_json(document.batch);
    object.end();
    return out;
}

Result<PrivateDocument> parse_private_document(std::string_view document) {
    auto const text = json::compact(document);
    if (!text) return no_batch(text.error().text());
    json::Value const value(*text);
    auto const [group, batch] = value.pick("group", "batch");
    PrivateDocument out;
    TRY(out.batch, parse_batch(batch.text()));
    if (out.batch.type != BatchType::private_) return no_batch("it is not private");
    if (group.is_null()) return out;
    TRY(out.group, read_group(group));
    if (out.group->hash != *out.batch.group) return no_batch("it is of another group than it brings");
    return out;
}

std::string text_of(const PrivatePin& pin) { return fmt::format("{}:{:016}", pin.hash.text(), pin.nonce); }

std::optional<PrivatePin> parse_private_pin(std::string_view text) {
    auto const colon = text.find(':');
    if (colon == std::string_view::npos || text.size() != colon + 1 + nonce_digits) return std::nullopt;
    auto const hash = Hash::parse(text.substr(0, colon));
    PrivatePin out;
    auto const digits = text.substr(colon + 1);
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.nonce);
    if (!hash || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    out.hash = *hash;
    return out;
}

}  // namespace lockstep
