// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Datatypes: JSON Schemas under a name and a version, which values can be bound to (firefly-core.md 3.3, 9.1, 18.12).
// The first definition of a name and version wins and stays. It counts for what was pinned after it and for nothing
// else, so each one keeps its place on the ledger.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/message.hpp"
#include "core/positions.hpp"
#include "schema/schema.hpp"
#include "store/database.hpp"

namespace lockstep::registry {

inline constexpr std::string_view datatype_tag = "ff_define_datatype";
inline constexpr std::int64_t after_all_pins = INT64_MAX;

struct Datatype {
    std::int64_t seq = 0;
    Uuid id;
    std::optional<Uuid> message;  // that defined it
    std::string name, version;
    Hash hash;  // of the value
    Time created;
    std::string value;     // the schema, compact JSON
    std::int64_t pin = 0;  // place of its definition on the ledger
};

// The topic on which definitions of this name are ordered.
std::string datatype_topic(std::string_view name);

// Those whose definition has an earlier pin than `before`.
std::optional<Datatype> find_datatype(store::Session& session,
                                      NamespaceId ns,
                                      const DatatypeRef& ref,
                                      std::int64_t before = after_all_pins);
std::optional<Datatype> find_datatype(store::Session& session, NamespaceId ns, const Uuid& id);

extern const std::string datatype_columns;
Datatype datatype_row(const store::Statement& row);
// As the API shows it.
std::string datatype_json(const Datatype& datatype, std::string_view namespace_name);

// ---- definitions ----

// The data value of a definition message.
std::string datatype_definition(const Datatype& datatype);
// FF10403 for what is no datatype, FF00140 for a bad name or version, FF10196 for a schema that cannot be used.
Result<Datatype> parse_datatype(std::string_view data_value);
// FF10196.
Result<void> check_schema(const DatatypeRef& ref, std::string_view schema);

// In the order of the ledger. FF10403 and the above, FF10407 for a name and version that is taken.
Result<Datatype> apply_datatype(
    store::Transaction& tx, NamespaceId ns, const MessageHeader& header, std::string_view data_value, std::int64_t pin);

// ---- values ----

// Schemas that were compiled before, for a caller that checks many values. One thread.
using SchemaCache = std::map<std::int64_t, std::shared_ptr<const schema::Schema>>;  // by row: ids may be there twice

// Whether data is bound to a datatype.
inline bool is_typed(const Data& data) { return !data.datatype.empty() && data.validator != "none"; }

// FF10195 when there is no such datatype before `before`, FF10199 when there is no value, FF10198 when the value is not
// as the schema says.
Result<void> check_value(store::Session& session,
                         NamespaceId ns,
                         const DatatypeRef& ref,
                         std::string_view value,
                         std::int64_t before,
                         SchemaCache& cache);

}  // namespace lockstep::registry
