// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 over pieces, without intermediate copies.
#pragma once

#include <memory>
#include <string_view>

#include "base/bytes.hpp"

namespace lockstep {

Hash sha256(BytesView bytes);
inline Hash sha256(std::string_view text) { return sha256(as_bytes(text)); }

// finish() begins anew. A thread keeps its hashes to itself: an object is finished where it began.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256& add(BytesView bytes);
    Sha256& add(std::string_view text) { return add(as_bytes(text)); }
    Hash finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace lockstep
