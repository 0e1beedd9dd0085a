// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The canonical texts as pieces of larger ones; message.hpp has them as texts of their own.
#pragma once

#include <string>
#include <vector>

#include "core/detail/object_text.hpp"
#include "core/message.hpp"

namespace lockstep {

template <class Item, class Append>
void append_list(std::string& out, const std::vector<Item>& items, Append append) {
    out += '[';
    for (const Item& item : items) {
        if (&item != items.data()) out += ',';
        append(out, item);
    }
    out += ']';
}

void append_text_list(std::string& out, const std::vector<std::string>& texts);
void append_header(std::string& out, const MessageHeader& header);
void append_data_refs(std::string& out, const std::vector<DataRef>& refs);
void append_tx_ref(std::string& out, const TxRef& tx);
void append_datatype(std::string& out, const DatatypeRef& datatype);
void append_blob(std::string& out, const BlobRef& blob);

}  // namespace lockstep
