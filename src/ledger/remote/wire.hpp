// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The frames between RemoteLedger and LedgerServer, byte by byte (integers big endian):
//
//   0   1  version, 1
//   1   1  kind: a Call from the client, a Reply from the server
//   2   8  id: chosen by the client, repeated in the reply; 0 in a Reply::head
//  10   …  body, by kind
//
// Bodies:  info        –                        → text8 plugin, text8 verifier, text8 chain, text8 contract
//          send        transaction              → –
//          next_nonce  text8 account            → i64
//          head        –                        → head
//          blocks      i64 first, i64 last      → blocks; as many as fit, at least one if there is one
//          set_instant u8, pause u8, fork i64, replay i64 → –
//          Reply::refusal  text8 code, u16 status, text16 text; Reply::failure  text16; Reply::head  head
//   head   = i64 number, 32 hash, u64 replays, i64 replay_from
//   blocks = u32 count, then each: i64 number, 32 hash, 32 parent, i64 timestamp,
//            u32 count, each 32 hash, text8 from, i64 nonce, u8 success;
//            u32 count, each u32 transaction index, u32 log index, text8 author, text8 action, 16 tx,
//            16 batch, 32 batch hash, text16 payload reference, u32 count, each 32 context
//   textN  = N bits of length, then so many bytes
//
// Decoders are total: what they cannot read is empty.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "ledger/types.hpp"
#include "net/frames.hpp"

namespace lockstep::ledger::wire {

enum class Call : std::uint8_t { info = 1, send, next_nonce, head, blocks, set_instant, pause, fork, replay };
enum class Reply : std::uint8_t { answer = 128, refusal, failure, head };

// An answer with blocks is not longer, unless a single block is.
inline constexpr std::size_t blocks_bytes_max = 512 << 10;

// For the network between the two: a block with one transaction of the greatest size fits.
inline net::FrameLimits frame_limits() {
    net::FrameLimits limits;
    limits.frame_bytes_max = 4 << 20;
    return limits;
}

struct Frame {
    std::uint8_t kind = 0;
    std::uint64_t id = 0;
    Bytes body;
};
Bytes encode(std::uint8_t kind, std::uint64_t id, BytesView body);
inline Bytes encode(Call kind, std::uint64_t id, BytesView body) {
    return encode(static_cast<std::uint8_t>(kind), id, body);
}
inline Bytes encode(Reply kind, std::uint64_t id, BytesView body) {
    return encode(static_cast<std::uint8_t>(kind), id, body);
}
std::optional<Frame> decode_frame(BytesView bytes);

Bytes encode_info(const Info& info);
std::optional<Info> decode_info(BytesView body);

Bytes encode_head(const Head& head);
std::optional<Head> decode_head(BytesView body);

// The first blocks, until blocks_bytes_max; at least one.
Bytes encode_blocks(const std::vector<Block>& blocks);
std::optional<std::vector<Block>> decode_blocks(BytesView body);

Bytes encode_refusal(const Error& error);
// Empty also when the code is none that a ledger refuses with.
std::optional<Error> decode_refusal(BytesView body);

}  // namespace lockstep::ledger::wire
