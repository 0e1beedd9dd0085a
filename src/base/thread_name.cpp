// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/thread_name.hpp"

#include <pthread.h>

#include <string>

namespace lockstep {

void name_this_thread(std::string_view name) {
    pthread_setname_np(pthread_self(), std::string(name.substr(0, 15)).c_str());
}

}  // namespace lockstep
