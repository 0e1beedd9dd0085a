// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/ascii.hpp"
#include "net/http.hpp"

namespace lockstep::net {

std::string_view Headers::get(std::string_view name) const {
    for (const auto& [key, value] : list) {
        if (same_ignoring_case(key, name)) return value;
    }
    return {};
}

bool Headers::has(std::string_view name) const {
    for (const auto& [key, value] : list) {
        if (same_ignoring_case(key, name)) return true;
    }
    return false;
}

void Headers::set(std::string name, std::string value) {
    for (auto& [key, old] : list) {
        if (same_ignoring_case(key, name)) {
            old = std::move(value);
            return;
        }
    }
    list.emplace_back(std::move(name), std::move(value));
}

}  // namespace lockstep::net
