// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/database.hpp"
#include "store/detail/inline.hpp"
#include "store/detail/schema.hpp"
#include "store/detail/threaded.hpp"
#include "store/errors.hpp"

namespace lockstep::store {

Result<std::unique_ptr<Database>> open_database(Database::Options options,
                                                const std::vector<Migrations>& schema,
                                                Executor executor) {
    std::unique_ptr<detail::FileLock> lock;
    if (!options.inline_) {
        TRY(lock, detail::FileLock::take(options.path));
    }
    auto const probe = std::make_shared<detail::DiskProbe>(options.on_fatal);
    detail::Connection::Options const like{.path = options.path,
                                           .vfs = options.vfs,
                                           .cache_bytes = options.cache_bytes,
                                           .exclusive = options.inline_,
                                           .probe = probe};
    try {
        auto connection = std::make_unique<detail::Connection>(like);
        TRY_VOID(detail::adopt_file(*connection, options.path));
        TRY_VOID(detail::migrate(*connection, options.path, schema));
        if (options.inline_) return detail::make_inline(std::move(options), std::move(connection), std::move(executor));
        return std::make_unique<detail::ThreadedDatabase>(std::move(options), std::move(lock), std::move(connection),
                                                          like);
    } catch (const detail::SqliteError& error) {
        if (!error.is_damage()) throw;
        return refuse(errors::store_damaged, {{"path", like.path}, {"reason", error.what()}});
    }
}

}  // namespace lockstep::store
