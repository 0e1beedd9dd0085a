// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "sequencer/unpinned_waits.hpp"

namespace lockstep::sequencer {

void UnpinnedWaits::put(store::Transaction& tx, std::string_view missing, const Hash& payload) const {
    tx.run(
        "INSERT INTO unpinned_waits (ns, missing, payload) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (ns, missing, payload) DO NOTHING",
        ns_, missing, payload);
}

std::vector<Hash> UnpinnedWaits::take(store::Transaction& tx, std::string_view missing) const {
    std::vector<Hash> out;
    for (auto& row : tx.query("SELECT payload FROM unpinned_waits WHERE ns = ?1 AND missing = ?2", ns_, missing))
        out.push_back(row.hash(0));
    if (!out.empty()) tx.run("DELETE FROM unpinned_waits WHERE ns = ?1 AND missing = ?2", ns_, missing);
    return out;
}

std::vector<UnpinnedWait> UnpinnedWaits::all(store::Session& session, std::size_t most) const {
    std::vector<UnpinnedWait> out;
    for (auto& row : session.query("SELECT missing, payload FROM unpinned_waits WHERE ns = ?1 LIMIT ?2", ns_,
                                   static_cast<std::int64_t>(most)))
        out.push_back({row.string(0), row.hash(1)});
    return out;
}

}  // namespace lockstep::sequencer
