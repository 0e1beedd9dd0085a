// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a peer says, frame by frame, to the three machines that listen to it: what it sends ahead (Receiver), what we
// pull from it (Pulls) and what we send ahead to it (SendAhead). No crash, whatever it says and in whatever order; what
// is to be stored hashes to its name; what is kept of it stays within its limits; what we say to it are frames.
//
// The input is a row of frames, each behind a byte and a length of two bytes. In the byte: how a look ends (2 bits),
// whether the hash of a push is put right (1), which of two peers speaks (1), and how many seconds pass (4).
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/chance.hpp"
#include "base/must.hpp"
#include "core/sha256.hpp"
#include "swarm/detail/pulls.hpp"
#include "swarm/detail/receiver.hpp"
#include "swarm/detail/send_ahead.hpp"

namespace {

using namespace lockstep;
using namespace lockstep::swarm;

constexpr std::size_t document_bytes_max = 40'000;

// One that fits into a chunk and one that does not.
const std::string short_document = "a document";
const std::string long_document(12'000, 'x');

class Talk {
  public:
    Talk() {
        for (const auto* document : {&short_document, &long_document}) {
            pulls_.want(sha256(*document));
            ahead_.sealed(sha256(*document));
        }
        for (const auto* peer : peers) pulls_.peer_up(peer);
        say();
    }

    void hear(std::uint8_t how, BytesView bytes) {
        now_ = now_ + (how >> 4) * 1s;
        auto frame = decode(bytes);
        if (!frame) return receiver_.connected();
        if (auto* const push = std::get_if<PushFrame>(&*frame); push && (how & 4)) push->hash = sha256(push->bytes);
        take(*frame, how & 3);
        answer(*frame, peers[(how >> 3) & 1]);
        say();
    }

  private:
    void take(const Frame& frame, std::uint8_t found) {
        auto result = receiver_.on(frame);
        if (!result) return receiver_.connected();  // the connection ends, and the peer comes again
        auto step = std::move(*result);
        for (;;) {
            if (std::holds_alternative<Receiver::Look>(step)) {
                step = receiver_.looked(static_cast<Receiver::Found>(found % 3));
            } else if (const auto* const store = std::get_if<Receiver::Store>(&step)) {
                MUST(store->document.size() <= document_bytes_max, "a document stays within its limit");
                MUST(sha256(store->document) == store->hash, "what is stored hashes to its name");
                step = receiver_.stored();
            } else {
                if (const auto* const say = std::get_if<Receiver::Answer>(&step)) check(encode(say->frame));
                return;
            }
        }
    }

    void answer(const Frame& frame, const std::string& peer) {
        if (const auto* const chunk = std::get_if<ChunkFrame>(&frame)) {
            const auto taken = pulls_.chunk(peer, *chunk, now_);
            if (taken.verdict != Pulls::Verdict::complete) return;
            MUST(sha256(taken.document) == chunk->hash, "what was pulled hashes to its name");
            pulls_.arrived(chunk->hash);
        } else if (const auto* const have_not = std::get_if<HaveNotFrame>(&frame)) {
            pulls_.have_not(peer, have_not->hash);
        } else if (const auto* const ack = std::get_if<AckFrame>(&frame)) {
            ahead_.acked(ack->hash);
        } else if (const auto* const refusal = std::get_if<RefuseFrame>(&frame)) {
            ahead_.refused(refusal->hash, refusal->code, now_);
        } else if (const auto* const want = std::get_if<WantFrame>(&frame)) {
            static_cast<void>(ahead_.wanted(*want));
        }
    }

    // All that we have to say to that.
    void say() {
        while (const auto ask = pulls_.next(now_)) check(encode(WantFrame{ask->hash, ask->offset}));
        MUST(pulls_.size() <= 2, "nobody makes us want what we did not");
        while (const auto step = ahead_.next(now_)) {
            if (const auto* const rows = std::get_if<SendAhead::ReadRows>(&*step)) {
                ahead_.rows({}, rows->after, true);
            } else if (const auto* const fetch = std::get_if<SendAhead::Fetch>(&*step)) {
                const auto& document = fetch->hash == sha256(short_document) ? short_document : long_document;
                ahead_.fetched(fetch->hash, std::make_shared<const std::string>(document));
            } else {
                check(std::get<SendAhead::Send>(*step).frame);
            }
        }
    }

    static void check(const Bytes& frame) { MUST(decode(frame), "what is said is a frame"); }

    static constexpr const char* peers[] = {"a", "b"};

    std::unique_ptr<Chance> chance_ = make_seeded_chance(1);
    Receiver receiver_{document_bytes_max};
    Pulls pulls_{{.payload_bytes_max = document_bytes_max, .retry = {}}, *chance_};
    SendAhead ahead_{{.chunk_bytes = chunk_bytes_least, .retry = {}}, *chance_};
    Instant now_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    BytesView rest(data, size);
    Talk talk;
    while (rest.size() > 3) {
        const std::size_t length = std::min<std::size_t>(rest[1] << 8 | rest[2], rest.size() - 3);
        talk.hear(rest[0], rest.subspan(3, length));
        rest = rest.subspan(3 + length);
    }
    return 0;
}
