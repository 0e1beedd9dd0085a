// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Reads the fields of a batch document. An absent or null field reads as empty, as Go's decoder has it; a
// field of another shape refuses the document. `Place` names a field only when there is something to say.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/uuid.hpp"
#include "core/json.hpp"

namespace lockstep {

struct Place {
    std::string_view list = {};  // "payload.messages", or empty for the document itself
    std::size_t index = 0;

    std::string text(std::string_view field) const;
};

Error no_batch(std::string_view reason);
Error no_batch(const Place& place, std::string_view field, std::string_view reason);

Result<std::string> read_text(json::Value value, const Place& place, std::string_view field);
Result<std::optional<Uuid>> read_uuid(json::Value value, const Place& place, std::string_view field);
// The same, but it has to be there and not nil.
Result<Uuid> read_id(json::Value value, const Place& place, std::string_view field);
Result<std::optional<Hash>> read_hash(json::Value value, const Place& place, std::string_view field);
Result<Time> read_time(json::Value value, const Place& place, std::string_view field);
Result<std::int64_t> read_size(json::Value value, const Place& place, std::string_view field);
Result<std::vector<std::string>> read_texts(json::Value value, const Place& place, std::string_view field);
Result<std::vector<json::Value>> read_list(json::Value value, const Place& place, std::string_view field);
Result<void> check_object(json::Value value, const Place& place, std::string_view field);

}  // namespace lockstep
