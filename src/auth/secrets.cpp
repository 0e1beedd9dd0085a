// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "auth/secrets.hpp"

#include <crypt.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "auth/errors.hpp"
#include "base/logging.hpp"
#include "core/sha256.hpp"

namespace lockstep::auth {

namespace {

constexpr std::string_view hashed_token = "sha256:";
constexpr std::size_t token_bytes_min = 16, token_bytes_max = 4096;
constexpr std::size_t bcrypt_bytes = 60;

// Calls take(line, number) for each line that says something, until it refuses.
template <class Take>
Result<void> each_line(std::string_view text, Take take) {
    for (int number = 1; !text.empty(); ++number) {
        auto const end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
            line.remove_suffix(1);
        if (line.empty() || line.starts_with('#')) continue;
        TRY_VOID(take(line, std::to_string(number)));
    }
    return {};
}

bool is_bcrypt(std::string_view hash) {
    if (hash.size() != bcrypt_bytes || hash[6] != '$') return false;
    if (!hash.starts_with("$2a$") && !hash.starts_with("$2b$") && !hash.starts_with("$2y$")) return false;
    auto const digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!digit(hash[4]) || !digit(hash[5])) return false;
    return std::all_of(hash.begin() + 7, hash.end(), [&](char c) {
        return digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '/';
    });
}

int cost_of(std::string_view hash) { return (hash[4] - '0') * 10 + (hash[5] - '0'); }

}  // namespace

Result<Passwords> parse_passwords(std::string_view text, std::string_view file) {
    Passwords out;
    auto const bad = [file](std::string_view line, std::string_view reason) {
        return refuse(errors::bad_password_file, {{"file", file}, {"line", line}, {"reason", reason}});
    };
    TRY_VOID(each_line(text, [&](std::string_view line, const std::string& number) -> Result<void> {
        auto const colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0) return bad(number, "a line is user:hash");
        auto const hash = line.substr(colon + 1);
        if (!is_bcrypt(hash)) return bad(number, "the password is not hashed with bcrypt, as 'htpasswd -B' does it");
        if (cost_of(hash) < 4 || cost_of(hash) > bcrypt_cost_max)
            return bad(number, "the cost of the bcrypt hash is not between 4 and " + std::to_string(bcrypt_cost_max));
        if (!out.hashes.emplace(line.substr(0, colon), hash).second) return bad(number, "that user is named twice");
        return {};
    }));
    if (out.hashes.empty()) return bad("1", "the file names no user");
    return out;
}

Result<Tokens> parse_tokens(std::string_view text, std::string_view file) {
    Tokens out;
    auto const bad = [file](std::string_view line, std::string_view reason) {
        return refuse(errors::bad_token_file, {{"file", file}, {"line", line}, {"reason", reason}});
    };
    TRY_VOID(each_line(text, [&](std::string_view line, const std::string& number) -> Result<void> {
        if (line.starts_with(hashed_token)) {
            auto const digits = line.substr(hashed_token.size());
            auto const hash = digits.size() == 64 ? Hash::parse(digits) : std::nullopt;
            if (!hash) return bad(number, "behind sha256: stand 64 hex digits");
            out.hashes.push_back(*hash);
            return {};
        }
        auto const visible = std::all_of(line.begin(), line.end(), [](char c) { return c > 0x20 && c < 0x7f; });
        if (!visible) return bad(number, "a token has visible characters of ASCII only");
        if (line.size() < token_bytes_min || line.size() > token_bytes_max)
            return bad(number, "a token has between 16 and 4096 characters");
        out.hashes.push_back(sha256(line));
        return {};
    }));
    if (out.hashes.empty()) return bad("1", "the file has no token");
    return out;
}

bool Tokens::has(std::string_view token) const {
    auto const asked = sha256(token);
    auto found = 0;
    for (auto const& hash : hashes)
        found |= CRYPTO_memcmp(asked.bytes.data(), hash.bytes.data(), hash.bytes.size()) == 0 ? 1 : 0;
    return found != 0;
}

Result<std::string> read_secrets(const std::string& path, bool secret) {
    auto const bad = [&path](std::string_view reason) {
        return refuse(errors::cannot_read_secrets, {{"file", path}, {"reason", reason}});
    };
    struct Descriptor {
        int number;
        ~Descriptor() {
            if (number >= 0) ::close(number);
        }
    } const file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat about {};
    if (file.number < 0 || ::fstat(file.number, &about) != 0) return bad(std::strerror(errno));
    if (!S_ISREG(about.st_mode)) return bad("it is no file");
    if (static_cast<std::size_t>(about.st_size) > secrets_bytes_max) return bad("it is longer than 1 MiB");
    if (secret && (about.st_mode & (S_IRGRP | S_IROTH)) != 0)
        logging::warn("others can read a file with secrets: chmod 600 it", {{"file", path}});
    std::string text(static_cast<std::size_t>(about.st_size), '\0');
    std::size_t filled = 0;
    while (filled < text.size()) {
        auto const bytes = ::read(file.number, text.data() + filled, text.size() - filled);
        if (bytes < 0) return bad(std::strerror(errno));
        if (bytes == 0) break;
        filled += static_cast<std::size_t>(bytes);
    }
    text.resize(filled);
    return text;
}

bool bcrypt_matches(const std::string& password, const std::string& hash) {
    if (!is_bcrypt(hash)) return false;
    auto const data = std::make_unique<crypt_data>();  // 32 KiB
    auto const* made = crypt_r(password.c_str(), hash.c_str(), data.get());
    auto const fits = made && std::strlen(made) == hash.size() && CRYPTO_memcmp(made, hash.data(), hash.size()) == 0;
    OPENSSL_cleanse(data.get(), sizeof *data);
    return fits;
}

}  // namespace lockstep::auth
