// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// parse_batch() on any bytes: no crash, and what it accepts it writes and accepts again, to the byte.
// Random bytes never hit a SHA-256, so the input is also tried with its hashes put right.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/must.hpp"
#include "core/detail/batch_reader.hpp"
#include "core/json.hpp"
#include "core/message.hpp"
#include "core/sha256.hpp"

namespace {

using namespace lockstep;

void check(std::string_view document) {
    const auto batch = parse_batch(document);
    if (!batch) return;
    const std::string written = batch_json(*batch);
    const auto again = parse_batch(written);
    // A batch under the payload hash of old releases does not keep what that hash covers.
    if (!again) {
        MUST(sha256(manifest_json(*batch)) != batch->hash, "what is accepted by its manifest stays accepted");
        return;
    }
    MUST(batch_json(*again) == written, "reading and writing settle at once");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view document(reinterpret_cast<const char*>(data), size);
    check(document);

    const auto text = json::compact(document);
    if (!text) return 0;
    auto batch = read_batch(json::Value(*text));
    if (!batch) return 0;
    static_cast<void>(legacy_payload_json(*batch, json::Value(*text)["payload"]));
    for (Data& item : batch->data) {
        const auto blob = item.blob ? std::optional(item.blob->hash) : std::nullopt;
        if (const auto hash = data_hash(item.value, blob)) {
            for (Message& message : batch->messages) {
                for (DataRef& ref : message.data) {
                    if (ref.id == item.id) ref.hash = *hash;
                }
            }
            item.hash = *hash;
        }
    }
    for (Message& message : batch->messages) seal(message);
    batch->hash = sha256(manifest_json(*batch));
    check(batch_json(*batch));
    return 0;
}
