// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/host.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "api/api.hpp"
#include "app/config/secrets.hpp"
#include "app/descriptors.hpp"
#include "app/faults.hpp"
#include "app/member.hpp"
#include "async/deadline.hpp"
#include "async/scope.hpp"
#include "async/tap.hpp"
#include "base/logging.hpp"
#include "base/thread_name.hpp"
#include "core/json.hpp"
#include "identity/keystore.hpp"
#include "ledger/remote/remote_ledger.hpp"
#include "net/http.hpp"

namespace lockstep::app {

struct Host::Life {
    HostConfig config;
    Hooks hooks;
    asio::io_context io{1};
    Tap stop_requested;
    std::thread thread;
    bool stopping = false;

    Task<void> live();
    Task<void> serve(Member& member, Clock& clock, ledger::RemoteLedger& ledger);
    Task<void> settle_in(Member& member);
    Task<void> wind_down(Scope& scope, Member& member, net::HttpServer& server, Clock& clock);
};

Host::Host(HostConfig config, Hooks hooks) : life_(std::make_unique<Life>()) {
    life_->config = std::move(config);
    life_->hooks = std::move(hooks);
}

Host::~Host() {
    stop();
    join();
}

void Host::start() {
    life_->thread = std::thread([life = life_.get()] {
        name_this_thread("logic");
        asio::co_spawn(life->io, life->live(), [life](std::exception_ptr failure) {
            if (!failure) return;
            try {
                std::rethrow_exception(failure);
            } catch (const std::exception& error) {
                life->hooks.failed(error.what());
            }
        });
        life->io.run();
    });
}

void Host::stop() {
    asio::post(life_->io, [life = life_.get()] {
        life->stopping = true;
        life->stop_requested.ring();
    });
}

void Host::join() {
    if (life_->thread.joinable()) life_->thread.join();
}

namespace {

// Read when the member starts; the files they name are read for each connection.
delivery::TlsProfiles profiles_of(const HostConfig& config) {
    auto loaded = config::load_tls_profiles(config.settings, config.index);
    if (!loaded) throw std::runtime_error(loaded.error().message());
    std::map<std::string, net::TlsProfile, std::less<>> profiles;
    for (auto& files : *loaded)
        profiles[files.name] = {std::move(files.ca_file), std::move(files.cert_file), std::move(files.key_file),
                                files.insecure};
    return [profiles = std::move(profiles)](std::string_view name) -> std::optional<net::TlsProfile> {
        auto const found = profiles.find(name);
        if (found == profiles.end()) return std::nullopt;
        return found->second;
    };
}

}  // namespace

Task<void> Host::Life::live() {
    auto const executor = io.get_executor();
    auto const clock = make_clock(executor);
    auto const chance = make_system_chance();
    auto files = prepare_member(config.folder, config.index);
    if (!files) throw std::runtime_error(files.error().message());
    auto keystore = identity::Keystore::open(config.folder + "/keys");
    if (!keystore) throw std::runtime_error(keystore.error().message());
    auto const ledger_key = keystore->ledger_key(*chance);
    if (!ledger_key) throw std::runtime_error(ledger_key.error().message());
    // The organisation's account comes first; others are for identities of their own.
    std::vector<identity::LedgerKey> keys{**ledger_key};
    for (auto const& address : keystore->ledger_addresses()) {
        if (address != keys.front().address()) keys.push_back(*keystore->find_ledger_key(address));
    }
    auto const node_key = keystore->node_key(*chance);
    if (!node_key) throw std::runtime_error(node_key.error().message());
    auto const pems = keystore->peer_pair({});
    if (!pems) throw std::runtime_error(pems.error().message());

    auto const local = net::make_unix_network(executor, *clock, {.frame_bytes_max = 8 << 20});
    ledger::RemoteLedger ledger(executor, *clock, *chance, *local, config.ledger_socket, {});
    Scope links(executor, {.name = "ledger link"});
    links.spawn(ledger.run());
    auto const network = net::make_tls_network(executor, *clock, pems->first, pems->second, config.settings.peers);

    auto const web = net::make_web_client(executor, *clock, config.webhook_addresses);

    MemberConfig member_config;
    auto const number = std::to_string(config.index);
    member_config.profile.org_name = "org_" + number;
    member_config.profile.org_description = "Organisation " + number;
    member_config.profile.node_name = "node_" + number;
    member_config.profile.node_description = "Node " + number;
    member_config.profile.key = keys.front().address();
    member_config.profile.node_profile = files->node_profile;
    member_config.node = node_key->id();
    member_config.peer_id = files->peer.id;
    for (auto const& peer : config.members) {
        if (peer.id != files->peer.id) member_config.peers.push_back(peer);
    }
    member_config.confirmations = config.confirmations;
    member_config.database.path = config.folder + "/lockstep.db";
    member_config.exchange.endpoint = files->listen;
    member_config.batcher = config.settings.batcher;
    member_config.sender = config.settings.sender;

    std::exception_ptr failure;
    try {
        auto const files = store::make_files(config.folder + "/blobs");
        auto const worker = make_worker("blobs");
        auto tls_profiles = profiles_of(config);
        MemberPorts const ports{executor, *clock, *chance, ledger,    *network,
                                keys,     *files, *worker, web.get(), std::move(tls_profiles)};
        auto member = co_await Member::open(std::move(member_config), ports);
        if (!member) throw std::runtime_error(member.error().message());
        co_await serve(**member, *clock, ledger);
        (*member)->close();
    } catch (...) {
        failure = std::current_exception();  // rethrown once the link has ended
    }
    links.cancel();
    co_await links.join();
    if (failure) std::rethrow_exception(failure);
}

Task<void> Host::Life::serve(Member& member, Clock& clock, ledger::RemoteLedger& ledger) {
    auto const executor = io.get_executor();
    auto services = member.services();
    auto const skip = [&member](bool on) { member.sender().skip_validation(on); };
    Faults faults(config, member.exchange(), skip, ledger, clock, executor);
    if (config.faults)
        services.faults = [&faults](std::string body, std::string authorization) {
            return faults.apply(std::move(body), std::move(authorization));
        };
    auto const chance = make_system_chance();
    auto guards = config::load_guards(config.settings, config.index);
    if (!guards) throw std::runtime_error(guards.error().message());
    auth::PasswordChecker checker(clock, *chance, {});
    auth::Gate const gate(std::move(*guards), checker);
    auto api_options = config.settings.api;
    api_options.gate = &gate;
    api::Api api(services, member.metrics(), api_options);
    auto options = config.settings.http;
    options.port = config.api_port;
    options.descriptor_max = connection_descriptor_max();
    auto server = net::make_http_server(executor, clock, api, options);
    if (!server) throw std::runtime_error(server.error().message());

    Scope scope(executor, {.name = "host", .fail_together = true});
    scope.spawn(member.run());
    scope.spawn((*server)->run());
    scope.spawn(settle_in(member));
    scope.spawn(wind_down(scope, member, **server, clock));
    if (hooks.serving) hooks.serving((*server)->port());
    co_await scope.join();
}

// Registers what is not registered, and waits until the whole network is known here.
Task<void> Host::Life::settle_in(Member& member) {
    if (config.register_self) {
        if (auto const sent = co_await member.register_self(); !sent) throw std::runtime_error(sent.error().message());
        for (;;) {
            auto const seen = member.registry_tap().rings();
            auto const known = co_await member.identities();
            if (known >= 2 * config.members.size()) break;
            co_await member.registry_tap().past(seen);
        }
    }
    if (hooks.registered) hooks.registered();
}

// Nothing new comes in; positions are written; whatever still runs is cancelled. Commits are atomic, so
// insisting is always safe.
Task<void> Host::Life::wind_down(Scope& scope, Member& member, net::HttpServer& server, Clock& clock) {
    if (!stopping) co_await stop_requested.past(0);
    server.refuse_new();
    member.delivery().refuse_new();
    try {
        co_await within(clock, 5s, member.flush());
    } catch (const TimedOut&) {
        logging::warn("positions of subscriptions were not written in time");
    }
    scope.cancel();
}

Result<MemberFiles> prepare_member(const std::string& folder, int index, int accounts) {
    std::filesystem::create_directories(folder);
    auto const chance = make_system_chance();
    auto const node_name = "node_" + std::to_string(index);
    TRY(auto keystore, identity::Keystore::open(folder + "/keys"));
    for (auto i = 0; i < accounts; ++i) TRY_VOID(keystore.ledger_key(*chance, static_cast<unsigned>(i)));
    TRY_VOID(keystore.node_key(*chance));
    TRY(auto const pems, keystore.peer_pair([&] {
        auto made = net::make_certificate(node_name);
        return identity::Keystore::PeerPair{made.key_pem, made.certificate_pem};
    }));

    // The endpoint is kept: it is in the node's registered profile.
    auto const path = folder + "/peer.endpoint";
    std::string endpoint;
    if (std::ifstream file(path); file) std::getline(file, endpoint);
    if (endpoint.empty()) {
        endpoint = "127.0.0.1:" + std::to_string(net::free_loopback_port(*chance));
        std::ofstream(path) << endpoint << "\n";
    }
    MemberFiles files;
    if (std::ifstream file(folder + "/peer.listen"); file) std::getline(file, files.listen);
    if (files.listen.empty()) files.listen = endpoint;
    files.peer.fingerprint = net::certificate_fingerprint(pems.second);
    files.peer.id = files.peer.fingerprint.substr(0, 16) + "/" + node_name;
    files.peer.endpoint = endpoint;
    json::Writer profile;
    profile.begin_object()
        .field("cert", pems.second)
        .field("endpoint", endpoint)
        .field("fingerprint", files.peer.fingerprint);
    profile.field("id", files.peer.id).end_object();
    files.node_profile = profile.take();
    return files;
}

Result<std::vector<std::string>> accounts_of_member(const std::string& folder) {
    if (!std::filesystem::exists(folder + "/keys")) return std::vector<std::string>{};
    TRY(auto const keystore, identity::Keystore::open(folder + "/keys"));
    return keystore.ledger_addresses();
}

}  // namespace lockstep::app
