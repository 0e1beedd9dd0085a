// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "messaging/blob_refs.hpp"

#include <set>

#include "blobs/errors.hpp"
#include "blobs/table.hpp"
#include "core/json.hpp"

namespace lockstep::messaging {

namespace {
constexpr std::size_t directories_max = 1'000;
constexpr std::string_view of_messages_with_blob =
    " AND m.seq IN (SELECT d.message FROM data d WHERE d.ns = ?1 AND d.blob_hash = ?2 UNION"
    " SELECT r.message FROM data d JOIN message_data r ON r.ns = d.ns AND r.data = d.id"
    " WHERE d.ns = ?1 AND d.blob_hash = ?2)";
}  // namespace

std::string blob_name(std::string_view value) {
    json::Value const object{value};
    if (object.kind() != json::Kind::object) return "";
    if (auto name = object["name"].as_string(); name && !name->empty()) return std::move(*name);
    auto filename = object["filename"].as_string();
    if (!filename || filename->empty()) return "";
    if (auto const path = object["path"].as_string(); path && !path->empty()) return *path + "/" + *filename;
    return std::move(*filename);
}

std::string blob_path(std::string_view name) {
    if (name.empty()) return "";
    auto const slash = name.find_last_of('/');
    auto directory = name.substr(0, slash == name.npos ? 0 : slash);
    while (directory.starts_with('/')) directory.remove_prefix(1);
    return "/" + std::string(directory);
}

std::vector<std::string> blob_directories(store::Session& session, NamespaceId ns, std::string_view parent) {
    while (parent.ends_with('/')) parent.remove_suffix(1);
    auto prefix = std::string(parent) + "/";
    if (!prefix.starts_with('/')) prefix.insert(0, "/");
    std::set<std::string> found;
    for (auto& row : session.query("SELECT DISTINCT blob_path FROM data WHERE ns = ?1 AND blob_hash IS NOT NULL", ns)) {
        auto const path = row.text(0);
        if (!path.starts_with(prefix) || path.size() == prefix.size()) continue;
        found.emplace(path.substr(0, path.find('/', prefix.size())));
        if (found.size() == directories_max) break;
    }
    return {found.begin(), found.end()};
}

Result<void> check_blobs(store::Session& session, NamespaceId ns, const std::vector<Data>& data) {
    for (auto const& item : data) {
        if (item.blob && !blobs::has(session, ns, item.blob->hash))
            return refuse(errors::blob_unknown, {{"hash", item.blob->hash.text()}});
    }
    return {};
}

bool is_blob_used(store::Session& session, NamespaceId ns, const Hash& blob) {
    auto rows = session.query("SELECT 1 FROM data WHERE ns = ?1 AND blob_hash = ?2 LIMIT 1", ns, blob);
    return rows.first() != nullptr;
}

std::vector<std::optional<Hash>> audiences_of_blob(store::Session& session, NamespaceId ns, const Hash& blob) {
    static const std::string sql =
        "SELECT DISTINCT m.group_hash FROM messages m WHERE m.ns = ?1 AND m.state <> 'ready'" +
        std::string(of_messages_with_blob);
    std::vector<std::optional<Hash>> out;
    for (auto& row : session.query(sql, ns, blob)) out.push_back(row.hash_or_null(0));
    return out;
}

std::vector<Uuid> transactions_of_blob(store::Session& session, NamespaceId ns, const Hash& blob) {
    static const std::string sql = "SELECT DISTINCT m.tx FROM messages m WHERE m.ns = ?1 AND m.tx IS NOT NULL" +
                                   std::string(of_messages_with_blob);
    std::vector<Uuid> out;
    for (auto& row : session.query(sql, ns, blob)) out.push_back(row.uuid(0));
    return out;
}

void set_blob_public(store::Transaction& tx, NamespaceId ns, const DataRef& data, std::string_view reference) {
    tx.run(
        "UPDATE data SET blob_public = ?4 WHERE ns = ?1 AND id = ?2 AND hash = ?3 AND blob_hash IS NOT NULL"
        " AND blob_public = ''",
        ns, data.id, data.hash, reference);
}

}  // namespace lockstep::messaging
