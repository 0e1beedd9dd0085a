// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// BlobWindow: what to ask a peer for, of one blob, and whether what comes is it. Only so much is asked for as may
// wait here to be written: that is the credit, and it bounds the memory that a transfer takes. It decides and
// does nothing.
//
//     have ──▶ written ──▶ received ──▶ asked ──▶ total        written + window is the most that is asked for
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace lockstep::swarm {

class BlobWindow {
  public:
    static constexpr std::uint64_t window_bytes = 8 << 20;
    static constexpr std::uint32_t part_bytes = 2 << 20;  // of one question

    struct Ask {
        std::uint64_t offset = 0;
        std::uint32_t length = 0;
        friend bool operator==(const Ask&, const Ask&) = default;
    };
    enum class Verdict {
        taken,
        wrong,  // not what was asked for: the peer is not worth more questions
    };

    explicit BlobWindow(std::uint64_t have = 0) : written_(have), received_(have), asked_(have) {}

    // To be called until it has nothing more to ask. The length is learnt from the first answer.
    std::optional<Ask> next() {
        if (!total_) {
            if (begun_) return std::nullopt;
            begun_ = true;
            asked_ += part_bytes;
            return Ask{received_, part_bytes};
        }
        auto const most = std::min(*total_, written_ + window_bytes);
        if (asked_ >= most) return std::nullopt;
        // Whole parts, so that a window that opens slowly does not end in many small questions.
        auto const length = std::min<std::uint64_t>(part_bytes, *total_ - asked_);
        if (asked_ + length > most) return std::nullopt;
        Ask const ask{asked_, static_cast<std::uint32_t>(length)};
        asked_ += length;
        return ask;
    }

    Verdict chunk(std::uint64_t total, std::uint64_t offset, std::uint64_t size) {
        if (total_ && *total_ != total) return Verdict::wrong;
        if (offset != received_ || offset + size > asked_ || total < received_) return Verdict::wrong;
        if (size == 0 && total > received_) return Verdict::wrong;
        total_ = total;
        asked_ = std::min(asked_, total);
        received_ += size;
        return Verdict::taken;
    }
    void written(std::uint64_t bytes) { written_ += bytes; }
    bool is_complete() const { return total_ && written_ == *total_; }

  private:
    std::uint64_t written_, received_, asked_;
    std::optional<std::uint64_t> total_;
    bool begun_ = false;
};

}  // namespace lockstep::swarm
