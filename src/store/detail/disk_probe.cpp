// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/disk_probe.hpp"

#include <cstdlib>

#include "base/logging.hpp"

namespace lockstep::store::detail {

void DiskProbe::sync_failed(const std::string& reason) {
    if (failed_.exchange(true)) return;
    if (on_fatal_) {
        on_fatal_(reason);
        return;
    }
    logging::error("sync failed, the process ends", {{"reason", reason}});
    std::_Exit(70);  // no destructor may write after this
}

}  // namespace lockstep::store::detail
