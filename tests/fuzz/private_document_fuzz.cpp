// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a group's members send one another, on any bytes: no crash, and what is accepted is written and accepted again,
// to the byte. Random bytes never hit a SHA-256, so the input is also tried with its hashes put right.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/must.hpp"
#include "core/detail/batch_reader.hpp"
#include "core/group.hpp"
#include "core/json.hpp"
#include "core/sha256.hpp"

namespace {

using namespace lockstep;

void check(std::string_view text) {
    const auto document = parse_private_document(text);
    if (!document) return;
    MUST(document->batch.group, "a private batch has a group");
    MUST(!document->group || document->group->hash == *document->batch.group, "the group is the batch's");
    const std::string written = private_document_json(*document);
    const auto again = parse_private_document(written);
    // A batch under the payload hash of old releases does not keep what that hash covers.
    if (!again) {
        MUST(sha256(manifest_json(document->batch)) != document->batch.hash,
             "what is accepted by its manifest stays accepted");
        return;
    }
    MUST(private_document_json(*again) == written, "reading and writing settle at once");
}

void check_group(std::string_view text) {
    const auto group = parse_group(text);
    if (!group) return;
    const auto again = parse_group(group_json(*group));
    MUST(again && again->hash == group->hash, "a group that is accepted stays accepted");
    MUST(group->members.size() <= group_members_max, "a group stays within its limit");
    for (const auto& member : group->members) MUST(group->member(member.identity), "who is in it is found by name");
}

Group read_loosely(json::Value value) {
    Group group;
    group.namespace_ = value["namespace"].as_string().value_or("");
    group.name = value["name"].as_string().value_or("");
    for (const auto member : value["members"].elements()) {
        const auto node = Uuid::parse(member["node"].as_string().value_or(""));
        group.members.push_back({member["identity"].as_string().value_or(""), node.value_or(Uuid{})});
    }
    seal(group);
    return group;
}

void put_right(PrivateDocument& document) {
    auto& batch = document.batch;
    if (document.group) batch.group = document.group->hash;
    for (Data& item : batch.data) {
        const auto blob = item.blob ? std::optional(item.blob->hash) : std::nullopt;
        const auto hash = data_hash(item.value, blob);
        if (!hash) continue;
        for (Message& message : batch.messages) {
            for (DataRef& ref : message.data) {
                if (ref.id == item.id) ref.hash = *hash;
            }
        }
        item.hash = *hash;
    }
    for (Message& message : batch.messages) {
        message.header.group = batch.group;
        seal(message);
    }
    batch.hash = sha256(manifest_json(batch));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check(bytes);
    check_group(bytes);
    static_cast<void>(parse_private_pin(bytes));

    const auto text = json::compact(bytes);
    if (!text) return 0;
    const json::Value value(*text);
    const auto group = value["group"];
    if (!group.is_null()) check_group(group_json(read_loosely(group)));
    auto batch = read_batch(value["batch"]);
    if (!batch) return 0;
    PrivateDocument document{std::nullopt, std::move(*batch)};
    if (!group.is_null()) document.group = read_loosely(group);
    put_right(document);
    check(private_document_json(document));
    return 0;
}
