// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/durables.hpp"

#include <algorithm>

#include "base/logging.hpp"
#include "base/must.hpp"

namespace lockstep::delivery {

const Durable* Durables::find(const Uuid& id) const {
    auto const found = durables_.find(id);
    return found == durables_.end() ? nullptr : &found->second;
}

const Durable* Durables::find_by_name(std::string_view name) const {
    auto const found = names_.find(name);
    return found == names_.end() ? nullptr : find(found->second);
}

std::shared_ptr<const Filter> Durables::filter_of(const Uuid& id) {
    auto const found = durables_.find(id);
    if (found == durables_.end()) return nullptr;
    auto& durable = found->second;
    if (durable.filter) return durable.filter;
    auto const input = parse_filter(json::Value{durable.row.filter});
    auto filter = input ? shelf_.get(*input) : Result<std::shared_ptr<const Filter>>(input.error());
    if (filter) return durable.filter = *filter;
    logging::error("subscription not served", {{"sub", durable.row.name}, {"error", filter.error().message()}});
    return nullptr;
}

void Durables::add(Durable durable) {
    auto const name = durable.row.name;
    auto const id = durable.row.id;
    names_.insert_or_assign(name, id);
    durables_.insert_or_assign(id, std::move(durable));
    serve(name);
}

void Durables::change(SubscriptionRow row, std::shared_ptr<const Filter> filter) {
    auto const found = durables_.find(row.id);
    MUST(found != durables_.end(), "a subscription is changed only while it exists");
    auto const line = lines_.find(row.name);
    if (line != lines_.end()) line->second.front()->stop();
    auto const name = row.name;
    found->second.row = std::move(row);
    found->second.filter = std::move(filter);
    serve(name);
}

void Durables::remove(const Uuid& id) {
    auto const found = durables_.find(id);
    if (found == durables_.end()) return;
    auto const name = found->second.row.name;
    auto const line = lines_.find(name);
    if (line != lines_.end()) line->second.front()->stop();
    durables_.erase(found);
    names_.erase(name);
    offsets_.forget(id);
}

void Durables::serve(const std::string& name) {
    auto const line = lines_.find(name);
    auto const id = names_.find(name);
    if (line == lines_.end() || id == names_.end() || !filter_of(id->second)) return;
    line->second.front()->serve(durables_.at(id->second));
}

void Durables::join(const std::string& name, Candidate& candidate) {
    auto& line = lines_[name];
    line.push_back(&candidate);
    if (line.size() == 1) serve(name);
}

void Durables::leave(const std::string& name, Candidate& candidate) {
    auto const found = lines_.find(name);
    MUST(found != lines_.end(), "who leaves has joined");
    auto& line = found->second;
    auto const served = line.front() == &candidate;
    if (served) candidate.stop();
    line.remove(&candidate);
    if (line.empty()) {
        lines_.erase(found);
    } else if (served) {
        serve(name);
    }
}

void Durables::moved(const Uuid& id, Offset position, bool acknowledged) {
    auto const found = durables_.find(id);
    if (found == durables_.end()) return;
    found->second.position = std::max(found->second.position, position);
    offsets_.note(id, position, acknowledged);
}

}  // namespace lockstep::delivery
