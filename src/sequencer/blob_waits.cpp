// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "sequencer/blob_waits.hpp"

#include <algorithm>

namespace lockstep::sequencer {

namespace {

std::string join_peers(const std::vector<std::string>& peers) {
    std::string out;
    for (auto const& peer : peers) out += (out.empty() ? "" : "\n") + peer;
    return out;
}

std::vector<std::string> split_peers(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

constexpr std::string_view put_row =
    "INSERT INTO blob_waits (ns, blob, message, payload, peers) VALUES (?1, ?2, ?3, ?4, ?5)"
    " ON CONFLICT (ns, blob, message, payload) DO NOTHING";

}  // namespace

void BlobWaits::put_message(store::Transaction& tx, const WantedBlob& blob, std::int64_t message_seq) const {
    auto const peers = join_peers(blob.peers);
    tx.run(put_row, ns_, blob.hash, message_seq, Bytes{}, peers);
}

void BlobWaits::put_document(store::Transaction& tx, const WantedBlob& blob, const Hash& payload) const {
    auto const peers = join_peers(blob.peers);
    tx.run(put_row, ns_, blob.hash, 0, payload, peers);
}

std::vector<Hash> BlobWaits::documents_of(store::Session& session, const Hash& blob) const {
    std::vector<Hash> out;
    for (auto& row :
         session.query("SELECT payload FROM blob_waits WHERE ns = ?1 AND blob = ?2 AND message = 0", ns_, blob))
        out.push_back(row.hash(0));
    return out;
}

void BlobWaits::drop(store::Transaction& tx, const Hash& blob) const {
    tx.run("DELETE FROM blob_waits WHERE ns = ?1 AND blob = ?2", ns_, blob);
}

std::vector<std::pair<Hash, Hash>> BlobWaits::documents(store::Session& session, std::size_t most) const {
    std::vector<std::pair<Hash, Hash>> out;
    for (auto& row : session.query("SELECT blob, payload FROM blob_waits WHERE ns = ?1 AND message = 0 LIMIT ?2", ns_,
                                   static_cast<std::int64_t>(most)))
        out.emplace_back(row.hash(0), row.hash(1));
    return out;
}

std::vector<WantedBlob> BlobWaits::all(store::Session& session) const {
    std::vector<WantedBlob> out;
    for (auto& row : session.query("SELECT blob, peers FROM blob_waits WHERE ns = ?1", ns_))
        out.push_back({row.hash(0), split_peers(row.text(1))});
    return out;
}

}  // namespace lockstep::sequencer
