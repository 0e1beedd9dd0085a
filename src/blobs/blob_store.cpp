// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "blobs/blob_store.hpp"

#include "base/logging.hpp"
#include "base/uuid.hpp"

namespace lockstep::blobs {

namespace {

constexpr std::size_t rehash_bytes = 1 << 20;
constexpr std::string_view draft_suffix = ".part";

std::string draft_name(const Hash& hash) { return hash.text() + std::string(draft_suffix); }

}  // namespace

// Made, used and destroyed by the worker alone.
struct Draft::State {
    store::Files& files;
    std::string name;
    bool is_upload = false;
    std::unique_ptr<store::File> file;
    Sha256 hash;

    State(store::Files& in, std::string as, bool upload)
        : files(in), name(std::move(as)), is_upload(upload), file(files.open(name)) {}

    void remove() {
        file.reset();
        files.remove(name);
    }
};

Draft::~Draft() {
    if (!state_) return;
    worker_.post([state = std::move(state_)]() mutable {
        try {
            if (state->is_upload) state->remove();
        } catch (const std::exception& error) {
            logging::warn("a draft of a blob stays", {{"name", state->name}, {"error", error.what()}});
        }
        state.reset();
    });
}

Task<void> Draft::add(std::string bytes) {
    auto write = [state = state_.get(), &bytes] {
        state->hash.add(bytes);
        state->file->append(as_bytes(bytes));
    };
    co_await worker_.run(std::move(write));
    size_ += bytes.size();
}

Task<Hash> Draft::finish() {
    auto end = [state = state_.get()] {
        state->file->sync();
        return state->hash.finish();
    };
    co_return co_await worker_.run(std::move(end));
}

Task<std::string> Blob::read(std::uint64_t offset, std::size_t most) const {
    auto const there = offset < size_ ? std::min<std::uint64_t>(most, size_ - offset) : 0;
    auto take = [file = file_.get(), offset, there] {
        std::string bytes(static_cast<std::size_t>(there), '\0');
        auto const room = std::span(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
        if (file->read(offset, room) != bytes.size()) throw store::StoreError("a blob is shorter than it was");
        return bytes;
    };
    co_return co_await worker_.run(std::move(take));
}

BlobStore::Hold::Hold(BlobStore& store, const Hash& hash) : store_(&store), hash_(hash) { ++store.held_[hash]; }

BlobStore::Hold::~Hold() {
    if (!store_) return;
    ++store_->releases_;
    if (--store_->held_[hash_] == 0) store_->held_.erase(hash_);
}

Task<std::unique_ptr<Draft>> BlobStore::upload() {
    Uuid id;
    chance_.fill(id.bytes);
    auto begin = [&files = files_, name = "upload-" + id.text() + std::string(draft_suffix)] {
        return std::make_shared<Draft::State>(files, name, true);
    };
    auto state = co_await worker_.run(std::move(begin));
    co_return std::unique_ptr<Draft>(new Draft(worker_, std::move(state), 0));
}

Task<std::unique_ptr<Draft>> BlobStore::resume(Hash hash) {
    auto begin = [&files = files_, name = draft_name(hash)] {
        return std::make_shared<Draft::State>(files, name, false);
    };
    auto state = co_await worker_.run(std::move(begin));
    auto const size = state->file->size();
    std::unique_ptr<Draft> draft(new Draft(worker_, std::move(state), size));
    // In pieces, so that other jobs get their turn in between.
    for (std::uint64_t at = 0; at < size; at += rehash_bytes) {
        auto const piece = static_cast<std::size_t>(std::min<std::uint64_t>(rehash_bytes, size - at));
        auto again = [inside = draft->state_.get(), at, piece] {
            Bytes bytes(piece);
            if (inside->file->read(at, bytes) != piece) throw store::StoreError("a draft is shorter than it was");
            inside->hash.add(BytesView(bytes));
        };
        co_await worker_.run(std::move(again));
    }
    co_return draft;
}

Task<BlobStore::Hold> BlobStore::publish(std::unique_ptr<Draft> draft, Hash hash) {
    Hold hold(*this, hash);
    auto rename = [state = draft->state_.get(), name = hash.text()] {
        state->files.rename(state->name, name);
        state->is_upload = false;
    };
    co_await worker_.run(std::move(rename));
    co_return hold;
}

Task<void> BlobStore::discard(std::unique_ptr<Draft> draft) {
    auto remove = [state = draft->state_.get()] { state->remove(); };
    co_await worker_.run(std::move(remove));
}

Task<std::shared_ptr<const Blob>> BlobStore::open(Hash hash) {
    auto look = [ns = ns_, hash](store::Snapshot& snapshot) { return size_of(snapshot, ns, hash); };
    auto const size = co_await database_.read(std::move(look));
    if (!size) co_return nullptr;
    auto find = [&files = files_, name = hash.text()] { return files.find(name); };
    std::shared_ptr<store::File> file = co_await worker_.run(std::move(find));
    if (!file) co_return nullptr;  // removed since
    auto const there = file->size();
    if (there != static_cast<std::uint64_t>(*size)) {
        logging::error("a blob has another length than it had", {{"blob", hash.text()}, {"bytes", there}});
        co_return nullptr;
    }
    co_return std::make_shared<const Blob>(worker_, std::move(file), there);
}

Task<void> BlobStore::collect(Hash hash) {
    for (;;) {
        auto const seen = releases_;
        auto look = [ns = ns_, hash](store::Snapshot& snapshot) { return has(snapshot, ns, hash); };
        auto const kept = co_await database_.read(std::move(look));
        // Somebody who brings the same bytes holds it, and will either write its row or leave it for the next start.
        if (kept || held_.contains(hash)) co_return;
        if (seen != releases_) continue;  // a row may have been written after we looked
        auto remove = [&files = files_, name = hash.text()] { files.remove(name); };
        co_await worker_.run(std::move(remove));
        co_return;
    }
}

Task<void> BlobStore::clean(std::set<Hash> wanted) {
    auto look = [ns = ns_](store::Snapshot& snapshot) { return all(snapshot, ns); };
    auto const kept = co_await database_.read(std::move(look));
    std::set<std::string> stay;
    for (auto const& hash : kept) stay.insert(hash.text());
    for (auto const& hash : wanted) stay.insert(draft_name(hash));
    auto remove = [&files = files_, stay = std::move(stay)] {
        std::size_t removed = 0;
        for (auto const& entry : files.list()) {
            if (stay.contains(entry.name)) continue;
            files.remove(entry.name);
            ++removed;
        }
        return removed;
    };
    auto const removed = co_await worker_.run(std::move(remove));
    if (removed > 0) logging::info("leftovers of blobs are removed", {{"files", removed}});
}

}  // namespace lockstep::blobs
