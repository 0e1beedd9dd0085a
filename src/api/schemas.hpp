// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The shapes of bodies and answers, for the OpenAPI document (firefly-core.md 18).
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace lockstep::api {

// Types: string, uuid, hash, time, integer, number, boolean, object, any, names; a schema's name; "[X]" is
// an array of X.
struct Member {
    std::string_view name, type, description;
};
struct Schema {
    std::string_view name, description;
    std::vector<Member> members;
    std::string_view is = {};  // instead of members: another type
};

std::span<const Schema> all_schemas();

}  // namespace lockstep::api
