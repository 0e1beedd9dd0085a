// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Whether TLS will be able to use PEM texts, asked before anything depends on it.
#pragma once

#include <optional>
#include <string>

namespace lockstep::net {

struct PemTexts {
    std::string ca;                // certificates to believe
    std::string certificate, key;  // of ourselves; both or neither
};

// Why TLS could not use them: a text that is no PEM, a key that is not the certificate's. Nothing when it can;
// empty texts are passed over.
std::optional<std::string> what_is_wrong(const PemTexts& texts);

}  // namespace lockstep::net
