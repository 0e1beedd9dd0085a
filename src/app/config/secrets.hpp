// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The files that a configuration names, read for one member.
#pragma once

#include "app/config/settings.hpp"
#include "auth/gate.hpp"

namespace lockstep::app::config {

// Who may: LS10821 to LS10823 for files that cannot be used.
Result<auth::Gate::Guards> load_guards(const Settings& settings, int member);

// How a subscription's https endpoint and we know each other, by the name that it says in `tlsConfigName`.
struct TlsFiles {
    std::string name;
    std::string ca_file, cert_file, key_file;  // PEM; whole paths, or empty
    bool insecure = false;                     // whosever certificate the endpoint shows
};
// The profiles of the namespace that are enabled. Their files are there and TLS can use them: LS10817, LS10823.
Result<std::vector<TlsFiles>> load_tls_profiles(const Settings& settings, int member);

// Everything of the above that is wrong, for members 0 to `members` - 1.
std::vector<Error> check_files(const Settings& settings, int members);

}  // namespace lockstep::app::config
