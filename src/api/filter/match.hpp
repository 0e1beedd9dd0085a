// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A Query carried out on rows in memory, for collections that are no tables: events and pins. Select takes
// the matching rows of a scan one by one and keeps those of the page; only the page, and what is skipped
// before it, is held.
#pragma once

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "api/filter/query.hpp"

namespace lockstep::api::filter {

// Null is larger than everything, so that it is last in ascending order. Both of one kind, or null.
int compare(const Value& a, const Value& b);

bool matches(const Condition& condition, const Value& value);

// `read(field)` gives the value of a field of the row.
template <class Read>
bool matches(const Query& query, const Read& read) {
    for (auto const& group : query.groups) {
        auto const value = read(group.conditions.front().field);
        auto const holds = [&](const Condition& condition) { return matches(condition, value); };
        auto const& all = group.conditions;
        if (group.all ? !std::all_of(all.begin(), all.end(), holds) : !std::any_of(all.begin(), all.end(), holds))
            return false;
    }
    return true;
}

// The values that order a row, most significant first.
std::strong_ordering compare_keys(const std::vector<SortKey>& sort,
                                  const std::vector<Value>& a,
                                  const std::vector<Value>& b);

// Rows arrive in the collection's own order, which also decides between rows that sort alike.
template <class Row>
class Select {
  public:
    explicit Select(const Query& query) : query_(query) {}

    // A row that matches.
    template <class Read>
    void add(Row row, const Read& read) {
        ++total_;
        if (query_.sort.empty()) {
            if (total_ > query_.skip && rows_.size() < query_.limit) rows_.push_back({{}, std::move(row)});
            return;
        }
        Entry entry{{}, std::move(row)};
        for (auto const& key : query_.sort) entry.keys.push_back(read(key.field));
        auto const place = std::upper_bound(rows_.begin(), rows_.end(), entry, [&](const Entry& a, const Entry& b) {
            return compare_keys(query_.sort, a.keys, b.keys) < 0;
        });
        rows_.insert(place, std::move(entry));
        if (rows_.size() > query_.skip + query_.limit) rows_.pop_back();
    }

    // Nothing that is added from now on can change the answer.
    bool complete() const { return !query_.count && query_.sort.empty() && rows_.size() >= query_.limit; }
    std::size_t total() const { return total_; }

    std::vector<Row> take() {
        std::vector<Row> page;
        auto const first = query_.sort.empty() ? 0 : std::min(query_.skip, rows_.size());
        for (auto i = first; i < rows_.size(); ++i) page.push_back(std::move(rows_[i].row));
        return page;
    }

  private:
    struct Entry {
        std::vector<Value> keys;
        Row row;
    };
    const Query& query_;
    std::vector<Entry> rows_;
    std::size_t total_ = 0;
};

}  // namespace lockstep::api::filter
