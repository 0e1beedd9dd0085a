// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "core/errors.hpp"
#include "core/message.hpp"
#include "core/names.hpp"

namespace lockstep {

namespace {

constexpr std::size_t topics_max = 10;
constexpr std::size_t topics_bytes_max = 1024;

Result<void> check_topics(const std::vector<std::string>& topics) {
    constexpr std::string_view field = "header.topics";
    if (topics.size() > topics_max) {
        return refuse(
            errors::too_many_items,
            {{"field", field}, {"count", std::to_string(topics.size())}, {"limit", std::to_string(topics_max)}});
    }
    std::size_t length = 0;
    for (std::size_t i = 0; i < topics.size(); ++i) {
        const std::string index = std::to_string(i);
        const auto earlier = topics.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::find(topics.begin(), earlier, topics[i]) != earlier) {
            return refuse(errors::duplicate_item, {{"field", field}, {"value", topics[i]}, {"index", index}});
        }
        TRY_VOID(check_name(topics[i], "header.topics[" + index + "]"));
        length += topics[i].size();
    }
    if (length > topics_bytes_max) {
        return refuse(
            errors::items_too_long,
            {{"field", field}, {"length", std::to_string(length)}, {"limit", std::to_string(topics_bytes_max)}});
    }
    return {};
}

// The first reference whose id an earlier one has, or the number of references. Sorted and not hashed:
// ids come from strangers, who could make them fall into one bucket.
std::size_t find_duplicate(const std::vector<DataRef>& refs) {
    std::vector<std::size_t> order(refs.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&refs](std::size_t a, std::size_t b) {
        return refs[a].id != refs[b].id ? refs[a].id < refs[b].id : a < b;
    });
    std::size_t first = refs.size();
    for (std::size_t i = 1; i < order.size(); ++i) {
        if (refs[order[i - 1]].id == refs[order[i]].id) first = std::min(first, order[i]);
    }
    return first;
}

Result<void> check_data_refs(const std::vector<DataRef>& refs) {
    for (std::size_t i = 0; i < refs.size(); ++i) {
        if (refs[i].id.is_nil() || refs[i].hash == Hash{}) {
            return refuse(errors::data_reference_incomplete, {{"index", std::to_string(i)}});
        }
    }
    if (const std::size_t duplicate = find_duplicate(refs); duplicate < refs.size()) {
        return refuse(errors::duplicate_data_reference, {{"index", std::to_string(duplicate)}});
    }
    return {};
}

bool may_carry_messages(TxType type) {
    return type == TxType::batch_pin || type == TxType::unpinned || type == TxType::contract_invoke_pin;
}

}  // namespace

Result<void> check_message_fields(const Message& message) {
    const MessageHeader& header = message.header;
    if (!may_carry_messages(header.txtype)) return refuse(errors::bad_message_txtype, {{"type", word(header.txtype)}});
    TRY_VOID(check_topics(header.topics));
    if (!header.tag.empty()) TRY_VOID(check_name(header.tag, "header.tag"));
    return check_data_refs(message.data);
}

}  // namespace lockstep
