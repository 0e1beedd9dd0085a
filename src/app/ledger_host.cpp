// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/ledger_host.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <stdexcept>
#include <thread>

#include "async/scope.hpp"
#include "async/tap.hpp"
#include "base/logging.hpp"
#include "base/thread_name.hpp"
#include "ledger/dev/dev_ledger.hpp"
#include "ledger/remote/ledger_server.hpp"
#include "net/frames.hpp"

namespace lockstep::app {

struct LedgerHost::Life {
    Options options;
    asio::io_context io{1};
    Tap changes;
    bool stopping = false;
    bool instant = false;
    std::promise<void> started;
    bool told = false;
    std::thread thread;

    Task<void> live();
    Task<void> obey(Scope& scope, ledger::DevLedger& ledger);
};

LedgerHost::LedgerHost(Options options) : life_(std::make_unique<Life>()) {
    life_->options = std::move(options);
    life_->instant = life_->options.instant;
}

LedgerHost::~LedgerHost() {
    stop();
    if (life_->thread.joinable()) life_->thread.join();
}

void LedgerHost::start() {
    auto started = life_->started.get_future();
    life_->thread = std::thread([life = life_.get()] {
        name_this_thread("ledger");
        asio::co_spawn(life->io, life->live(), [life](std::exception_ptr failure) {
            if (!failure) return;
            if (!life->told) {
                life->started.set_exception(failure);
                return;
            }
            try {
                std::rethrow_exception(failure);
            } catch (const std::exception& error) {
                logging::error("the ledger has ended", {{"error", error.what()}});
            }
        });
        life->io.run();
    });
    started.get();
}

void LedgerHost::set_instant(bool instant) {
    asio::post(life_->io, [life = life_.get(), instant] {
        life->instant = instant;
        life->changes.ring();
    });
}

void LedgerHost::stop() {
    asio::post(life_->io, [life = life_.get()] {
        life->stopping = true;
        life->changes.ring();
    });
}

Task<void> LedgerHost::Life::live() {
    auto const executor = io.get_executor();
    auto const clock = make_clock(executor);
    auto const chance = make_system_chance();
    store::Database::Options database;
    database.path = options.folder + "/ledger.db";
    database.readers = 1;
    database.cache_bytes = 2 << 20;
    ledger::DevLedger::Options ledger_options;
    ledger_options.block_interval = options.block_interval;
    ledger_options.confirmations = options.confirmations;
    auto opened = co_await ledger::DevLedger::open(std::move(database), ledger_options, executor, *clock, *chance);
    if (!opened) throw std::runtime_error(opened.error().message());
    auto& ledger = **opened;
    auto const network = net::make_unix_network(executor, *clock, {.frame_bytes_max = 8 << 20});
    auto listener = network->listen(socket_path(options.folder));
    if (!listener) throw std::runtime_error(listener.error().message());
    ledger::LedgerServer server(executor, ledger, ledger, **listener);

    Scope scope(executor, {.name = "ledger", .fail_together = true});
    scope.spawn(ledger.run());
    scope.spawn(server.run());
    scope.spawn(obey(scope, ledger));
    told = true;
    started.set_value();
    co_await scope.join();
    ledger.close();
}

Task<void> LedgerHost::Life::obey(Scope& scope, ledger::DevLedger& ledger) {
    for (;;) {
        auto const seen = changes.rings();
        if (stopping) break;
        co_await ledger.set_instant(instant);
        co_await changes.past(seen);
    }
    scope.cancel();
}

}  // namespace lockstep::app
