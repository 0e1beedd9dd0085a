// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/name_lookup.hpp"

#include <netdb.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <algorithm>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "async/tap.hpp"

namespace lockstep::net {

namespace {

constexpr std::size_t lookups_max = 16;

struct Found {
    std::vector<IpAddress> addresses;
    std::string failure;
};

// Blocks.
Found ask_system(const std::string& host) {
    Found out;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (auto const failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &list); failure != 0) {
        out.failure = ::gai_strerror(failure);
        return out;
    }
    for (auto const* one = list; one; one = one->ai_next) {
        if (one->ai_family != AF_INET && one->ai_family != AF_INET6) continue;
        asio::ip::tcp::endpoint endpoint;
        std::memcpy(endpoint.data(), one->ai_addr, one->ai_addrlen);
        auto const address = endpoint.address();
        if (std::find(out.addresses.begin(), out.addresses.end(), address) == out.addresses.end())
            out.addresses.push_back(address);
    }
    ::freeaddrinfo(list);
    return out;
}

struct Lookup {
    Found found;
    Gate done;
};

}  // namespace

struct NameLookup::Shared {
    Executor executor;
    std::mutex mutex;
    bool closed = false;  // guarded by the mutex: the executor may be gone
    std::size_t under_way = 0;
    Waiters turns;
};

NameLookup::NameLookup(Executor executor) : shared_(std::make_shared<Shared>()) {
    shared_->executor = std::move(executor);
}

NameLookup::~NameLookup() {
    std::lock_guard const lock(shared_->mutex);
    shared_->closed = true;
    shared_->executor = {};
}

Task<std::vector<IpAddress>> NameLookup::find(std::string host) {
    auto const shared = shared_;
    while (shared->under_way >= lookups_max) co_await shared->turns.wait();
    ++shared->under_way;
    auto const lookup = std::make_shared<Lookup>();
    std::thread([shared, lookup, host] {
        auto found = ask_system(host);
        std::lock_guard const lock(shared->mutex);
        if (shared->closed) return;
        asio::post(shared->executor, [shared, lookup, found = std::move(found)]() mutable {
            lookup->found = std::move(found);
            --shared->under_way;
            shared->turns.wake_one();
            lookup->done.open();
        });
    }).detach();
    co_await lookup->done.passed();
    if (lookup->found.addresses.empty())
        throw std::runtime_error("no address for " + host + ": " + lookup->found.failure);
    co_return std::move(lookup->found.addresses);
}

}  // namespace lockstep::net
