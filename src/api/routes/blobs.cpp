// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Blobs in and out, by the piece: a slow client holds no more of one in memory than a piece.
#include "api/routes/blobs.hpp"
#include "api/blob_form.hpp"
#include "api/errors.hpp"
#include "api/list.hpp"
#include "api/range.hpp"
#include "blobs/errors.hpp"
#include "core/json.hpp"
#include "delivery/errors.hpp"
#include "messaging/blob_refs.hpp"
#include "net/multipart.hpp"

namespace lockstep::api {

namespace {

constexpr std::size_t blob_piece_bytes = 256 << 10;

// A form on its way in: its fields are kept, its file goes to the draft.
struct FormOnItsWay {
    BlobForm form;
    std::unique_ptr<blobs::Draft> draft;
};

// Reads the body to its end. The draft goes with what is returned, or goes away.
Task<Result<FormOnItsWay>> receive_form(const Call& call, net::Multipart parts) {
    FormOnItsWay in;
    for (;;) {
        auto const kind = parts.next();
        if (kind == net::Multipart::Kind::more) {
            std::string piece;
            if (call.request.stream) piece = co_await call.request.stream->read();
            if (piece.empty()) parts.end();
            parts.feed(piece);
        } else if (kind == net::Multipart::Kind::part) {
            if (auto const begun = in.form.begin(parts.part()); !begun) co_return begun.error();
            if (in.form.in_file()) in.draft = co_await call.services.blobs->upload();
        } else if (kind == net::Multipart::Kind::bytes) {
            if (in.form.in_file()) {
                std::string bytes(parts.bytes());
                co_await in.draft->add(std::move(bytes));
            } else if (auto const added = in.form.add(parts.bytes()); !added) {
                co_return added.error();
            }
        } else if (kind == net::Multipart::Kind::part_end) {
            in.form.end_part();
        } else if (kind == net::Multipart::Kind::malformed) {
            auto const reason = parts.reason();
            co_return refuse(errors::multipart_unreadable, {{"reason", reason}});
        } else {
            break;
        }
    }
    while (call.request.stream) {  // what follows the last boundary
        auto const ignored = co_await call.request.stream->read();
        if (ignored.empty()) break;
    }
    co_return std::move(in);
}

class BlobSource final : public net::BodySource {
  public:
    BlobSource(std::shared_ptr<const blobs::Blob> blob, Range range)
        : blob_(std::move(blob)), at_(range.first), end_(range.first + range.length) {}
    Task<std::string> next() override {
        auto const most = static_cast<std::size_t>(std::min<std::uint64_t>(blob_piece_bytes, end_ - at_));
        auto piece = co_await blob_->read(at_, most);
        at_ += piece.size();
        co_return piece;
    }

