// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What closures see of a connection.
#pragma once

#include "store/detail/connection.hpp"

namespace lockstep::store::detail {

class ReadSession final : public Session {
  public:
    explicit ReadSession(Connection& connection) : connection_(connection) {}
    Statement& prepare(std::string_view sql) override {
        auto& statement = connection_.prepare(sql);
        if (!statement.is_read_only()) throw StoreError("a snapshot cannot write: " + std::string(sql));
        return statement;
    }

  private:
    Connection& connection_;
};

class WriteSession final : public Transaction {
  public:
    explicit WriteSession(Connection& connection) : connection_(connection) {}
    Statement& prepare(std::string_view sql) override { return connection_.prepare(sql); }
    std::int64_t last_id() override { return sqlite3_last_insert_rowid(connection_.handle()); }

  protected:
    std::int64_t finish(Statement& statement) override {
        while (statement.step()) {  // what RETURNING yields is not wanted here
        }
        return sqlite3_changes64(connection_.handle());
    }

  private:
    Connection& connection_;
};

}  // namespace lockstep::store::detail
