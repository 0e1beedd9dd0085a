// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "blobs/blob_store.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "async/sim_clock.hpp"
#include "base/logging.hpp"
#include "store/sim_disk.hpp"

namespace lockstep::blobs {
namespace {

constexpr NamespaceId test_ns{1};

class BlobStoreTest : public testing::Test {
  protected:
    BlobStoreTest() {
        logging::configure(logging::Level::off, false);
        open();
    }
    ~BlobStoreTest() override { close(); }

    void open() {
        database = std::move(
            *store::open_database({.path = "db", .vfs = disk.vfs(), .inline_ = true}, {schema()}, loop.executor()));
        worker = make_inline_worker(loop.executor());
        blobs.emplace(test_ns, *database, *files, *worker, *chance);
    }
    void close() {
        blobs.reset();
        worker.reset();
        database.reset();
    }
    void crash() {
        disk.freeze();
        close();
        disk.crash();
        open();
    }

    template <class T>
    T run(Task<T> task) {
        std::optional<T> value;
        std::exception_ptr failure;
        asio::co_spawn(loop.executor(), std::move(task), [&](std::exception_ptr error, T result) {
            failure = error;
            value.emplace(std::move(result));
        });
        if (!loop.run_until([&] { return value.has_value(); }, 1h)) throw std::runtime_error("it does not end");
        if (failure) std::rethrow_exception(failure);
        return std::move(*value);
    }
    // Gives the task something to return.
    static Task<bool> done(Task<void> task) {
        co_await std::move(task);
        co_return true;
    }
    void keep_row(const Hash& hash, std::uint64_t size) {
        run(database->write([hash, size](store::Transaction& tx) {
            keep(tx, test_ns, hash, size, Time{5});
            return true;
        }));
    }
    void forget_row(const Hash& hash) {
        run(database->write([hash](store::Transaction& tx) {
            forget(tx, test_ns, hash);
            return true;
        }));
    }
    static Task<Hash> store_text(BlobStore& store, std::string text) {
        auto draft = co_await store.upload();
        auto const half = text.size() / 2;
        auto first = text.substr(0, half);
        auto second = text.substr(half);
        co_await draft->add(std::move(first));
        co_await draft->add(std::move(second));
        EXPECT_EQ(draft->size(), text.size());
        auto const hash = co_await draft->finish();
        auto const hold = co_await store.publish(std::move(draft), hash);
        co_return hash;
    }
    Hash stored(const std::string& text) {
        auto const hash = run(store_text(*blobs, text));
        keep_row(hash, text.size());
        return hash;
    }
    static Task<std::string> read_all(BlobStore& store, Hash hash) {
        auto const blob = co_await store.open(hash);
        if (!blob) co_return "none";
        std::string out;
        for (;;) {
            auto const piece = co_await blob->read(out.size(), 3);
            if (piece.empty()) break;
            out += piece;
        }
        EXPECT_EQ(out.size(), blob->size());
        co_return out;
    }
    std::string content(const Hash& hash) { return run(read_all(*blobs, hash)); }
    std::vector<std::string> names() {
        std::vector<std::string> out;
        for (auto const& entry : files->list()) out.push_back(entry.name);
        return out;
    }

