// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/logging.hpp"
#include "store/database.hpp"
#include "store/detail/inline.hpp"
#include "store/detail/plain_file.hpp"
#include "store/detail/schema.hpp"
#include "store/detail/threaded.hpp"
#include "store/detail/vfs.hpp"
#include "store/detail/wal_check.hpp"
#include "store/errors.hpp"

namespace lockstep::store {

namespace {

// What SQLite would call the end of the WAL, looked at before it does. True when there is a WAL.
Result<bool> check_wal(const Database::Options& options) {
    auto const path = options.path + "-wal";
    detail::PlainFile const file(options.vfs.empty() ? "unix" : options.vfs, path);
    if (file.bytes() == 0) return false;
    detail::ReadAt const read = [&file](std::span<std::uint8_t> out, std::uint64_t at) { return file.read(out, at); };
    auto const damage = detail::find_wal_damage(read, file.bytes());
    if (!damage) return true;
    auto const frame = damage->frame == 0 ? std::string("its header")
                                          : fmt::format("frame {}, which is of page {}", damage->frame, damage->page);
    return refuse(errors::wal_damaged,
                  {{"path", path}, {"frame", frame}, {"after", std::to_string(damage->good_after)}});
}

}  // namespace

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
        detail::initialize_sqlite();
        TRY(auto const has_wal, check_wal(options));
        auto connection = std::make_unique<detail::Connection>(like);
        TRY_VOID(detail::adopt_file(*connection, options.path));
        // Frames that a crash left behind the last commit must not lie behind later ones: a new WAL has new salts.
        if (has_wal && !connection->restart_wal())
            logging::warn("the WAL of the last run could not be carried over", {{"path", options.path}});
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
