// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/catalogue.hpp"

#include <algorithm>
#include <array>

#include "api/errors.hpp"
#include "app/config/errors.hpp"
#include "app/errors.hpp"
#include "auth/errors.hpp"
#include "blobs/errors.hpp"
#include "core/errors.hpp"
#include "delivery/errors.hpp"
#include "identity/errors.hpp"
#include "ledger/errors.hpp"
#include "messaging/errors.hpp"
#include "net/errors.hpp"
#include "registry/errors.hpp"
#include "sequencer/errors.hpp"
#include "store/errors.hpp"
#include "swarm/errors.hpp"

namespace lockstep::app {

namespace {

template <std::size_t... sizes>
constexpr auto join(const ErrorSpec* const (&... lists)[sizes]) {
    std::array<const ErrorSpec*, (sizes + ...)> out{};
    auto end = out.begin();
    ((end = std::copy(std::begin(lists), std::end(lists), end)), ...);
    std::sort(out.begin(), out.end(), [](auto const* a, auto const* b) { return a->code < b->code; });
    return out;
}

constexpr auto entries = join(errors::of_api,
                              errors::of_app,
                              errors::of_auth,
                              errors::of_config,
                              errors::of_blobs,
                              errors::of_core,
                              errors::of_delivery,
                              errors::of_identity,
                              errors::of_ledger,
                              errors::of_messaging,
                              errors::of_net,
                              errors::of_registry,
                              errors::of_sequencer,
                              errors::of_store,
                              errors::of_swarm);

// A number with two meanings does not compile.
static_assert(std::adjacent_find(entries.begin(), entries.end(), [](auto const* a, auto const* b) {
                  return a->code == b->code;
              }) == entries.end());

}  // namespace

std::span<const ErrorSpec* const> catalogue() { return entries; }

}  // namespace lockstep::app