    SimLoop loop;
    std::unique_ptr<Chance> chance = make_seeded_chance(1);
    store::SimDisk disk{*chance};
    std::unique_ptr<store::Files> files = disk.files("blobs");
    std::unique_ptr<store::Database> database;
    std::unique_ptr<Worker> worker;
    std::optional<BlobStore> blobs;
};

TEST_F(BlobStoreTest, what_was_put_in_by_pieces_comes_out_by_pieces) {
    auto const hash = stored("some bytes");
    EXPECT_EQ(hash, sha256(std::string_view("some bytes")));
    EXPECT_EQ(content(hash), "some bytes");
    EXPECT_EQ(stored("some bytes"), hash);
    EXPECT_EQ(names(), std::vector<std::string>{hash.text()}) << "kept once";
    auto const nothing = stored("");
    EXPECT_EQ(content(nothing), "");
    EXPECT_EQ(content(sha256(std::string_view("other"))), "none");
}

TEST_F(BlobStoreTest, a_blob_with_a_row_outlives_a_crash_and_one_without_is_a_leftover) {
    auto const kept = stored("kept");
    auto const lost = run(store_text(*blobs, "its row was never written"));

    crash();
    run(done(blobs->clean({})));

    EXPECT_EQ(content(kept), "kept");
    EXPECT_EQ(content(lost), "none");
    EXPECT_EQ(names(), std::vector<std::string>{kept.text()});
}

TEST_F(BlobStoreTest, the_file_of_an_upload_goes_with_its_draft) {
    auto const leave = [](BlobStore& store) -> Task<bool> {
        auto const draft = co_await store.upload();
        std::string bytes = "half of it";
        co_await draft->add(std::move(bytes));
        co_return true;
    };
    run(leave(*blobs));
    run(done(blobs->clean({sha256(std::string_view("x"))})));  // whatever the worker had still to do is done before
    EXPECT_TRUE(names().empty());
}

TEST_F(BlobStoreTest, a_draft_goes_on_where_it_ended_as_long_as_somebody_wants_it) {
    auto const hash = sha256(std::string_view("first second"));
    auto const other = sha256(std::string_view("unwanted"));
    auto const begin = [](BlobStore& store, Hash of) -> Task<bool> {
        auto const draft = co_await store.resume(of);
        std::string bytes = "first ";
        co_await draft->add(std::move(bytes));
        co_return true;
    };
    run(begin(*blobs, hash));
    run(begin(*blobs, other));

    run(done(blobs->clean({hash})));
    EXPECT_EQ(names(), std::vector<std::string>{hash.text() + ".part"});

    auto const go_on = [](BlobStore& store, Hash of) -> Task<Hash> {
        auto draft = co_await store.resume(of);
        EXPECT_EQ(draft->size(), 6u);
        std::string bytes = "second";
        co_await draft->add(std::move(bytes));
        auto const found = co_await draft->finish();
        auto const hold = co_await store.publish(std::move(draft), found);
        co_return found;
    };
    EXPECT_EQ(run(go_on(*blobs, hash)), hash);
    keep_row(hash, 12);
    EXPECT_EQ(content(hash), "first second");
}

TEST_F(BlobStoreTest, what_turned_out_wrong_is_thrown_away) {
    auto const hash = sha256(std::string_view("right"));
    auto const wrong = [](BlobStore& store, Hash of) -> Task<bool> {
        auto draft = co_await store.resume(of);
        std::string bytes = "wrong";
        co_await draft->add(std::move(bytes));
        co_await store.discard(std::move(draft));
        auto const again = co_await store.resume(of);
        co_return again->size() == 0;
    };
    EXPECT_TRUE(run(wrong(*blobs, hash)));
}

TEST_F(BlobStoreTest, a_file_is_collected_when_its_row_is_gone_and_nobody_holds_it) {
    auto const hash = stored("bytes");
    run(done(blobs->collect(hash)));
    EXPECT_EQ(content(hash), "bytes") << "it has a row";

    forget_row(hash);
    {
        BlobStore::Hold const hold(*blobs, hash);
        run(done(blobs->collect(hash)));
        EXPECT_FALSE(names().empty()) << "somebody brings it again";
    }
    run(done(blobs->collect(hash)));
    EXPECT_TRUE(names().empty());
}

TEST_F(BlobStoreTest, a_disk_that_fails_fails_the_call_and_nothing_is_left) {
    disk.fail_writes(1, store::SimDisk::Fault::disk_full);
    EXPECT_THROW(run(store_text(*blobs, "does not fit")), store::StoreError);
    run(done(blobs->clean({})));
    EXPECT_TRUE(names().empty());
    EXPECT_EQ(content(stored("fits")), "fits");
}

}  // namespace
}  // namespace lockstep::blobs
