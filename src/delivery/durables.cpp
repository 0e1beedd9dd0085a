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
    auto const name = row.name;
    if (auto* const line = line_of(found->second.row.transport, name)) line->front()->stop();
    found->second.row = std::move(row);
    found->second.filter = std::move(filter);
    serve(name);
}

void Durables::remove(const Uuid& id) {
    auto const found = durables_.find(id);
    if (found == durables_.end()) return;
    auto const name = found->second.row.name;
    if (auto* const line = line_of(found->second.row.transport, name)) line->front()->stop();
    durables_.erase(found);
    names_.erase(name);
    offsets_.forget(id);
}

Durables::Line* Durables::line_of(Transport transport, const std::string& name) {
    auto const found = lines_.find({transport, name});
    return found == lines_.end() ? nullptr : &found->second;
}

void Durables::serve(const std::string& name) {
    auto const id = names_.find(name);
    if (id == names_.end()) return;
    auto* const line = line_of(durables_.at(id->second).row.transport, name);
    if (!line || !filter_of(id->second)) return;
    line->front()->serve(durables_.at(id->second));
}

void Durables::serve_anew(const Uuid& id) {
    auto const found = durables_.find(id);
    if (found == durables_.end()) return;
    auto const name = found->second.row.name;
    if (auto* const line = line_of(found->second.row.transport, name)) line->front()->stop();
    serve(name);
}

void Durables::join(const std::string& name, Candidate& candidate) {
    auto& line = lines_[{candidate.transport(), name}];
    line.push_back(&candidate);
    auto const* durable = find_by_name(name);
    if (line.size() == 1 && durable && durable->row.transport == candidate.transport()) serve(name);
}

void Durables::leave(const std::string& name, Candidate& candidate) {
    auto const found = lines_.find({candidate.transport(), name});
    MUST(found != lines_.end(), "who leaves has joined");
    auto& line = found->second;
    auto const served = line.front() == &candidate;
    if (served) candidate.stop();
    line.remove(&candidate);
    auto const* durable = find_by_name(name);
    if (line.empty()) {
        lines_.erase(found);
    } else if (served && durable && durable->row.transport == candidate.transport()) {
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
