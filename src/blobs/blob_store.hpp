// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// BlobStore: the files of blobs, each named by the SHA-256 of its bytes and kept once, however many data items
// refer to it. Bytes go in and out by the piece; nothing is ever whole in memory. The files are worked on by a
// Worker; everything else is of the logic thread.
//
//     upload() or resume() ──add()…──▶ finish() ──publish()──▶ the caller commits keep() ──▶ Hold goes
//
// Invariants
//   1. A blob is synced and renamed to its hash before its row is written, and its row is gone before its file is.
//   2. A file whose row is being written is not collected: a Hold stands for it.
//   3. What a dead process has left is found at start: drafts that nobody wants, and files without a row.
//
// Failures of the disk throw StoreError.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "async/worker.hpp"
#include "base/chance.hpp"
#include "blobs/table.hpp"
#include "core/sha256.hpp"
#include "store/files.hpp"

namespace lockstep::blobs {

// Bytes that are to become a blob. One call at a time.
class Draft {
  public:
    ~Draft();
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    // What has been added, in this life or in one before.
    std::uint64_t size() const { return size_; }
    Task<void> add(std::string bytes);
    // Syncs, and tells the hash. Nothing can be added afterwards.
    Task<Hash> finish();

  private:
    friend class BlobStore;
    struct State;
    Draft(Worker& worker, std::shared_ptr<State> state, std::uint64_t size)
        : worker_(worker), state_(std::move(state)), size_(size) {}

    Worker& worker_;
    std::shared_ptr<State> state_;  // of the worker
    std::uint64_t size_ = 0;
};

// A blob that is being read. It can be read to its end whatever happens to it meanwhile.
class Blob {
  public:
    Blob(Worker& worker, std::shared_ptr<store::File> file, std::uint64_t size)
        : worker_(worker), file_(std::move(file)), size_(size) {}
    std::uint64_t size() const { return size_; }
    // At most `most` bytes; none at the end.
    Task<std::string> read(std::uint64_t offset, std::size_t most) const;

  private:
    Worker& worker_;
    std::shared_ptr<store::File> file_;
    std::uint64_t size_;
};

class BlobStore {
  public:
    // While it lives, the file of that hash is not collected.
    class Hold {
      public:
        Hold(BlobStore& store, const Hash& hash);
        ~Hold();
        Hold(Hold&& other) noexcept : store_(std::exchange(other.store_, nullptr)), hash_(other.hash_) {}
        Hold& operator=(Hold&&) = delete;

      private:
        BlobStore* store_;
        Hash hash_;
    };

    // All references must outlive the store, and the store its drafts, blobs and holds.
    BlobStore(NamespaceId ns, store::Database& database, store::Files& files, Worker& worker, Chance& chance)
        : ns_(ns), database_(database), files_(files), worker_(worker), chance_(chance) {}

    // Of a client: its file goes when the draft does.
    Task<std::unique_ptr<Draft>> upload();
    // Of a blob whose hash is known: its file stays until it is published or discarded, and the next resume() goes
    // on where it ended, reading it once for the hash. One draft of a hash at a time.
    Task<std::unique_ptr<Draft>> resume(Hash hash);
    // Gives a finished draft its final name. To be called before keep() is committed.
    Task<Hold> publish(std::unique_ptr<Draft> draft, Hash hash);
    Task<void> discard(std::unique_ptr<Draft> draft);

    // Null when it is not here.
    Task<std::shared_ptr<const Blob>> open(Hash hash);

    // Removes the file if its row is gone. After the commit of forget().
    Task<void> collect(Hash hash);
    // At start, before anything else: removes what is neither a kept blob nor a draft of a wanted one.
    Task<void> clean(std::set<Hash> wanted);

  private:
    NamespaceId ns_;
    store::Database& database_;
    store::Files& files_;
    Worker& worker_;
    Chance& chance_;
    std::map<Hash, int> held_;
    std::uint64_t releases_ = 0;  // of holds
};

}  // namespace lockstep::blobs
