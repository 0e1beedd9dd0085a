// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// DocumentCache: the newest documents of this member, so that sending them looks at no table. What it has
// forgotten is rebuilt by the PayloadSource.
#pragma once

#include <deque>
#include <map>

#include "swarm/detail/send_ahead.hpp"

namespace lockstep::swarm {

class DocumentCache {
  public:
    explicit DocumentCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    void put(const Hash& hash, Document document) {
        auto const size = document->size();
        if (size > bytes_max_ || !documents_.try_emplace(hash, std::move(document)).second) return;
        order_.push_back(hash);
        bytes_ += size;
        while (bytes_ > bytes_max_) drop_oldest();
    }
    // Null when it is not here.
    Document find(const Hash& hash) const {
        auto const found = documents_.find(hash);
        return found == documents_.end() ? nullptr : found->second;
    }

  private:
    void drop_oldest() {
        auto const oldest = documents_.find(order_.front());
        order_.pop_front();
        bytes_ -= oldest->second->size();
        documents_.erase(oldest);
    }

    std::size_t bytes_max_;
    std::map<Hash, Document> documents_;
    std::deque<Hash> order_;
    std::size_t bytes_ = 0;
};

}  // namespace lockstep::swarm
