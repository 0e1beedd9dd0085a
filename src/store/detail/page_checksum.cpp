// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/page_checksum.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/logging.hpp"

namespace lockstep::store::detail {

namespace {

constexpr std::string_view magic("SQLite format 3\0", 16);
constexpr std::size_t header_bytes = 100;

std::uint64_t load(const std::uint8_t* at) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    return word;
}

thread_local std::string damage_seen;

}  // namespace

std::uint64_t page_checksum(BytesView page, std::uint64_t number) {
    return XXH3_64bits_withSeed(page.data(), page.size() - checksum_bytes, number);
}

void seal_page(BytesView page, std::uint64_t number, std::uint8_t* out) {
    std::memcpy(out, page.data(), page.size());
    auto const sum = page_checksum(page, number);
    std::memcpy(out + page.size() - sizeof sum, &sum, sizeof sum);
}

bool page_is_good(BytesView page, std::uint64_t number) {
    if (load(page.data() + page.size() - 8) == page_checksum(page, number)) return true;
    return std::all_of(page.begin(), page.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool has_checksums(BytesView header) {
    if (header.size() < header_bytes || as_text(header.first(magic.size())) != magic) return false;
    auto const size = static_cast<std::size_t>(header[16]) << 8 | header[17];
    return size == page_size && header[20] == checksum_bytes;
}

std::string_view page_kind(BytesView page, std::uint64_t number) {
    switch (page[number == 1 ? header_bytes : 0]) {
        case 0x02: return "an inner page of an index";
        case 0x05: return "an inner page of a table";
        case 0x0a: return "a leaf of an index";
        case 0x0d: return "a leaf of a table";
        default: return "a page of no table or index by itself";
    }
}

void note_damage(std::string what) { damage_seen = std::move(what); }
std::string take_damage() { return std::exchange(damage_seen, {}); }

int check_read(const std::string& file, BytesView page, std::uint64_t at) {
    auto const number = at / page_size + 1;
    if (page_is_good(page, number)) return SQLITE_OK;
    auto what =
        fmt::format("page {} of {} is damaged: {}, and its checksum is wrong", number, file, page_kind(page, number));
    logging::error("damage on the disk", {{"what", what}});
    note_damage(std::move(what));
    return SQLITE_IOERR_DATA;
}

}  // namespace lockstep::store::detail
