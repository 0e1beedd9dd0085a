// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/protocol.hpp"

#include <algorithm>
#include <array>

#include "base/must.hpp"
#include "net/errors.hpp"
#include "swarm/errors.hpp"

namespace lockstep::swarm {

namespace {

constexpr std::array<std::uint8_t, 4> magic{'L', 'S', 'P', 'X'};
constexpr std::array<std::string_view, 13> names{"hello",         "push",       "offer",   "want",      "chunk",
                                                 "have_not",      "ack",        "refuse",  "blob_want", "blob_chunk",
                                                 "blob_have_not", "blob_offer", "blob_ack"};

class Writer {
  public:
    explicit Writer(std::size_t room) { bytes_.reserve(room); }
    Writer& u8(std::uint8_t value) {
        bytes_.push_back(value);
        return *this;
    }
    Writer& u16(std::uint16_t value) {
        return u8(static_cast<std::uint8_t>(value >> 8)).u8(static_cast<std::uint8_t>(value));
    }
    Writer& u32(std::uint32_t value) {
        return u16(static_cast<std::uint16_t>(value >> 16)).u16(static_cast<std::uint16_t>(value));
    }
    Writer& u64(std::uint64_t value) {
        return u32(static_cast<std::uint32_t>(value >> 32)).u32(static_cast<std::uint32_t>(value));
    }
    Writer& raw(BytesView value) {
        bytes_.insert(bytes_.end(), value.begin(), value.end());
        return *this;
    }
    Bytes take() { return std::move(bytes_); }

  private:
    Bytes bytes_;
};

void write(Writer& out, const HelloFrame& frame) {
    MUST(frame.peer.size() <= peer_id_bytes_max, "peer ids are checked where they are configured");
    out.raw(magic).u16(frame.version).u16(static_cast<std::uint16_t>(frame.peer.size())).raw(as_bytes(frame.peer));
}
void write(Writer& out, const PushFrame& frame) { out.raw(frame.hash.view()).raw(frame.bytes); }
void write(Writer& out, const OfferFrame& frame) { out.raw(frame.hash.view()).u32(frame.total); }
void write(Writer& out, const WantFrame& frame) { out.raw(frame.hash.view()).u32(frame.offset); }
void write(Writer& out, const ChunkFrame& frame) {
    out.raw(frame.hash.view()).u32(frame.total).u32(frame.offset).raw(frame.bytes);
}
void write(Writer& out, const HaveNotFrame& frame) { out.raw(frame.hash.view()); }
void write(Writer& out, const AckFrame& frame) { out.raw(frame.hash.view()); }
void write(Writer& out, const RefuseFrame& frame) {
    out.raw(frame.hash.view()).u16(static_cast<std::uint16_t>(frame.code));
}

void write(Writer& out, const BlobWantFrame& frame) { out.raw(frame.hash.view()).u64(frame.offset).u32(frame.length); }
void write(Writer& out, const BlobChunkFrame& frame) {
    out.raw(frame.hash.view()).u64(frame.total).u64(frame.offset).raw(frame.bytes);
}
void write(Writer& out, const BlobHaveNotFrame& frame) { out.raw(frame.hash.view()); }
void write(Writer& out, const BlobOfferFrame& frame) { out.raw(frame.hash.view()); }
void write(Writer& out, const BlobAckFrame& frame) { out.raw(frame.hash.view()); }

std::size_t room_for(const Frame& frame) {
    if (auto const* chunk = std::get_if<BlobChunkFrame>(&frame)) return 64 + chunk->bytes.size();
    if (auto const* push = std::get_if<PushFrame>(&frame)) return 64 + push->bytes.size();
    if (auto const* chunk = std::get_if<ChunkFrame>(&frame)) return 64 + chunk->bytes.size();
    return 64;
}

// Reads past the end give zeros and are remembered, so that a decoder reads straight on and asks once.
class Reader {
  public:
    explicit Reader(BytesView bytes) : rest_(bytes) {}
    std::uint8_t u8() {
        auto const byte = raw(1);
        return byte.empty() ? std::uint8_t{0} : byte[0];
    }
    std::uint16_t u16() {
        auto const high = u8();
        return static_cast<std::uint16_t>(high << 8 | u8());
    }
    std::uint32_t u32() {
        auto const high = u16();
        return static_cast<std::uint32_t>(high) << 16 | u16();
    }
    std::uint64_t u64() {
        auto const high = u32();
        return static_cast<std::uint64_t>(high) << 32 | u32();
    }
    Hash hash() { return Hash::from(raw(32)).value_or(Hash{}); }
    BytesView raw(std::size_t length) {
        if (rest_.size() < length) {
            short_ = true;
            rest_ = {};
            return {};
        }
        auto const piece = rest_.first(length);
        rest_ = rest_.subspan(length);
        return piece;
    }
    BytesView rest() { return std::exchange(rest_, BytesView{}); }
    bool is_exact() const { return !short_ && rest_.empty(); }

