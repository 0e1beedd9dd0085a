// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Each runs once and comes back with its line of JSON.
#pragma once

#include <string>

#include "load/world.hpp"

namespace lockstep::load {

// sending.cpp
Awaitable<std::string> confirm(World& world);
Awaitable<std::string> latency(World& world);
Awaitable<std::string> store(World& world);

// reading.cpp
Awaitable<std::string> replay(World& world);
Awaitable<std::string> get(World& world);

// asking.cpp
Awaitable<std::string> ask(World& world);

// webhooks.cpp
Awaitable<std::string> webhooks(World& world);
Awaitable<std::string> dead_webhook(World& world);

// subscriptions.cpp
Awaitable<std::string> subscriptions(World& world);

}  // namespace lockstep::load
