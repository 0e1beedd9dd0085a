// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "log/log.hpp"

#include <algorithm>
#include <charconv>

#include "base/must.hpp"

namespace lockstep::log {

std::string StreamId::text() const { return node.text() + "-" + std::to_string(number); }

std::optional<StreamId> StreamId::parse(std::string_view text) {
    auto const dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    auto const node = identity::NodeId::parse(text.substr(0, dash));
    if (!node) return std::nullopt;
    auto const digits = text.substr(dash + 1);
    if (digits.starts_with('0') && digits.size() > 1) return std::nullopt;  // one text for one stream
    StreamId id{*node, 0};
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id.number);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return id;
}

// Tags are names inside one column, joined by the unit separator, which no tag may hold; log_tags is the
// tail's posting list.
store::Migrations schema() {
    return {"log",
            {"CREATE TABLE log_streams (stream INTEGER PRIMARY KEY, node BLOB NOT NULL, number BIGINT NOT NULL,"
             " next_offset BIGINT NOT NULL, UNIQUE (node, number));"
             "CREATE TABLE log_lamport (one BIGINT PRIMARY KEY, lamport BIGINT NOT NULL);"
             "INSERT INTO log_lamport (one, lamport) VALUES (1, 0);"
             "CREATE TABLE log_records (stream BIGINT NOT NULL, record_offset BIGINT NOT NULL, lamport BIGINT NOT NULL,"
             " time BIGINT NOT NULL, app TEXT NOT NULL, tags TEXT NOT NULL, payload TEXT NOT NULL,"
             " PRIMARY KEY (stream, record_offset)) WITHOUT ROWID;"
             "CREATE TABLE log_tags (stream BIGINT NOT NULL, tag TEXT NOT NULL, record_offset BIGINT NOT NULL,"
             " PRIMARY KEY (stream, tag, record_offset)) WITHOUT ROWID;"}};
}

StreamKey open_stream(store::Transaction& tx, const StreamId& id) {
    auto const number = static_cast<std::int64_t>(id.number);
    tx.run(
        "INSERT INTO log_streams (node, number, next_offset) VALUES (?1, ?2, 0) ON CONFLICT (node, number) DO NOTHING",
        BytesView(id.node.bytes), number);
    auto rows =
        tx.query("SELECT stream FROM log_streams WHERE node = ?1 AND number = ?2", BytesView(id.node.bytes), number);
    return StreamKey{rows.first()->integer(0)};
}

Offset newest(store::Session& session, StreamKey stream) {
    auto rows = session.query("SELECT next_offset FROM log_streams WHERE stream = ?1", stream);
    auto const* row = rows.first();
    auto const next = row ? row->integer(0) : 0;
    if (next < 0) throw store::DamagedRow("the length of a stream", std::to_string(next));
    return Offset{next - 1};
}

namespace {

constexpr char separator = '\x1f';

std::string join(std::vector<std::string>& tags) {
    std::sort(tags.begin(), tags.end());
    tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
    std::string out;
    for (auto const& tag : tags) {
        if (!out.empty()) out += separator;
        out += tag;
    }
    return out;
}

RecordView view_of(const store::Statement& row) {
    return {Offset{row.integer(0)}, Lamport{row.integer(1)}, row.time(2), row.text(3), row.text(4), row.text(5)};
}

}  // namespace

std::vector<std::string> split_tags(std::string_view text) {
    std::vector<std::string> tags;
    while (!text.empty()) {
        auto const end = std::min(text.find(separator), text.size());
        tags.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return tags;
}

Offset append(store::Transaction& tx, StreamKey stream, std::span<const NewRecord> records, Time now) {
    MUST(!records.empty(), "an append has records");
    auto const first = newest(tx, stream).next();
    std::int64_t lamport = 0;
    {
        auto rows = tx.query("SELECT lamport FROM log_lamport WHERE one = 1");
        lamport = rows.first()->integer(0);
    }
    auto offset = first;
    for (auto const& record : records) {
        auto tags = record.tags;
        auto const joined = join(tags);
        tx.run(
            "INSERT INTO log_records (stream, record_offset, lamport, time, app, tags, payload) VALUES (?1, ?2, ?3, "
            "?4, ?5, ?6, ?7)",
            stream, offset, ++lamport, now, record.app, joined, record.payload);
        for (auto const& tag : tags) {
            tx.run("INSERT INTO log_tags (stream, tag, record_offset) VALUES (?1, ?2, ?3)", stream, tag, offset);
        }
        offset = offset.next();
    }
    tx.run("UPDATE log_streams SET next_offset = ?2 WHERE stream = ?1", stream, offset);
    tx.run("UPDATE log_lamport SET lamport = ?1 WHERE one = 1", lamport);
    return first;
}

std::vector<Record> read(store::Session& session, StreamKey stream, const Selection& selection) {
    std::vector<Record> page;
    visit(session, stream, selection, [&](const RecordView& view) {
        page.push_back({view.offset, view.lamport, view.time, split_tags(view.tags), std::string(view.app),
                        std::string(view.payload)});
    });
    return page;
}

void visit(store::Session& session,
           StreamKey stream,
           const Selection& selection,
           const std::function<void(const RecordView&)>& visitor) {
    if (selection.any_of_tags.empty()) {
        auto const* sql =
            selection.newest_first
                ? "SELECT record_offset, lamport, time, app, tags, payload FROM log_records WHERE stream = ?1"
                  " AND record_offset >= ?2 AND record_offset <= ?3 ORDER BY record_offset DESC LIMIT ?4"
                : "SELECT record_offset, lamport, time, app, tags, payload FROM log_records WHERE stream = ?1"
                  " AND record_offset >= ?2 AND record_offset <= ?3 ORDER BY record_offset LIMIT ?4";
        for (auto& row : session.query(sql, stream, selection.first, selection.last, selection.most))
            visitor(view_of(row));
        return;
    }

    // One posting list a tag, cut to the page, then merged.
    std::vector<std::int64_t> offsets;
    auto const* sql = selection.newest_first
                          ? "SELECT record_offset FROM log_tags WHERE stream = ?1 AND tag = ?2 AND record_offset >= ?3"
                            " AND record_offset <= ?4 ORDER BY record_offset DESC LIMIT ?5"
                          : "SELECT record_offset FROM log_tags WHERE stream = ?1 AND tag = ?2 AND record_offset >= ?3"
                            " AND record_offset <= ?4 ORDER BY record_offset LIMIT ?5";
    for (auto const& tag : selection.any_of_tags) {
        for (auto& row : session.query(sql, stream, tag, selection.first, selection.last, selection.most))
            offsets.push_back(row.integer(0));
    }
    std::sort(offsets.begin(), offsets.end());
    offsets.erase(std::unique(offsets.begin(), offsets.end()), offsets.end());
    if (selection.newest_first) std::reverse(offsets.begin(), offsets.end());
    if (offsets.size() > selection.most) offsets.resize(selection.most);
    for (auto const offset : offsets) {
        auto rows = session.query(
            "SELECT record_offset, lamport, time, app, tags, payload FROM log_records"
            " WHERE stream = ?1 AND record_offset = ?2",
            stream, offset);
        if (auto const* row = rows.first()) visitor(view_of(*row));
    }
}

}  // namespace lockstep::log
