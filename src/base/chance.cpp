// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/chance.hpp"

#include <sys/random.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace lockstep {

namespace {

class SystemChance final : public Chance {
  public:
    void fill(std::span<std::uint8_t> out) override {
        while (!out.empty()) {
            const ssize_t got = ::getrandom(out.data(), out.size(), 0);
            if (got >= 0) {
                out = out.subspan(static_cast<std::size_t>(got));
            } else if (errno != EINTR) {
                throw std::system_error(errno, std::generic_category(), "getrandom");
            }
        }
    }
};

// Blackman and Vigna's generator; the seed is spread over its state by splitmix64, as they advise.
class SeededChance final : public Chance {
  public:
    explicit SeededChance(std::uint64_t seed) {
        for (std::uint64_t& word : state_) {
            seed += 0x9E3779B97F4A7C15;
            std::uint64_t z = seed;
            z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
            z = (z ^ z >> 27) * 0x94D049BB133111EB;
            word = z ^ z >> 31;
        }
    }

    // Each call begins a new word, lowest byte first.
    void fill(std::span<std::uint8_t> out) override {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (i % 8 == 0) word = next_word();
            out[i] = static_cast<std::uint8_t>(word >> i % 8 * 8);
        }
    }

  private:
    std::uint64_t next_word() {
        const std::uint64_t out = std::rotl(state_[1] * 5, 7) * 9;
        const std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return out;
    }

    std::array<std::uint64_t, 4> state_{};
};

}  // namespace

std::uint64_t Chance::next() {
    std::array<std::uint8_t, 8> bytes;
    fill(bytes);
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < 8; ++i) out |= static_cast<std::uint64_t>(bytes[i]) << i * 8;
    return out;
}

std::unique_ptr<Chance> make_system_chance() { return std::make_unique<SystemChance>(); }

std::unique_ptr<Chance> make_seeded_chance(std::uint64_t seed) { return std::make_unique<SeededChance>(seed); }

}  // namespace lockstep
