// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Blobs that are not here yet (firefly-core.md 8.7): what needs one waits for it, with its own contexts alone.
#include <algorithm>

#include "blobs/table.hpp"
#include "registry/groups.hpp"
#include "registry/registry.hpp"
#include "sequencer/detail/work.hpp"

namespace lockstep::sequencer {

// Of the message's data, which came with it or stands in the table.
std::vector<Hash> Sequencer::missing_blobs(Work& work, const Message& message, const std::vector<Data>* data) {
    std::vector<Hash> out;
    for (auto const& ref : message.data) {
        std::optional<BlobRef> blob;
        if (data) {
            auto const item =
                std::find_if(data->begin(), data->end(), [&](auto const& one) { return one.id == ref.id; });
            if (item != data->end()) blob = item->blob;
        } else if (auto const item = messaging::find_data(work.tx, profile_.ns, ref)) {
            blob = item->blob;
        }
        if (blob && !blobs::has(work.tx, profile_.ns, blob->hash)) out.push_back(blob->hash);
    }
    return out;
}

// Who may be asked for the blobs of a group's message: its other nodes. Everybody, for a broadcast.
std::vector<std::string> Sequencer::holders(Work& work, const std::optional<Group>& group) {
    std::vector<std::string> out;
    if (!group) return out;
    auto const did = registry::did_of(registry::IdentityType::node, profile_.node_name);
    auto const node = registry::find_identity_by_did(work.tx, profile_.ns, did);
    for (auto& one : registry::nodes_of(work.tx, profile_.ns, *group, node ? node->id : Uuid{}))
        out.push_back(std::move(one.peer));
    if (out.empty()) out.push_back("nobody");  // no names would mean everybody, who is not to hear of it
    return out;
}

void Sequencer::await_blobs(Work& work, const Message& message, std::int64_t seq, const std::vector<Hash>& missing) {
    std::optional<Group> group;
    if (message.header.group) {
        if (auto known = registry::find_group(work.tx, profile_.ns, *message.header.group))
            group = std::move(known->group);
    }
    auto const peers = holders(work, group);
    for (auto const& hash : missing) {
        WantedBlob const wanted{hash, peers};
        blob_waits_.put_message(work.tx, wanted, seq);
        work.out.wanted_blobs.push_back(wanted);
    }
}

// True when nothing is missing; otherwise the document stays staged until it has come.
bool Sequencer::has_blobs_of(Work& work, const ArrivedPrivate& arrived) {
    auto const& batch = arrived.document.batch;
    std::vector<Hash> missing;
    for (auto const& data : batch.data) {
        if (data.blob && !blobs::has(work.tx, profile_.ns, data.blob->hash)) missing.push_back(data.blob->hash);
    }
    if (missing.empty()) return true;
    auto const peers = holders(work, arrived.document.group);
    for (auto const& hash : missing) {
        WantedBlob const wanted{hash, peers};
        blob_waits_.put_document(work.tx, wanted, arrived.payload);
        work.out.wanted_blobs.push_back(wanted);
    }
    return false;
}

void Sequencer::take_blob(Work& work, const Hash& blob) {
    auto const documents = blob_waits_.documents_of(work.tx, blob);
    blob_waits_.drop(work.tx, blob);
    for (auto const& payload : documents) take_payload(work, payload);
    work.found.emplace(WaitFor::blob, blob.text());
}

}  // namespace lockstep::sequencer
