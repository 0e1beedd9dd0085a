// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Frames of the peer link on any bytes: no crash, a refusal has its code, and what is read as a frame is written
// again to the byte, so that nothing in it was passed over.
#include <cstddef>
#include <cstdint>

#include "base/must.hpp"
#include "net/errors.hpp"
#include "swarm/errors.hpp"
#include "swarm/protocol.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lockstep;
    const BytesView bytes(data, size);
    const auto frame = swarm::decode(bytes);
    if (!frame) {
        MUST(frame.error().is(errors::bad_frame) || frame.error().is(errors::frame_too_large),
             "what is no frame is refused as one");
        return 0;
    }
    MUST(!swarm::name_of(*frame).empty(), "every frame has a name");
    const auto again = swarm::encode(*frame);
    MUST(as_text(again) == as_text(bytes), "a frame has one form");
    return 0;
}
