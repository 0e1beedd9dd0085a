// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Integers (big endian), fixed bytes, and texts with their length before them: what transactions, block
// headers and frames of this module are made of. The reader is total: past the end, or past a limit, it
// goes bad, answers zeros, and stays bad; one look at ok() or finished() at the end is enough.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace lockstep::ledger {

class ByteWriter {
  public:
    ByteWriter& u8(std::uint8_t value) { return number(value, 1); }
    ByteWriter& u16(std::uint16_t value) { return number(value, 2); }
    ByteWriter& u32(std::uint32_t value) { return number(value, 4); }
    ByteWriter& u64(std::uint64_t value) { return number(value, 8); }
    ByteWriter& i64(std::int64_t value) { return number(static_cast<std::uint64_t>(value), 8); }
    ByteWriter& raw(BytesView bytes) {
        out_.insert(out_.end(), bytes.begin(), bytes.end());
        return *this;
    }
    // The caller knows that the length fits.
    ByteWriter& text8(std::string_view text) { return u8(static_cast<std::uint8_t>(text.size())).raw(as_bytes(text)); }
    ByteWriter& text16(std::string_view text) {
        return u16(static_cast<std::uint16_t>(text.size())).raw(as_bytes(text));
    }
    ByteWriter& bytes32(BytesView bytes) { return u32(static_cast<std::uint32_t>(bytes.size())).raw(bytes); }

    std::size_t size() const { return out_.size(); }
    Bytes take() { return std::move(out_); }

  private:
    ByteWriter& number(std::uint64_t value, int bytes) {
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
            out_.push_back(static_cast<std::uint8_t>(value >> shift));
        return *this;
    }
    Bytes out_;
};

class ByteReader {
  public:
    explicit ByteReader(BytesView bytes) : rest_(bytes) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
    std::uint64_t u64() { return number(8); }
    std::int64_t i64() { return static_cast<std::int64_t>(number(8)); }
    void fill(std::span<std::uint8_t> out) {
        auto const got = raw(out.size());
        std::copy(got.begin(), got.end(), out.begin());
    }
    Hash hash() {
        Hash hash;
        fill(hash.bytes);
        return hash;
    }
    // A view into what is being read; empty when it is not there.
    BytesView raw(std::size_t size) {
        if (size > rest_.size()) bad_ = true;
        if (bad_) return {};
        auto const out = rest_.first(size);
        rest_ = rest_.subspan(size);
        return out;
    }
    std::string text8() { return std::string(as_text(raw(u8()))); }
    std::string text16() { return std::string(as_text(raw(u16()))); }
    BytesView bytes32() { return raw(u32()); }
    // A count of things of at least `bytes_each` bytes: so many must still be there, so that a count
    // alone never makes anyone allocate.
    std::size_t count(std::size_t bytes_each) {
        std::size_t const n = u32();
        if (n > rest_.size() / bytes_each) bad_ = true;
        return bad_ ? 0 : n;
    }

    std::size_t left() const { return rest_.size(); }
    bool ok() const { return !bad_; }
    // Everything was there and nothing is left over.
    bool finished() const { return !bad_ && rest_.empty(); }

  private:
    std::uint64_t number(std::size_t size) {
        std::uint64_t value = 0;
        for (auto const byte : raw(size)) value = (value << 8) | byte;
        return value;
    }
    BytesView rest_;
    bool bad_ = false;
};

}  // namespace lockstep::ledger
