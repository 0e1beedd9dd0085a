// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/logging.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <memory>

#include "base/time.hpp"

namespace lockstep::logging {

namespace {

std::atomic<Level> level_now{Level::info};
std::atomic<bool> json_now{false};

// The sink locks and writes a whole line at once, so lines of several threads do not mix.
spdlog::sinks::sink& sink() {
    static const auto instance = [] {
        auto made = std::make_unique<spdlog::sinks::stderr_sink_mt>();
        made->set_pattern("%v");
        return made;
    }();
    return *instance;
}

std::string_view word(Level level) {
    switch (level) {
        case Level::debug: return "debug";
        case Level::info: return "info";
        case Level::warn: return "warn";
        case Level::error: return "error";
        case Level::off: break;
    }
    return "off";
}

// Milliseconds always: lines that sort as text, and columns that line up.
void append_time(std::string& out) {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
    Time{ms / 1000 * 1'000'000'000}.append_to(out);
    const std::string fraction = std::to_string(1000 + ms % 1000);
    out.replace(out.size() - 1, 1, '.' + fraction.substr(1) + 'Z');
}

void append_quoted(std::string& out, std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7F) {
            out += "\\u00";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

// What a client sent must not look like a second field or a second line.
bool needs_quotes(std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7F || c == '"' || c == '=' || c == '\\') return true;
    }
    return text.empty();
}

std::string text_line(Level level, std::string_view event, std::initializer_list<Field> fields) {
    std::string out;
    out.reserve(128);
    append_time(out);
    out += ' ';
    out += word(level);
    out += ' ';
    out += event;
    for (const Field& field : fields) {
        out += ' ';
        out += field.name;
        out += '=';
        if (needs_quotes(field.value)) {
            append_quoted(out, field.value);
        } else {
            out += field.value;
        }
    }
    return out;
}

std::string json_line(Level level, std::string_view event, std::initializer_list<Field> fields) {
    std::string out = "{\"time\":\"";
    out.reserve(192);
    append_time(out);
    out += "\",\"level\":\"";
    out += word(level);
    out += "\",\"event\":";
    append_quoted(out, event);
    for (const Field& field : fields) {
        out += ',';
        append_quoted(out, field.name);
        out += ':';
        append_quoted(out, field.value);
    }
    out += '}';
    return out;
}

spdlog::level::level_enum spdlog_level(Level level) {
    switch (level) {
        case Level::debug: return spdlog::level::debug;
        case Level::info: return spdlog::level::info;
        case Level::warn: return spdlog::level::warn;
        default: return spdlog::level::err;
    }
}

}  // namespace

void configure(Level level, bool json) {
    json_now.store(json, std::memory_order_relaxed);
    level_now.store(level, std::memory_order_relaxed);
}

bool enabled(Level level) { return level != Level::off && level >= level_now.load(std::memory_order_relaxed); }

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
    if (!enabled(level)) return;
    const bool json = json_now.load(std::memory_order_relaxed);
    const std::string line = json ? json_line(level, event, fields) : text_line(level, event, fields);
    sink().log(spdlog::details::log_msg("", spdlog_level(level), line));
    sink().flush();
}

}  // namespace lockstep::logging
