// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// SimFile: one file of a SimDisk, as the process sees it, as the platter holds it, and the way between.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "store/sim_disk.hpp"

namespace lockstep::store::detail {

class SimFile {
  public:
    static constexpr std::size_t sector_bytes = 512;

    std::size_t size() const { return seen_.size(); }
    // The number of bytes that were there; the rest of `out` is zero.
    std::size_t read(std::span<std::uint8_t> out, std::size_t at) const;

    // `lasting` false: the disk is frozen, and no crash will find this.
    void write(BytesView data, std::size_t at, bool lasting);
    void truncate(std::size_t size, bool lasting);
    void sync();
    // Turns over bits of a byte that is there, on the platter too if it is there.
    void damage(std::size_t at, std::uint8_t bits);

    // Afterwards the process sees what the platter holds.
    void crash(Chance& chance, SimDisk::Stats& stats);

  private:
    struct Change {
        std::size_t at;  // or the size, of a truncation
        std::size_t bytes;
        std::size_t in_log;  // where the bytes begin
        bool is_truncation;
    };
    static void put(Bytes& image, BytesView data, std::size_t at);
    void apply(const Change& change, std::size_t bytes);
    void forget();

    Bytes seen_;
    Bytes platter_;
    std::vector<Change> unsynced_;
    Bytes log_;  // the bytes of unsynced writes, one after another
};

}  // namespace lockstep::store::detail
