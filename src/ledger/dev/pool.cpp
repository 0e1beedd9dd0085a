// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "ledger/dev/pool.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <tuple>

#include "base/must.hpp"

namespace lockstep::ledger::dev {

const Pool::Account* Pool::find(const std::string& account) const {
    auto const found = accounts_.find(account);
    return found == accounts_.end() ? nullptr : &found->second;
}

Verdict Pool::judge(const Entry& entry) const {
    static const Account unknown;
    auto const* const known = find(entry.account);
    auto const& account = known ? *known : unknown;
    if (entry.nonce.value < account.included) return Verdict::included;
    auto const found = account.waiting.find(entry.nonce.value);
    if (found != account.waiting.end()) {
        if (found->second.entry.hash != entry.hash) return Verdict::taken;
        return found->second.durable ? Verdict::waiting : Verdict::storing;
    }
    if (entry.nonce.value - account.missing > nonce_gap_max) return Verdict::ahead;
    if (size_ >= entries_max_) return Verdict::full;
    return Verdict::fresh;
}

void Pool::add(Entry entry, bool durable) {
    auto& account = accounts_[entry.account];
    MUST(entry.nonce.value >= account.included, "the nonce was judged");
    auto const nonce = entry.nonce.value;
    auto const added = account.waiting.emplace(nonce, Waiting{std::move(entry), durable}).second;
    MUST(added, "the nonce was judged");
    ++size_;
    while (account.waiting.contains(account.missing)) ++account.missing;
}

void Pool::set_durable(const Entry& entry) {
    auto& account = accounts_[entry.account];
    auto const found = account.waiting.find(entry.nonce.value);
    MUST(found != account.waiting.end(), "what is not durable is never chosen, so it still waits");
    found->second.durable = true;
}

void Pool::drop(const Entry& entry) {
    auto& account = accounts_[entry.account];
    auto const erased = account.waiting.erase(entry.nonce.value);
    MUST(erased == 1, "what is not durable is never chosen, so it still waits");
    --size_;
    account.missing = std::min(account.missing, entry.nonce.value);
}

void Pool::set_included(const std::string& name, LedgerNonce count) {
    auto& account = accounts_[name];
    MUST(account.waiting.empty(), "set while loading, before anything waits");
    account.included = account.missing = count.value;
}

LedgerNonce Pool::included(const std::string& account) const {
    auto const* const known = find(account);
    return LedgerNonce{known ? known->included : 0};
}

LedgerNonce Pool::first_missing(const std::string& account) const {
    auto const* const known = find(account);
    return LedgerNonce{known ? known->missing : 0};
}

bool Pool::ready() const {
    return std::any_of(accounts_.begin(), accounts_.end(), [](const auto& pair) {
        auto const& account = pair.second;
        if (account.waiting.empty()) return false;
        auto const& [nonce, first] = *account.waiting.begin();
        return nonce == account.included && first.durable;
    });
}

std::vector<Entry> Pool::choose(std::size_t bytes_max) const {
    // Of each account the next one in line; the earliest arrival among those goes first.
    using Line = std::map<std::int64_t, Waiting>::const_iterator;
    using Candidate = std::tuple<std::int64_t, Line, const Account*>;
    auto const later = [](const Candidate& a, const Candidate& b) { return std::get<0>(a) > std::get<0>(b); };
    std::priority_queue<Candidate, std::vector<Candidate>, decltype(later)> candidates(later);
    auto const offer = [&candidates](Line line, std::int64_t nonce, const Account& account) {
        if (line == account.waiting.end() || line->first != nonce || !line->second.durable) return;
        candidates.emplace(line->second.entry.arrival, line, &account);
    };
    for (auto const& [name, account] : accounts_) offer(account.waiting.begin(), account.included, account);

    std::vector<Entry> chosen;
    std::size_t bytes = 0;
    while (!candidates.empty()) {
        auto const [arrival, line, account] = candidates.top();
        candidates.pop();
        auto const& entry = line->second.entry;
        bytes += entry.bytes + entry_overhead;
        if (!chosen.empty() && bytes > bytes_max) break;
        chosen.push_back(entry);
        offer(std::next(line), line->first + 1, *account);
    }
    return chosen;
}

void Pool::include(const std::vector<Entry>& chosen) {
    for (auto const& entry : chosen) {
        auto& account = accounts_[entry.account];
        MUST(entry.nonce.value == account.included, "keeps invariant 2");
        account.waiting.erase(entry.nonce.value);
        ++account.included;
        --size_;
    }
}

void Pool::give_back(const std::vector<Entry>& entries) {
    for (auto const& entry : entries) {
        auto& account = accounts_[entry.account];
        account.included = std::min(account.included, entry.nonce.value);
        account.waiting.emplace(entry.nonce.value, Waiting{entry, true});
        ++size_;
    }
}

}  // namespace lockstep::ledger::dev
