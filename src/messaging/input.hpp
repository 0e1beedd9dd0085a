// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a client may say in POST messages/… and POST data (firefly-core.md 3.1, 16.4), parsed and checked
// as far as the text alone allows. Unknown members are ignored; what the server assigns is overwritten.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/message.hpp"
#include "registry/groups.hpp"

namespace lockstep::messaging {

// One element of "data": a reference (id, and perhaps the hash it must have), or a value, a blob that is here, or
// both.
struct DataInput {
    std::optional<Uuid> id;
    std::optional<Hash> hash;
    std::optional<std::string> value;  // compact JSON
    std::string validator;             // empty: json
    DatatypeRef datatype;
    bool has_blob = false;
    std::optional<Hash> blob_hash;
    std::int64_t blob_size = 0;  // found out by the sender
};

struct MessageInput {
    std::optional<Uuid> cid;
    std::string type, txtype, author, key, tag;  // as given
    std::optional<Hash> group;
    std::optional<registry::GroupInput> recipients;
    std::vector<std::string> topics;
    std::optional<Time> created;
    std::vector<DataInput> data;
    std::string idempotency_key;
};

// `compacted` is what json::compact made. LS10502 when a member has the wrong type, FF00138 for a bad
// UUID, FF00107 or FF00106 for a hash that is too short, too long or no hex, FF00136 for a bad time.
Result<MessageInput> parse_message_input(std::string_view compacted);
// What a request must have beyond that (14.3): FF10261 without a tag, FF10262 with a cid, FF10271 without
// recipients.
Result<void> check_request(const MessageInput& input);
Result<DataInput> parse_data_input(std::string_view compacted);

}  // namespace lockstep::messaging
