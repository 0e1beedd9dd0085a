// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "flow/stage.hpp"

#include "async/deadline.hpp"
#include "base/logging.hpp"

namespace lockstep::flow {

Stage::Stage(
    std::string name, Feed& feed, store::Database& database, Clock& clock, Chance& chance, Step& step, Options options)
    : feed_(feed),
      database_(database),
      clock_(clock),
      step_(step),
      options_(options),
      backoff_({.first = 50ms, .most = 5s}, chance) {
    status_.name = std::move(name);
}

Task<void> Stage::run() {
    for (;;) {
        auto const seen = feed_.tap().rings();
        bool moved = false;
        std::string failure;
        try {
            moved = co_await turn();
            backoff_.reset();
        } catch (const std::exception& error) {
            if (is_cancelled(error)) throw;
            failure = error.what();
        }
        if (!failure.empty()) {
            auto const wait = backoff_.next();
            ++status_.retries;
            status_.last_error = failure;
            logging::warn("stage will try again",
                          {{"stage", status_.name}, {"error", failure}, {"in_ms", wait.count() / 1'000'000}});
            co_await clock_.sleep(wait);
        } else if (!moved) {
            co_await feed_.tap().past_until(seen, clock_, clock_.instant() + options_.slow_look);
        }
    }
}

// One page; false when there was none.
Task<bool> Stage::turn() {
    struct Look {
        Page page;
        std::int64_t newest = 0;
        std::int64_t position = 0;
    };
    auto look = [this, position = status_.position, loaded = loaded_](store::Snapshot& snapshot) {
        Look seen;
        seen.position = loaded ? position : load_cursor(snapshot, feed_.ns(), status_.name, 0);
        seen.page = feed_.read(snapshot, Sequence{seen.position}, options_.page_entries_max);
        seen.newest = feed_.newest(snapshot).value;
        return seen;
    };
    auto const seen = co_await database_.read(std::move(look));
    status_.position = seen.position;
    status_.newest = seen.newest;
    loaded_ = true;
    if (seen.page.empty()) co_return false;

    co_await step_.prepare(seen.page);
    auto const last = seen.page.back().sequence;
    auto commit = [this, &page = seen.page, last](store::Transaction& tx) {
        step_.apply(tx, page);
        save_cursor(tx, feed_.ns(), status_.name, last.value);
        feed_.truncate(tx, last);  // one reader a feed: what it has passed is not needed again
    };
    co_await database_.write(std::move(commit));
    status_.position = last.value;
    ++status_.commits;
    status_.entries += seen.page.size();
    step_.committed();
    moved_.ring();
    co_return true;
}

}  // namespace lockstep::flow
