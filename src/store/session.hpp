// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Statements. SQL stays in the subset that PostgreSQL speaks as well; parameters are ?1, ?2, … and are
// counted from 1, columns from 0. Statements are prepared once a connection and kept.
//
//     tx.run("INSERT INTO offsets (ns, name, position) VALUES (?1, ?2, ?3)", ns, name, position);
//     for (auto& row : tx.query("SELECT id, hash FROM data WHERE ns = ?1", ns)) use(row.uuid(0), row.hash(1));
//
// query() copies what it is given, since its rows outlive the expression; run() does not, and need not.
//
// Failures of the database throw StoreError; so does a value that cannot be (DamagedRow). A uniqueness clash throws
// Conflict, and the transaction's closure may catch it: only that statement has had no effect.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "base/time.hpp"
#include "base/uuid.hpp"

namespace lockstep::store {

struct StoreError : std::runtime_error {
    using std::runtime_error::runtime_error;
};
struct Conflict : StoreError {
    using StoreError::StoreError;
};
// LS10206: something stands in a row that this program does not write. Thrown where it is read, since whoever
// read on would tell somebody what never was.
struct DamagedRow : StoreError {
    // `what` as in "an event's type"; `found` is what stands there.
    DamagedRow(std::string_view what, std::string_view found);
};

// What a stored word means.
template <class Word>
Word meaning(const std::optional<Word>& word, std::string_view what, std::string_view found) {
    if (!word) throw DamagedRow(what, found);
    return *word;
}

// One prepared statement of one connection; not to be kept beyond the next use of the same SQL.
class Statement {
  public:
    virtual ~Statement() = default;

    virtual void bind_null(int index) = 0;
    virtual void bind_integer(int index, std::int64_t value) = 0;
    virtual void bind_real(int index, double value) = 0;
    // Until the statement is prepared anew, what is bound is copied.
    virtual void copy_values() = 0;
    // Unless copied, text and blob must stay alive until the statement is reset or run to its end.
    virtual void bind_text(int index, std::string_view value) = 0;
    virtual void bind_blob(int index, BytesView value) = 0;
    // True while there is a row.
    virtual bool step() = 0;
    virtual void reset() = 0;

    virtual int columns() const = 0;
    virtual bool is_null(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual double real(int column) const = 0;
    // Valid until the next step or reset.
    virtual std::string_view text(int column) const = 0;
    virtual BytesView blob(int column) const = 0;

    std::string string(int column) const { return std::string(text(column)); }
    bool boolean(int column) const { return integer(column) != 0; }
    Time time(int column) const { return Time{integer(column)}; }
    // Zeros when there is nothing. These four throw DamagedRow for bytes of another number.
    Uuid uuid(int column) const { return uuid_or_null(column).value_or(Uuid{}); }
    Hash hash(int column) const { return hash_or_null(column).value_or(Hash{}); }
    std::optional<Uuid> uuid_or_null(int column) const { return fixed<Uuid>(column, "an id"); }
    std::optional<Hash> hash_or_null(int column) const { return fixed<Hash>(column, "a hash"); }

    void bind(int index, std::nullptr_t) { bind_null(index); }
    void bind(int index, bool value) { bind_integer(index, value ? 1 : 0); }
    template <std::integral T>
    void bind(int index, T value) {
        bind_integer(index, static_cast<std::int64_t>(value));
    }
    void bind(int index, double value) { bind_real(index, value); }
    void bind(int index, std::string_view value) { bind_text(index, value); }
    void bind(int index, const std::string& value) { bind_text(index, value); }
    void bind(int index, const char* value) { bind_text(index, value); }
    void bind(int index, BytesView value) { bind_blob(index, value); }
    void bind(int index, const Bytes& value) { bind_blob(index, value); }
    void bind(int index, const Uuid& value) { bind_blob(index, value.view()); }
    void bind(int index, const Hash& value) { bind_blob(index, value.view()); }
    void bind(int index, Time value) { bind_integer(index, value.ns); }
    template <class Tag, class Number>
    void bind(int index, Strong<Tag, Number> value) {
        bind_integer(index, static_cast<std::int64_t>(value.value));
    }
    template <class T>
    void bind(int index, const std::optional<T>& value) {
        if (value) {
            bind(index, *value);
        } else {
            bind_null(index);
        }
    }

  private:
    template <class T>
    std::optional<T> fixed(int column, std::string_view what) const {
        auto const bytes = blob(column);
        if (bytes.empty()) return std::nullopt;
        auto const value = T::from(bytes);
        if (!value) throw DamagedRow(what, to_hex(bytes));
        return value;
    }
};

// Range over the rows of a query; resets the statement at its end.
class Rows {
  public:
    explicit Rows(Statement& statement) : statement_(&statement) {}
    Rows(Rows&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
    Rows& operator=(Rows&&) = delete;
    ~Rows() {
        if (statement_) statement_->reset();
    }

    class Iterator {
      public:
        explicit Iterator(Statement* statement) : statement_(statement) { ++*this; }
        Iterator() = default;
        Statement& operator*() const { return *statement_; }
        Iterator& operator++() {
            if (!statement_->step()) statement_ = nullptr;
            return *this;
        }
        bool operator!=(const Iterator& other) const { return statement_ != other.statement_; }

      private:
        Statement* statement_ = nullptr;
    };
    Iterator begin() { return Iterator{statement_}; }
    Iterator end() { return {}; }

    // The first row, or null; valid while this lives.
    Statement* first() { return statement_->step() ? statement_ : nullptr; }

  private:
    Statement* statement_;
};

// A connection in use: a snapshot when reading, a transaction when writing.
class Session {
  public:
    virtual ~Session() = default;
    virtual Statement& prepare(std::string_view sql) = 0;

    template <class... Args>
    Rows query(std::string_view sql, const Args&... args) {
        auto& statement = prepare(sql);
        statement.copy_values();
        int index = 0;
        (statement.bind(++index, args), ...);
        return Rows{statement};
    }
};

using Snapshot = Session;

class Transaction : public Session {
  public:
    // Returns the number of rows changed.
    template <class... Args>
    std::int64_t run(std::string_view sql, const Args&... args) {
        auto& statement = prepare(sql);
        int index = 0;
        (statement.bind(++index, args), ...);
        return finish(statement);
    }
    // Rowid of the last insert of this transaction.
    virtual std::int64_t last_id() = 0;

  protected:
    virtual std::int64_t finish(Statement& statement) = 0;
};

}  // namespace lockstep::store
