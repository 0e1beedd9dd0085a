// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/wal_check.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace lockstep::store::detail {

namespace {

// https://www.sqlite.org/walformat.html
constexpr std::uint64_t header_bytes = 32, frame_header_bytes = 24;
constexpr std::uint32_t magic = 0x377f0682;  // its last bit: checksums of big-endian words
constexpr std::uint32_t format = 3007000;

std::uint32_t big(const std::uint8_t* at) {
    return static_cast<std::uint32_t>(at[0]) << 24 | static_cast<std::uint32_t>(at[1]) << 16 |
           static_cast<std::uint32_t>(at[2]) << 8 | at[3];
}

struct Sum {
    std::uint32_t a = 0, b = 0;
    friend bool operator==(const Sum&, const Sum&) = default;
};

Sum sum_at(const std::uint8_t* at) { return {big(at), big(at + 4)}; }

Sum add(Sum sum, BytesView bytes, bool big_endian) {
    for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
        std::uint32_t words[2];
        std::memcpy(words, bytes.data() + i, sizeof words);
        if (big_endian == (std::endian::native == std::endian::little)) {
            words[0] = __builtin_bswap32(words[0]);
            words[1] = __builtin_bswap32(words[1]);
        }
        sum.a += words[0] + sum.b;
        sum.b += words[1] + sum.a;
    }
    return sum;
}

struct Frame {
    std::uint32_t page = 0, commit = 0;
    std::uint64_t salts = 0;
    Sum stored;
};

std::uint64_t salts_at(const std::uint8_t* at) { return static_cast<std::uint64_t>(big(at)) << 32 | big(at + 4); }

class Wal {
  public:
    Wal(const ReadAt& read, std::uint64_t bytes, std::size_t page_bytes, bool big_endian)
        : read_(read),
          frame_bytes_(frame_header_bytes + page_bytes),
          count_(bytes < header_bytes ? 0 : (bytes - header_bytes) / frame_bytes_),
          buffer_(frame_bytes_),
          big_endian_(big_endian) {}

    std::uint64_t count() const { return count_; }
    // Frames count from 0 here.
    Frame head(std::uint64_t index) {
        std::uint8_t bytes[frame_header_bytes] = {};
        read_(bytes, header_bytes + index * frame_bytes_);
        return head_of(bytes);
    }
    // The frame, and what its checksum is when the one before it was `before`.
    std::pair<Frame, Sum> whole(std::uint64_t index, Sum before) {
        std::fill(buffer_.begin(), buffer_.end(), std::uint8_t{0});
        read_(buffer_, header_bytes + index * frame_bytes_);
        auto sum = add(before, BytesView(buffer_).first(8), big_endian_);
        sum = add(sum, BytesView(buffer_).subspan(frame_header_bytes), big_endian_);
        return {head_of(buffer_.data()), sum};
    }

  private:
    static Frame head_of(const std::uint8_t* at) { return {big(at), big(at + 4), salts_at(at + 8), sum_at(at + 16)}; }

    const ReadAt& read_;
    std::uint64_t frame_bytes_, count_;
    Bytes buffer_;
    bool big_endian_;
};

// The header is wrong. SQLite syncs it before any frame, so good frames behind it were promised. `header` may
// be damaged anywhere: the order of bytes is tried both ways, and the page size is ours.
std::optional<WalDamage> behind_bad_header(const ReadAt& read, std::uint64_t bytes, BytesView header) {
    for (auto const big_endian : {false, true}) {
        Wal wal(read, bytes, 4096, big_endian);
        if (wal.count() == 0) return std::nullopt;
        auto const first = wal.head(0);
        if (first.page == 0) continue;
        WalDamage damage{0, first.page, 0};
        for (auto const seed : {sum_at(header.data() + 24), add({}, header.first(24), big_endian)}) {
            auto const [frame, sum] = wal.whole(0, seed);
            if (sum == frame.stored) damage.good_after = 1;
        }
        for (std::uint64_t i = 1; i < wal.count() && wal.head(i).salts == first.salts; ++i) {
            auto const [frame, sum] = wal.whole(i, wal.head(i - 1).stored);
            if (sum == frame.stored) ++damage.good_after;
        }
        if (damage.good_after > 0) return damage;
    }
    return std::nullopt;
}

}  // namespace

std::optional<WalDamage> find_wal_damage(const ReadAt& read, std::uint64_t bytes) {
    std::uint8_t header[header_bytes] = {};
    if (bytes < header_bytes || read(header, 0) < header_bytes) return std::nullopt;
    auto const big_endian = (big(header) & 1) != 0;
    auto const page_bytes = big(header + 8);
    auto const sum = add({}, BytesView(header).first(24), big_endian);
    auto const is_header = (big(header) & ~1u) == magic && big(header + 4) == format && sum == sum_at(header + 24) &&
                           std::has_single_bit(page_bytes) && page_bytes >= 512 && page_bytes <= 65536;
    if (!is_header) return behind_bad_header(read, bytes, header);

    Wal wal(read, bytes, page_bytes, big_endian);
    auto const salts = salts_at(header + 16);
    auto before = sum;
    Sum of_bad;
    std::uint64_t bad = 0;
    for (; bad < wal.count(); ++bad) {
        auto const [frame, found] = wal.whole(bad, before);
        of_bad = found;
        if (frame.salts != salts || frame.page == 0 || found != frame.stored) break;
        before = found;
    }
    if (bad == wal.count()) return std::nullopt;

    // What follows is checked against the checksum that the frame before it says it has.
    auto const first = wal.head(bad);
    // Checksums do not cover salts: with wrong salts and the right checksum it is that frame and no older one.
    auto const is_of_this_log = first.salts == salts || of_bad == first.stored;
    auto commit_passed = is_of_this_log && first.commit != 0;
    WalDamage damage{bad + 1, first.page, 0};
    auto certain = false;
    for (auto i = bad + 1; i < wal.count(); ++i) {
        if (wal.head(i).salts != salts) continue;
        auto const [frame, found] = wal.whole(i, wal.head(i - 1).stored);
        // If it is the checksum of the bad one that is damaged, the next one goes by what it should be.
        auto const fits = found == frame.stored || (i == bad + 1 && wal.whole(i, of_bad).second == frame.stored);
        if (frame.page == 0 || !fits) continue;
        ++damage.good_after;
        certain = certain || commit_passed;
        commit_passed = commit_passed || frame.commit != 0;
    }
    if (!certain) return std::nullopt;
    return damage;
}

}  // namespace lockstep::store::detail