  private:
    BytesView rest_;
    bool short_ = false;
};

Error bad(std::string_view reason) { return refuse(errors::bad_frame, {{"reason", reason}}); }

Result<Frame> read_hello(Reader& in) {
    auto const head = in.raw(magic.size());
    if (!std::equal(head.begin(), head.end(), magic.begin(), magic.end())) return bad("this is no peer of the kind");
    HelloFrame frame;
    frame.version = in.u16();
    // What follows may be anything in another version.
    if (frame.version != protocol_version)
        return bad("version " + std::to_string(frame.version) + " is not spoken here");
    auto const length = in.u16();
    if (length > peer_id_bytes_max) return bad("the peer's id is too long");
    frame.peer = std::string(as_text(in.raw(length)));
    return Frame{std::move(frame)};
}

Result<Frame> read_chunk(Reader& in) {
    ChunkFrame frame;
    frame.hash = in.hash();
    frame.total = in.u32();
    frame.offset = in.u32();
    frame.bytes = in.rest();
    if (frame.offset > frame.total || frame.bytes.size() > frame.total - frame.offset)
        return bad("a chunk passes the end");
    auto const left = frame.total - frame.offset;
    if (frame.bytes.size() < std::min<std::size_t>(left, chunk_bytes_least)) return bad("a chunk is too short");
    return Frame{frame};
}

Result<Frame> read_blob_want(Reader& in) {
    BlobWantFrame frame{in.hash(), in.u64(), in.u32()};
    if (frame.length == 0 || frame.length > blob_want_bytes_max) return bad("a part of a blob is of no good length");
    return Frame{frame};
}

Result<Frame> read_blob_chunk(Reader& in) {
    BlobChunkFrame frame{in.hash(), in.u64(), in.u64(), {}};
    frame.bytes = in.rest();
    if (frame.offset > frame.total || frame.bytes.size() > frame.total - frame.offset)
        return bad("a chunk of a blob passes the end");
    return Frame{frame};
}

Result<Frame> read_body(Reader& in, std::uint8_t type) {
    switch (type) {
        case 1: return read_hello(in);
        case 2: {
            PushFrame frame{in.hash(), {}};
            frame.bytes = in.rest();
            return Frame{frame};
        }
        case 3: {
            OfferFrame frame{in.hash(), 0};
            frame.total = in.u32();
            return Frame{frame};
        }
        case 4: {
            WantFrame frame{in.hash(), 0};
            frame.offset = in.u32();
            return Frame{frame};
        }
        case 5: return read_chunk(in);
        case 6: return Frame{HaveNotFrame{in.hash()}};
        case 7: return Frame{AckFrame{in.hash()}};
        case 8: {
            RefuseFrame frame{in.hash(), RefuseCode::quota};
            auto const code = RefuseCode{in.u16()};
            if (code != RefuseCode::too_large && code != RefuseCode::damaged && code != RefuseCode::quota)
                return bad("the reason of a refusal is not known");
            frame.code = code;
            return Frame{frame};
        }
        case 9: return read_blob_want(in);
        case 10: return read_blob_chunk(in);
        case 11: return Frame{BlobHaveNotFrame{in.hash()}};
        case 12: return Frame{BlobOfferFrame{in.hash()}};
        case 13: return Frame{BlobAckFrame{in.hash()}};
        default: return bad("type " + std::to_string(type) + " is not known");
    }
}

}  // namespace

Bytes encode(const Frame& frame) {
    Writer out(room_for(frame));
    out.u8(static_cast<std::uint8_t>(frame.index() + 1));
    std::visit([&out](auto const& body) { write(out, body); }, frame);
    return out.take();
}

Result<Frame> decode(BytesView bytes) {
    if (bytes.size() > frame_bytes_max) {
        return refuse(errors::frame_too_large,
                      {{"size", std::to_string(bytes.size())}, {"limit", std::to_string(frame_bytes_max)}});
    }
    if (bytes.empty()) return bad("it is empty");
    Reader in(bytes);
    auto const type = in.u8();
    auto frame = read_body(in, type);
    if (frame && !in.is_exact()) return bad(std::string(names[type - 1]) + " has the wrong length");
    return frame;
}

Bytes encode_chunk(const Hash& hash, BytesView document, std::size_t offset, std::size_t chunk_bytes) {
    auto const bytes = document.subspan(offset, std::min(chunk_bytes, document.size() - offset));
    return encode(
        ChunkFrame{hash, static_cast<std::uint32_t>(document.size()), static_cast<std::uint32_t>(offset), bytes});
}

std::string_view name_of(const Frame& frame) { return names[frame.index()]; }

}  // namespace lockstep::swarm
