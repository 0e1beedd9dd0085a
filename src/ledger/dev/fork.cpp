// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "ledger/dev/fork.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include "base/must.hpp"

namespace lockstep::ledger::dev {

namespace {

// Mixes the accounts' lines into one. Each entry that is left is equally likely to give its account the turn.
std::vector<Entry> mix(const std::vector<Entry>& entries, Chance& chance) {
    std::map<std::string, std::deque<Entry>> lines;
    std::vector<std::string> turns;  // an account as often as it has entries
    for (auto const& entry : entries) {
        lines[entry.account].push_back(entry);
        turns.push_back(entry.account);
    }
    for (auto i = turns.size(); i > 1; --i) std::swap(turns[i - 1], turns[chance.below(i)]);
    std::vector<Entry> mixed;
    for (auto const& account : turns) {
        mixed.push_back(lines[account].front());
        lines[account].pop_front();
    }
    return mixed;
}

}  // namespace

Dealt deal(const std::vector<Entry>& entries, std::size_t blocks, std::size_t bytes_max, Chance& chance) {
    MUST(blocks > 0, "a fork makes blocks");
    auto const mixed = mix(entries, chance);
    std::vector<std::size_t> ends;  // where each block ends, if it has room for so much
    for (std::size_t i = 0; i + 1 < blocks; ++i) ends.push_back(chance.below(mixed.size() + 1));
    std::sort(ends.begin(), ends.end());
    ends.push_back(mixed.size());

    Dealt dealt;
    std::size_t next = 0;
    for (auto const end : ends) {
        auto& block = dealt.blocks.emplace_back();
        std::size_t bytes = 0;
        for (; next < end; ++next) {
            bytes += mixed[next].bytes + entry_overhead;
            if (!block.empty() && bytes > bytes_max) break;
            block.push_back(mixed[next]);
        }
    }
    dealt.left.assign(mixed.begin() + static_cast<std::ptrdiff_t>(next), mixed.end());
    return dealt;
}

}  // namespace lockstep::ledger::dev
