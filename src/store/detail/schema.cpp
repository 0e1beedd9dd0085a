// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/schema.hpp"

#include <fmt/format.h>

#include "base/logging.hpp"
#include "store/detail/page_checksum.hpp"
#include "store/errors.hpp"

namespace lockstep::store::detail {

namespace {

Error newer(const std::string& path, std::string_view what, std::int64_t found, std::int64_t known) {
    return refuse(errors::store_too_new,
                  {{"path", path}, {"what", what}, {"found", std::to_string(found)}, {"known", std::to_string(known)}});
}

std::int64_t version_of(Connection& connection, const std::string& module) {
    auto& statement = connection.prepare("SELECT version FROM schema_versions WHERE module = ?1");
    statement.bind(1, module);
    auto const version = statement.step() ? statement.integer(0) : 0;
    statement.reset();
    return version;
}

void run_steps(Connection& connection, const Migrations& migrations, std::size_t from) {
    connection.begin("BEGIN IMMEDIATE");
    try {
        for (auto step = from; step < migrations.steps.size(); ++step)
            connection.execute(std::string(migrations.steps[step]));
        auto& remember = connection.prepare(
            "INSERT INTO schema_versions (module, version) VALUES (?1, ?2) "
            "ON CONFLICT (module) DO UPDATE SET version = excluded.version");
        remember.bind(1, migrations.module);
        remember.bind(2, migrations.steps.size());
        remember.step();
        connection.commit();
    } catch (...) {
        connection.rollback();
        throw;
    }
}

void found_file(Connection& connection) {
    connection.begin("BEGIN IMMEDIATE");
    try {
        connection.execute(
            fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", application_id, format_version));
        connection.execute("CREATE TABLE schema_versions (module TEXT PRIMARY KEY, version BIGINT NOT NULL)");
        connection.commit();
    } catch (...) {
        connection.rollback();
        throw;
    }
}

}  // namespace

Result<void> adopt_file(Connection& connection, const std::string& path) {
    auto const id = connection.number("PRAGMA application_id");
    auto const version = connection.number("PRAGMA user_version");
    // A file that a crash left before found_file() has nothing in it either.
    auto const is_new = id == 0 && version == 0 && connection.number("SELECT count(*) FROM sqlite_master") == 0;
    if (!is_new && id != application_id) {
        return refuse(errors::store_damaged,
                      {{"path", path}, {"reason", fmt::format("its application id is {:#x}", id)}});
    }
    if (version > format_version) return newer(path, "the file", version, format_version);
    // The header says twice that there are checksums, and a damaged one does not talk us out of them.
    if (!is_new && (version >= format_with_checksums) != (connection.reserved_bytes() == checksum_bytes)) {
        return refuse(errors::store_damaged, {{"path", path}, {"reason", "its header contradicts itself"}});
    }
    if (!is_new && version < format_with_checksums)
        logging::warn("the pages of an older database have no checksums: damage may go unnoticed", {{"path", path}});
    if (is_new) connection.reserve(checksum_bytes);
    connection.adopt();
    if (is_new) found_file(connection);
    return {};
}

Result<void> migrate(Connection& connection, const std::string& path, const std::vector<Migrations>& schema) {
    for (auto const& migrations : schema) {
        auto const known = static_cast<std::int64_t>(migrations.steps.size());
        auto const found = version_of(connection, migrations.module);
        if (found > known) return newer(path, "module " + migrations.module, found, known);
        if (found < known) run_steps(connection, migrations, static_cast<std::size_t>(found));
    }
    return {};
}

}  // namespace lockstep::store::detail
