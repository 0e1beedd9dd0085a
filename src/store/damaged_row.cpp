// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/errors.hpp"
#include "store/session.hpp"

namespace lockstep::store {

DamagedRow::DamagedRow(std::string_view what, std::string_view found)
    : StoreError(refuse(errors::row_damaged, {{"what", what}, {"found", found}}).message()) {}

}  // namespace lockstep::store
