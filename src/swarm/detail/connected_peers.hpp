// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// ConnectedPeers: who is connected, for the writer's thread: a batch that is sealed is queued for those. The
// logic thread changes it; readers get a list that never changes.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lockstep::swarm {

class ConnectedPeers {
  public:
    using List = std::shared_ptr<const std::vector<std::string>>;

    List list() const {
        std::lock_guard const lock(mutex_);
        return list_;
    }
    void add(const std::string& peer) {
        auto next = *list();
        next.insert(std::lower_bound(next.begin(), next.end(), peer), peer);
        put(std::move(next));
    }
    void remove(const std::string& peer) {
        auto next = *list();
        std::erase(next, peer);
        put(std::move(next));
    }

  private:
    void put(std::vector<std::string> next) {
        auto list = std::make_shared<const std::vector<std::string>>(std::move(next));
        std::lock_guard const lock(mutex_);
        list_.swap(list);
    }

    mutable std::mutex mutex_;
    List list_ = std::make_shared<const std::vector<std::string>>();
};

}  // namespace lockstep::swarm
