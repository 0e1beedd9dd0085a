// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Subscriptions: an application's durable interest in the timeline, as rows and as JSON (firefly-core.md
// 11.1, 11.2). Filter and options are stored in the text in which they are shown: the filter with its
// members in the original's order, the options as one flat object with sorted keys in which keys that
// mean nothing to us survive verbatim. firstEvent is a number from the day of creation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/clock.hpp"
#include "core/json.hpp"
#include "core/positions.hpp"
#include "delivery/filter.hpp"
#include "delivery/webhook_options.hpp"
#include "store/database.hpp"

namespace lockstep::delivery {

// What a dispatcher needs of the options.
struct DispatchOptions {
    std::size_t read_ahead = 0;  // 50 with batch unless told otherwise; at most 65,535
    bool batch = false;
    Duration batch_timeout = 50ms;  // from the first waiting event to an incomplete batch
};

enum class Transport { websockets, webhooks };
std::string_view word(Transport transport);

struct SubscriptionRow {
    std::int64_t seq = 0;
    Uuid id;
    std::string name;
    Transport transport = Transport::websockets;
    std::string events;     // the pattern of that name, for queries
    std::string filter;     // JSON object
    std::string options;    // JSON object
    Time created, updated;  // updated is zero until changed
    std::string secrets{};  // signingSecrets, a JSON array or empty; never shown

    DispatchOptions dispatch_options() const;
    // Events after this one are delivered; -1: all.
    Offset first_event() const;
};

// Where to begin: a number, or whatever is newest when it is made.
struct FirstEvent {
    bool newest = true;
    Offset number{-1};
};

// What a client asked for, checked.
struct OptionsInput {
    std::string json;  // shown form, without firstEvent
    FirstEvent first_event;
    DispatchOptions dispatch;
};
struct SubscriptionInput {
    std::string name;
    Transport transport = Transport::websockets;
    FilterInput filter;
    OptionsInput options;
    std::optional<std::string> secrets;  // absent: as they were
};

// The options of a websockets subscription or of a start. FF10191, FF10192, FF10244, FF00137, FF10189
// (a member of the wrong kind).
Result<OptionsInput> parse_options(json::Value options);
// The body of POST and PUT subscriptions. FF00140, FF00141, FF10189, FF10266, FF10172 and those of
// parse_options(); the filter is not compiled yet. Of webhooks those of parse_webhook_options(), FF10455 for a TLS
// profile that `profiles` does not know, FF10460, LS10411. What is shown of the options is without signingSecrets.
Result<SubscriptionInput> parse_subscription(json::Value body,
                                             std::string_view namespace_name,
                                             const TlsProfiles& profiles = {});

// The options with firstEvent as the number that it was resolved to.
std::string with_first_event(std::string_view options, Offset first_event);

// {"id","namespace","name","transport","filter","options","created","updated"} and, when `position` is
// given, "status":{"currentOffset"}.
std::string subscription_json(const SubscriptionRow& row,
                              std::string_view namespace_name,
                              std::optional<Offset> position = std::nullopt);

// ---- rows ----

// Table `subscriptions`: ns, seq, id, name, transport, events, filters, options, created (ns of UTC),
// updated (0: never), secrets. The columns that subscription_row() reads, in order.
extern const std::string subscription_columns;
SubscriptionRow subscription_row(const store::Statement& row);
std::optional<SubscriptionRow> find_subscription(store::Session& session, NamespaceId ns, const Uuid& id);
std::optional<SubscriptionRow> find_subscription_by_name(store::Session& session,
                                                         NamespaceId ns,
                                                         std::string_view name);
// In the order of creation.
std::vector<SubscriptionRow> list_subscriptions(store::Session& session, NamespaceId ns);
// The persisted position: the highest contiguous acknowledged (or filtered out) event.
std::optional<Offset> find_position(store::Session& session, NamespaceId ns, const Uuid& subscription);

// Throws store::Conflict when the name exists. The position begins at firstEvent.
void insert(store::Transaction& tx, NamespaceId ns, const SubscriptionRow& row);
void update(store::Transaction& tx, NamespaceId ns, const SubscriptionRow& row);
// False when there is none. Its position and its dead letters go with it.
bool erase(store::Transaction& tx, NamespaceId ns, const Uuid& id);
// Only forward, and only of a subscription that is there.
void save_position(store::Transaction& tx, NamespaceId ns, const Uuid& subscription, Offset position);

store::Migrations schema();

}  // namespace lockstep::delivery
