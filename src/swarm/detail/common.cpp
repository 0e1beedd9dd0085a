// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/common.hpp"

#include "base/logging.hpp"
#include "core/sha256.hpp"
#include "swarm/detail/staging.hpp"

namespace lockstep::swarm {

Task<Document> find_document(Common& common, Hash hash) {
    if (auto document = common.cache.find(hash)) co_return document;
    auto read = [ns = common.ns, &source = common.source, hash](store::Snapshot& snapshot) -> Document {
        if (auto const staged = Exchange::staged(snapshot, ns, hash))
            return std::make_shared<const std::string>(as_text(*staged));
        auto rebuilt = source(snapshot, hash);
        if (!rebuilt) return nullptr;
        if (sha256(*rebuilt) != hash) {
            logging::error("a payload cannot be rebuilt as it was", {{"payload", hash.text()}});
            return nullptr;
        }
        return std::make_shared<const std::string>(std::move(*rebuilt));
    };
    auto document = co_await common.database.read(std::move(read));
    if (document) common.cache.put(hash, document);
    co_return document;
}

Task<Receiver::Found> look(Common& common, std::string peer, Receiver::Look look) {
    auto const asked = common.pulls.wants(look.hash);
    auto read = [ns = common.ns, &source = common.source, limit = common.options.staged_bytes_max,
                 peer = std::move(peer), look, asked](store::Snapshot& snapshot) {
        if (is_staged(snapshot, ns, look.hash)) return Receiver::Found::here;
        if (asked) return Receiver::Found::missing;
        if (source(snapshot, look.hash)) return Receiver::Found::here;
        auto const fits = unasked_bytes(snapshot, ns, peer) + look.size + row_bytes <= limit;
        return fits ? Receiver::Found::missing : Receiver::Found::no_room;
    };
    co_return co_await common.database.read(std::move(read));
}

Task<bool> keep(Common& common, Hash hash, Bytes document, std::string peer) {
    Arrival arrival{hash, std::move(document), std::move(peer), common.pulls.wants(hash), common.clock.now()};
    auto write = [&inbox = common.inbox, arrival = std::move(arrival)](store::Transaction& tx) {
        return stage(tx, inbox, arrival);
    };
    auto const kept = co_await common.database.write(std::move(write));
    common.inbox.tap().ring();
    common.pulls.arrived(hash);
    common.pulls_changed.ring();
    co_return kept;
}

}  // namespace lockstep::swarm
