// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// How much room a message takes in the document of its batch. No member takes a document that is too large,
// so this never says less than what it is.
#pragma once

#include <cstddef>
#include <vector>

#include "core/message.hpp"

namespace lockstep::messaging {

// Of a document, beyond its messages and their data.
inline constexpr std::size_t envelope_bytes = 700;

std::size_t document_bytes(const Message& message, const std::vector<Data>& data);

}  // namespace lockstep::messaging