  private:
    std::shared_ptr<const blobs::Blob> blob_;
    std::uint64_t at_, end_;
};

enum class Removal { done, unknown, in_use };
struct Removed {
    Removal how = Removal::done;
    std::vector<Hash> blobs;  // that nothing refers to any more
};

// What a message carries belongs to its batch, whose document has to be shown to members that ask for it
// late; so it stays. Only what was stored by itself, and no message has taken up, can go.
Removed remove_data(store::Transaction& tx, NamespaceId ns, const Uuid& id) {
    Removed out;
    std::vector<Hash> blobs;
    auto known = false;
    for (auto& row : tx.query("SELECT message, blob_hash FROM data WHERE ns = ?1 AND id = ?2", ns, id)) {
        known = true;
        if (row.integer(0) > 0) out.how = Removal::in_use;
        if (auto const blob = row.hash_or_null(1)) blobs.push_back(*blob);
    }
    if (!known) return {Removal::unknown, {}};
    {
        auto users = tx.query("SELECT 1 FROM message_data WHERE ns = ?1 AND data = ?2 LIMIT 1", ns, id);
        if (users.first()) out.how = Removal::in_use;
    }
    if (out.how == Removal::in_use) return out;
    tx.run("DELETE FROM data WHERE ns = ?1 AND id = ?2", ns, id);
    for (auto const& blob : blobs) {
        if (messaging::is_blob_used(tx, ns, blob)) continue;
        blobs::forget(tx, ns, blob);
        out.blobs.push_back(blob);
    }
    return out;
}

}  // namespace

Task<Result<Answer>> upload_blob(const Call& call) {
    auto& store = *call.services.blobs;
    auto const boundary = net::multipart_boundary(call.request.headers.get("Content-Type"));
    if (!boundary) co_return refuse(errors::multipart_unreadable, {{"reason", "its type names no boundary"}});
    net::Multipart parts(*boundary);
    auto in = co_await receive_form(call, std::move(parts));
    if (!in) co_return in.error();
    auto input = in->form.data();
    if (!input) co_return input.error();
    auto const size = in->draft->size();
    auto const hash = co_await in->draft->finish();
    auto const hold = co_await store.publish(std::move(in->draft), hash);
    auto const data = co_await call.services.sender.store_blob(std::move(*input), hash, size);
    if (!data) co_return data.error();
    co_return Answer{201, messaging::data_json(*data, call.facts->namespace_name)};
}

Task<Result<Answer>> download_blob(const Call& call) {
    CO_TRY(auto const id, call.uuid("dataid"));
    auto look = [ns = call.facts->ns, id](store::Snapshot& snapshot) { return messaging::find_data(snapshot, ns, id); };
    auto const data = co_await call.services.database.read(std::move(look));
    if (!data || !data->blob) co_return refuse(errors::no_result);
    auto const hash = data->blob->hash.text();
    auto const blob = co_await call.services.blobs->open(data->blob->hash);
    if (!blob) co_return refuse(errors::blob_unknown, {{"hash", hash}});
    CO_TRY(auto const asked, parse_range(call.request.headers.get("Range"), blob->size()));
    auto const range = asked.value_or(Range{0, blob->size()});
    Answer answer;
    answer.status = asked ? 206 : 200;
    answer.content_type = "application/octet-stream";
    answer.headers.set("x-ff-blob-hash-sha256", hash);
    answer.headers.set("x-ff-blob-size", std::to_string(blob->size()));
    answer.headers.set("Accept-Ranges", "bytes");
    if (asked) {
        auto const last = range.first + range.length - 1;
        answer.headers.set("Content-Range", "bytes " + std::to_string(range.first) + "-" + std::to_string(last) + "/" +
                                                std::to_string(blob->size()));
    }
    answer.stream = std::make_shared<BlobSource>(blob, range);
    answer.stream_bytes = range.length;
    co_return answer;
}

Task<Result<Answer>> delete_data(const Call& call) {
    CO_TRY(auto const id, call.uuid("dataid"));
    auto erase = [ns = call.facts->ns, id](store::Transaction& tx) { return remove_data(tx, ns, id); };
    auto const removed = co_await call.services.database.write(std::move(erase));
    auto const text = id.text();
    if (removed.how == Removal::unknown) co_return refuse(errors::object_not_found);
    if (removed.how == Removal::in_use) co_return refuse(errors::data_in_use, {{"id", text}});
    for (auto const& blob : removed.blobs) co_await call.services.blobs->collect(blob);
    co_return Answer{204, ""};
}

Task<Result<Answer>> list_subpaths(const Call& call) {
    auto const parent = call.parameter("parent");
    auto look = [ns = call.facts->ns, parent](store::Snapshot& snapshot) {
        return messaging::blob_directories(snapshot, ns, parent);
    };
    auto const paths = co_await call.services.database.read(std::move(look));
    json::Writer out;
    out.begin_array();
    for (auto const& path : paths) out.string(path);
    out.end_array();
    co_return Answer{200, out.take()};
}

}  // namespace lockstep::api
