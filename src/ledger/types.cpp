// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "ledger/types.hpp"

#include <fmt/format.h>

namespace lockstep::ledger {

std::string PinEvent::protocol_id() const {
    return fmt::format("{:012d}/{:06d}/{:06d}", block.value, tx_index, log_index);
}

}  // namespace lockstep::ledger
