// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Appends one JSON object of known shape to a text. Member names are literals that need no escaping; the
// functions ending in _if leave out what is empty (firefly-core.md 2.2, "omit").
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "base/uuid.hpp"
#include "core/json.hpp"

namespace lockstep {

class ObjectText {
  public:
    explicit ObjectText(std::string& out) : out_(out) { out_ += '{'; }

    // Writes the name; the caller appends the value to the text that is returned.
    std::string& member(std::string_view name) {
        out_ += first_ ? "\"" : ",\"";
        first_ = false;
        out_ += name;
        out_ += "\":";
        return out_;
    }

    void text(std::string_view name, std::string_view value) { json::append_string(member(name), value); }
    void text_if(std::string_view name, std::string_view value) {
        if (!value.empty()) text(name, value);
    }
    // A value of which it is known that it needs no escaping.
    void word(std::string_view name, std::string_view value) {
        member(name) += '"';
        out_ += value;
        out_ += '"';
    }
    // A UUID, hash or time.
    template <class Value>
    void quoted(std::string_view name, const Value& value) {
        member(name) += '"';
        value.append_to(out_);
        out_ += '"';
    }
    template <class Value>
    void quoted_if(std::string_view name, const std::optional<Value>& value) {
        if (value) quoted(name, *value);
    }
    void quoted_if(std::string_view name, const Uuid& value) {
        if (!value.is_nil()) quoted(name, value);
    }
    void quoted_if(std::string_view name, const Hash& value) {
        if (value != Hash{}) quoted(name, value);
    }
    void quoted_if(std::string_view name, Time value) {
        if (!value.is_zero()) quoted(name, value);
    }

    void end() { out_ += '}'; }

  private:
    std::string& out_;
    bool first_ = true;
};

}  // namespace lockstep
