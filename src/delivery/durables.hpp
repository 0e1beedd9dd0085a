// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Durables: the durable subscriptions of a namespace in memory, and who serves each. For every name and
// transport there is a line of candidates, also before the subscription exists; the first in line serves, the
// others stand by. What is here is what the database says: it changes only after a commit.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "delivery/offsets.hpp"
#include "delivery/subscription.hpp"

namespace lockstep::delivery {

struct Durable {
    SubscriptionRow row;
    std::shared_ptr<const Filter> filter;  // compiled when it is first needed
    Offset position;                       // may be ahead of what is written
};

class Candidate {
  public:
    virtual ~Candidate() = default;
    // It serves subscriptions of this one alone.
    virtual Transport transport() const = 0;
    // Deliver what comes after the position.
    virtual void serve(const Durable& durable) = 0;
    // It was changed or deleted: what is under way is taken back.
    virtual void stop() = 0;
};

class Durables {
  public:
    Durables(FilterShelf& shelf, Offsets& offsets) : shelf_(shelf), offsets_(offsets) {}

    const Durable* find(const Uuid& id) const;
    const Durable* find_by_name(std::string_view name) const;
    // Null when a stored filter does not compile any more; that is logged.
    std::shared_ptr<const Filter> filter_of(const Uuid& id);

    template <class Look>
    void each(Look look) const {
        for (auto const& [id, durable] : durables_) look(durable);
    }

    void add(Durable durable);
    // Keeps the position.
    void change(SubscriptionRow row, std::shared_ptr<const Filter> filter);
    void remove(const Uuid& id);

    // The candidate must leave before it goes.
    void join(const std::string& name, Candidate& candidate);
    void leave(const std::string& name, Candidate& candidate);
    // To whoever serves it: stop, and begin at the position.
    void serve_anew(const Uuid& id);
    void moved(const Uuid& id, Offset position, bool acknowledged);

  private:
    using Line = std::list<Candidate*>;
    Line* line_of(Transport transport, const std::string& name);
    void serve(const std::string& name);

    FilterShelf& shelf_;
    Offsets& offsets_;
    std::map<Uuid, Durable> durables_;
    std::map<std::string, Uuid, std::less<>> names_;
    std::map<std::pair<Transport, std::string>, Line> lines_;  // none is empty
};

}  // namespace lockstep::delivery
