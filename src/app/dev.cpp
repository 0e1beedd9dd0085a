// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/dev.hpp"

#include <signal.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "app/children.hpp"
#include "app/config/secrets.hpp"
#include "app/descriptors.hpp"
#include "app/host.hpp"
#include "app/ledger_host.hpp"
#include "async/scope.hpp"
#include "async/tap.hpp"
#include "base/logging.hpp"

namespace lockstep::app {

std::string member_folder(const std::string& data, int index) { return data + "/member-" + std::to_string(index); }

namespace {

// Keys, certificates and endpoints of every member: the configured first contact.
std::vector<swarm::Peer> prepare_members(const std::string& data, int members, int accounts) {
    std::vector<swarm::Peer> peers;
    for (int i = 0; i < members; ++i) {
        auto files = prepare_member(member_folder(data, i), i, accounts);
        if (!files) throw std::runtime_error(files.error().message());
        peers.push_back(files->peer);
    }
    return peers;
}

// Tells everything that is wrong with the file, and throws if anything is.
config::Settings settings_of(const std::string& file, int members) {
    if (file.empty()) return {};
    auto loaded = config::load_settings(file);
    if (loaded.problems.empty()) loaded.problems = config::check_files(loaded.settings, members);
    for (auto const& problem : loaded.problems) std::fprintf(stderr, "lockstep: %s\n", problem.message().c_str());
    if (!loaded.problems.empty()) throw std::runtime_error("nothing was started, since " + file + " has mistakes");
    return std::move(loaded.settings);
}

HostConfig host_config(int index,
                       const std::string& data,
                       std::uint16_t first_port,
                       std::int64_t confirmations,
                       bool register_self,
                       bool faults,
                       const std::string& webhook_allow,
                       const std::vector<swarm::Peer>& members,
                       const config::Settings& settings) {
    HostConfig config;
    config.settings = settings;
    config.index = index;
    config.folder = member_folder(data, index);
    config.ledger_socket = LedgerHost::socket_path(data + "/ledger");
    config.api_port = static_cast<std::uint16_t>(first_port + index);
    config.first_api_port = first_port;
    config.confirmations = confirmations;
    config.register_self = register_self;
    config.faults = faults;
    config.webhook_addresses = net::AddressRules::parse(webhook_allow).value();
    config.members = members;
    return config;
}

void say(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

std::string url(std::uint16_t port) { return "http://127.0.0.1:" + std::to_string(port); }

// What the members have told so far, on the main thread.
struct Progress {
    std::vector<bool> serving, registered;
    std::string failure;
    Tap tap;
    bool complete(const std::vector<bool>& flags) const {
        for (auto const flag : flags) {
            if (!flag) return false;
        }
        return true;
    }
};

class DevNetwork {
  public:
    explicit DevNetwork(const DevOptions& options) : options_(options) {}

    int run() {
        int code = 1;
        asio::co_spawn(io_, live(code), [&](std::exception_ptr failure) {
            if (!failure) return;
            try {
                std::rethrow_exception(failure);
            } catch (const std::exception& error) {
                std::fprintf(stderr, "lockstep: %s\n", error.what());
            }
        });
        io_.run();
        return code;
    }

  private:
    Task<void> live(int& code) {
        auto const clock = make_clock(io_.get_executor());
        asio::signal_set signals(io_, SIGINT, SIGTERM);
        settings_ = settings_of(options_.config, options_.members);
        if (settings_.port_given && !options_.api_port_given) options_.api_port = settings_.http.port;
        tell_limits();
        std::filesystem::create_directories(options_.data + "/ledger");
        std::filesystem::permissions(options_.data, std::filesystem::perms::owner_all);
        auto const count = static_cast<std::size_t>(options_.members);
        progress_.serving.assign(count, false);
        progress_.registered.assign(count, false);
        auto const fresh =
            !std::filesystem::exists(member_folder(options_.data, options_.members - 1) + "/lockstep.db");
        auto const members = prepare_members(options_.data, options_.members, options_.accounts);

        // Until the network has registered itself, nobody should wait for blocks.
        LedgerHost ledger({options_.data + "/ledger", options_.block_interval, options_.confirmations,
                           fresh && options_.register_members});
        ledger.start();

        std::vector<std::unique_ptr<Host>> hosts;
        Scope scope(io_.get_executor(), {.name = "members"});
        std::unique_ptr<Children> children;
        if (options_.processes) {
            children = make_children(*clock);
            for (int i = 0; i < options_.members; ++i) scope.spawn(children->keep(i));
        } else {
            for (int i = 0; i < options_.members; ++i) {
                hosts.push_back(make_host(i, members));
                hosts.back()->start();
            }
        }
        scope.spawn(announce(ledger));
        scope.spawn(watch_signals(signals));

        while (!stop_ && progress_.failure.empty()) {
            auto const seen = progress_.tap.rings();
            if (stop_ || !progress_.failure.empty()) break;
            co_await progress_.tap.past(seen);
        }
        code = progress_.failure.empty() ? 0 : 1;
        if (code != 0) std::fprintf(stderr, "lockstep: %s\n", progress_.failure.c_str());
        scope.cancel();
        co_await scope.join();
        for (auto& host : hosts) host->stop();
        for (auto& host : hosts) host->join();
        hosts.clear();
    }

    void tell_limits() {
        auto const descriptors = raise_descriptor_limit();
        // The rest is kept for databases, peers and webhooks.
        auto const connections = std::min<std::size_t>(settings_.http.connections_max,
                                                       static_cast<std::size_t>(connection_descriptor_max()));
        say("open files: at most " + std::to_string(descriptors) + " in a process, " + std::to_string(connections) +
            " of them connections of one API");
        auto const& address = settings_.http.address;
        auto const asked = settings_.server_auth.has("basic") || settings_.server_auth.has("bearer");
        if (!address.starts_with("127.") && address != "::1" && address != "localhost" && !asked)
            logging::warn("the API listens for others and asks nobody for credentials", {{"address", address}});
    }

    Task<void> watch_signals(asio::signal_set& signals) {
        co_await signals.async_wait(asio::use_awaitable);
        stop_ = true;
        progress_.tap.ring();
    }

    Task<void> announce(LedgerHost& ledger) {
        for (;;) {
            auto const seen = progress_.tap.rings();
            if (progress_.complete(progress_.registered) && progress_.complete(progress_.serving)) break;
            co_await progress_.tap.past(seen);
        }
        ledger.set_instant(false);
        auto line = "ready: " + std::to_string(options_.members) + (options_.members == 1 ? " member" : " members");
        for (int i = 0; i < options_.members; ++i)
            line += (i == 0 ? " at " : ", ") + url(static_cast<std::uint16_t>(options_.api_port + i));
        say(line);
    }

    std::unique_ptr<Host> make_host(int index, const std::vector<swarm::Peer>& members) {
        auto config =
            host_config(index, options_.data, options_.api_port, options_.confirmations, options_.register_members,
                        options_.faults, options_.webhook_allow, members, settings_);
        auto const at = static_cast<std::size_t>(index);
        Host::Hooks hooks;
        hooks.serving = [this, at](std::uint16_t) { asio::post(io_, [this, at] { note(progress_.serving, at); }); };
        hooks.registered = [this, at] { asio::post(io_, [this, at] { note(progress_.registered, at); }); };
        hooks.failed = [this, index](std::string error) {
            asio::post(io_, [this, index, error = std::move(error)] {
                progress_.failure = "member " + std::to_string(index) + ": " + error;
                progress_.tap.ring();
            });
        };
        return std::make_unique<Host>(std::move(config), std::move(hooks));
    }

    std::unique_ptr<Children> make_children(Clock& clock) {
        auto const arguments = [this](int index) {
            std::vector<std::string> list{"member",
                                          "--index",
                                          std::to_string(index),
                                          "--members",
                                          std::to_string(options_.members),
                                          "--data",
                                          options_.data,
                                          "--api-port",
                                          std::to_string(options_.api_port),
                                          "--confirmations",
                                          std::to_string(options_.confirmations),
                                          "--webhook-allow",
                                          options_.webhook_allow};
            if (!options_.config.empty()) list.insert(list.end(), {"--config", options_.config});
            if (options_.faults) list.emplace_back("--faults");
            if (!options_.register_members) list.emplace_back("--no-register");
            return list;
        };
        Children::Hooks hooks;
        hooks.started = [this](int index, int pid) {
            say("member " + std::to_string(index) + " pid " + std::to_string(pid) + " " +
                url(static_cast<std::uint16_t>(options_.api_port + index)));
        };
        hooks.said = [this](int index, const std::string& line) {
            auto const at = static_cast<std::size_t>(index);
            if (line == "serving") note(progress_.serving, at);
            if (line == "registered") note(progress_.registered, at);
        };
        return std::make_unique<Children>(io_.get_executor(), clock, options_.program, arguments, std::move(hooks));
    }

    void note(std::vector<bool>& flags, std::size_t at) {
        flags[at] = true;
        progress_.tap.ring();
    }

    DevOptions options_;
    asio::io_context io_{1};
    Progress progress_;
    config::Settings settings_;
    bool stop_ = false;
};

}  // namespace

int run_dev(const DevOptions& options) { return DevNetwork(options).run(); }

int run_member(const MemberOptions& options) {
    asio::io_context io{1};
    asio::signal_set signals(io, SIGINT, SIGTERM);
    raise_descriptor_limit();
    std::string failure;
    auto config =
        host_config(options.index, options.data, options.api_port, options.confirmations, options.register_members,
                    options.faults, options.webhook_allow, prepare_members(options.data, options.members, 1),
                    settings_of(options.config, options.members));
    Host::Hooks hooks;
    hooks.serving = [](std::uint16_t) { say("serving"); };
    hooks.registered = [] { say("registered"); };
    hooks.failed = [&](std::string error) {
        asio::post(io, [&, error = std::move(error)] {
            failure = error;
            signals.cancel();
        });
    };
    Host host(std::move(config), std::move(hooks));
    host.start();
    signals.async_wait([&](boost::system::error_code, int) { host.stop(); });
    io.run();
    host.join();
    if (!failure.empty()) std::fprintf(stderr, "lockstep member %d: %s\n", options.index, failure.c_str());
    return failure.empty() ? 0 : 1;
}

}  // namespace lockstep::app
