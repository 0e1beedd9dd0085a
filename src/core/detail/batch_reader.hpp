// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.hpp"
#include "core/detail/read_fields.hpp"
#include "core/json.hpp"
#include "core/message.hpp"

namespace lockstep {

// The shapes of a document in compact form: LS10110 or a batch of which nothing else is known.
Result<Batch> read_batch(json::Value document);

Result<MessageHeader> read_header(json::Value value, const Place& place = {});

// The payload as releases up to 0.13 hashed it (firefly-core.md 2.7): full bodies, with what a sender knew
// then and the transport form leaves out today. `batch` has been read from the document `payload` is in.
Result<std::string> legacy_payload_json(const Batch& batch, json::Value payload);

}  // namespace lockstep
