// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The frames of the peer link, byte by byte in README.md. Encoding and decoding only: no state, no I/O.
#pragma once

#include <string>
#include <variant>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace lockstep::swarm {

inline constexpr std::uint16_t protocol_version = 1;
inline constexpr std::size_t frame_bytes_max = 1 << 20;  // what net lets through
inline constexpr std::size_t chunk_bytes_most = frame_bytes_max - 64;
inline constexpr std::size_t chunk_bytes_least = 4 << 10;  // of a chunk that is not the last
inline constexpr std::size_t peer_id_bytes_max = 512;
inline constexpr std::size_t blob_chunk_bytes = 256 << 10;
inline constexpr std::uint32_t blob_want_bytes_max = 16 << 20;

// Why a document is not taken; on the wire as the number.
enum class RefuseCode : std::uint16_t { too_large = 10402, damaged = 10404, quota = 10405 };

struct HelloFrame {
    std::uint16_t version = protocol_version;
    std::string peer;  // profile.id of who says it
    friend bool operator==(const HelloFrame&, const HelloFrame&) = default;
};
// A whole document, sent ahead.
struct PushFrame {
    Hash hash;
    BytesView bytes;
};
// A document that is too long for one frame, to be sent ahead; the answer says from where.
struct OfferFrame {
    Hash hash;
    std::uint32_t total = 0;
    friend bool operator==(const OfferFrame&, const OfferFrame&) = default;
};
struct WantFrame {
    Hash hash;
    std::uint32_t offset = 0;
    friend bool operator==(const WantFrame&, const WantFrame&) = default;
};
struct ChunkFrame {
    Hash hash;
    std::uint32_t total = 0;
    std::uint32_t offset = 0;
    BytesView bytes;
};
struct HaveNotFrame {
    Hash hash;
    friend bool operator==(const HaveNotFrame&, const HaveNotFrame&) = default;
};
struct AckFrame {
    Hash hash;
    friend bool operator==(const AckFrame&, const AckFrame&) = default;
};
struct RefuseFrame {
    Hash hash;
    RefuseCode code = RefuseCode::quota;
    friend bool operator==(const RefuseFrame&, const RefuseFrame&) = default;
};

// ---- blobs: bytes of any length, pulled by the part ----

// At most `length` bytes from `offset` on.
struct BlobWantFrame {
    Hash hash;
    std::uint64_t offset = 0;
    std::uint32_t length = 0;
    friend bool operator==(const BlobWantFrame&, const BlobWantFrame&) = default;
};
struct BlobChunkFrame {
    Hash hash;
    std::uint64_t total = 0;
    std::uint64_t offset = 0;
    BytesView bytes;
};
struct BlobHaveNotFrame {
    Hash hash;
    friend bool operator==(const BlobHaveNotFrame&, const BlobHaveNotFrame&) = default;
};
// A document of ours has this blob: say when you have it.
struct BlobOfferFrame {
    Hash hash;
    friend bool operator==(const BlobOfferFrame&, const BlobOfferFrame&) = default;
};
struct BlobAckFrame {
    Hash hash;
    friend bool operator==(const BlobAckFrame&, const BlobAckFrame&) = default;
};

// The alternatives' order is their type byte, from 1.
using Frame = std::variant<HelloFrame,
                           PushFrame,
                           OfferFrame,
                           WantFrame,
                           ChunkFrame,
                           HaveNotFrame,
                           AckFrame,
                           RefuseFrame,
                           BlobWantFrame,
                           BlobChunkFrame,
                           BlobHaveNotFrame,
                           BlobOfferFrame,
                           BlobAckFrame>;

Bytes encode(const Frame& frame);

// Refuses with LS10403 what is no frame, LS10402 what is longer than a frame may be. How long a document may
// be is decided above. The bytes of a push or chunk are views into `bytes`.
Result<Frame> decode(BytesView bytes);

// The chunk of `document` that begins at `offset`, at most `chunk_bytes` long.
Bytes encode_chunk(const Hash& hash, BytesView document, std::size_t offset, std::size_t chunk_bytes);

// "push", for logs.
std::string_view name_of(const Frame& frame);

}  // namespace lockstep::swarm
