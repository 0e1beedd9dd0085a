// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "messaging/document_bytes.hpp"

namespace lockstep::messaging {

// Beyond the texts themselves: commas, and what the batch's header says of each item.
std::size_t document_bytes(const Message& message, const std::vector<Data>& data) {
    std::string text;
    append_message_json(text, message);
    for (auto const& item : data) append_data_json(text, item);
    return text.size() + data.size() * 40 + 2;
}

}  // namespace lockstep::messaging
