// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A log line is one event with fields: `logging::info("batch sealed", {{"batch", id}, {"messages", 200}})`.
// Levels: error needs a person, warn will need one if it goes on, info is a change of state, debug is
// each commit. Lines go to standard error: "2026-01-02T03:04:05.678Z info batch sealed batch=… messages=200".
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace lockstep::logging {

enum class Level { debug, info, warn, error, off };

struct Field {
    std::string_view name;
    std::string value;

    Field(std::string_view field, std::string_view text) : name(field), value(text) {}
    Field(std::string_view field, const char* text) : name(field), value(text) {}
    Field(std::string_view field, std::string text) : name(field), value(std::move(text)) {}
    template <std::integral T>
    Field(std::string_view field, T number) : name(field), value(std::to_string(number)) {}
};

// Process-wide, set once at start; the default is info. JSON lines instead of text when `json`.
void configure(Level level, bool json);
bool enabled(Level level);
void write(Level level, std::string_view event, std::initializer_list<Field> fields);

inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
    if (enabled(Level::debug)) write(Level::debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::info, event, fields);
}
inline void warn(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::warn, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::error, event, fields);
}

}  // namespace lockstep::logging
