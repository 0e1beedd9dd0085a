// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/statement_cache.hpp"

#include <cstdint>

namespace lockstep::store::detail {

SqliteStatement& StatementCache::get(std::string_view sql) {
    // Literals lie close together; the multiplication spreads them.
    auto const address = reinterpret_cast<std::uintptr_t>(sql.data());
    auto& guess = guesses_[(address * 0x9e3779b97f4a7c15U) >> 56];
    if (guess && guess->sql() == sql) return *guess;
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
        auto made = std::make_unique<SqliteStatement>(home_, sql);
        auto const key = made->sql();
        found = statements_.emplace(key, std::move(made)).first;
    }
    guess = found->second.get();
    return *guess;
}

void StatementCache::trim() {
    if (statements_.size() > statements_max) clear();
}

void StatementCache::reset_all() {
    for (auto& [sql, statement] : statements_) statement->reset();
}

void StatementCache::clear() {
    guesses_.fill(nullptr);
    statements_.clear();
}

}  // namespace lockstep::store::detail
