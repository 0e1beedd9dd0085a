// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Delivery: the one engine that brings the timeline to applications. It keeps subscriptions and their
// positions, filters, and holds what is under way; how it is said on a wire is a dispatcher's business
// (websocket_session.hpp; webhook.hpp), and an in-process consumer uses the same Connection.
//
// Invariants
//   1. An event goes out only when every earlier one that passes the filter has gone out, and no more
//      than 1 + readAhead are unacknowledged at any time, whatever the filter drops in between.
//   2. A position is the highest contiguous acknowledged (or filtered out) event. It never goes back, and
//      what lies behind it is not delivered again; everything after it is, to whoever comes next.
//   3. One connection at a time serves a durable subscription: the first that started it; when that ends,
//      the next goes on from the position.
//   4. A consumer that does not pull costs no more memory than a page of events for each of its starts.
//
// Logic thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/clock.hpp"
#include "base/chance.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "delivery/ports.hpp"
#include "delivery/subscription.hpp"
#include "log/timeline.hpp"
#include "store/database.hpp"

namespace lockstep::delivery {

struct Config {
    std::size_t page_events_max = 500;
    std::size_t page_bytes_max = 1 << 20;  // of enriched events; a page ends after the event that passes it
    std::size_t tail_events_max = 2000;    // kept for those that keep up
    std::size_t tail_bytes_max = 8 << 20;
    std::size_t page_readers = 2;            // pages read at a time for those that lag
    std::size_t starts_max = 4096;           // of one connection
    std::size_t history_events_max = 1000;   // looked through by history()
    Duration slow_look = 5s;                 // how long the timeline's tap is trusted
    Duration filtered_commit_interval = 1s;  // positions that only the filter moved are written this often
};

struct ConnectionInfo {
    std::string remote;  // "127.0.0.1:54321"
    std::string user_agent;
};

struct StartRequest {
    std::string namespace_;
    std::string name;  // of a durable subscription
    bool ephemeral = false;
    std::optional<bool> autoack;  // of the whole connection; absent leaves it as it is
    // Compact JSON objects, or empty; of an ephemeral start only.
    std::string filter, options;
};

struct SubscriptionRef {
    std::optional<Uuid> id;
    std::string namespace_, name;
};
struct AckRequest {
    std::optional<Uuid> id;  // of an event or batch; absent: the oldest event under way
    std::optional<SubscriptionRef> subscription;
};

// One consumer: several starts, one stream of frames. It must be gone before the Delivery is, and next()
// must have returned before it goes. Destroying it gives its subscriptions to whoever stands by.
class Connection {
  public:
    virtual ~Connection() = default;
    virtual const Uuid& id() const = 0;

    // FF10436, FF10178, FF10179, and for ephemeral starts what filter and options are refused for. A name
    // that no subscription has is no error: delivery begins when it is created. A second start of a
    // name changes nothing.
    virtual Task<Result<void>> start(StartRequest request) = 0;
    // FF10175, FF10180 (firefly-core.md 12.5). An event that was taken back meanwhile (the subscription was
    // changed or deleted, or there was a nack) may still be acknowledged, and that does nothing.
    virtual Result<void> ack(const AckRequest& request) = 0;
    // The same events; everything after the position of their subscription goes out again.
    virtual Result<void> nack(const AckRequest& request) = 0;

    // The next frame: a delivery, or {"type":"event_batch",…}, with a newline at its end. Waits until there
    // is one; empty after close(). With autoack the former frame counts as acknowledged when this is
    // called again. One caller at a time.
    virtual Task<std::optional<std::string>> next() = 0;
    // Ends next(), now and for ever.
    virtual void close() = 0;
};

struct ConnectionStatus {
    struct Start {
        Time time;
        bool ephemeral = false;
        std::string name;     // of an ephemeral one, the id that it was given
        std::string filter;   // JSON; of a durable one that does not exist, "{}"
        bool active = false;  // it delivers; false while another connection does, or nothing is there yet
        std::size_t in_flight = 0;
        Offset position{-1};
    };
    Uuid id;
    ConnectionInfo info;
    std::vector<Start> starts;
};

// How a webhook is: one line for each webhooks subscription.
struct WebhookStatus {
    struct Failing {
        Time since;                    // the first attempt of those that failed in a row
        std::uint64_t attempts = 0;    // of the oldest call that fails
        int status = 0;                // of the last answer; 0: there was none
        std::string error;             // what went wrong last
        std::optional<Uuid> event;     // the oldest event that is not taken
        std::optional<Time> next_try;  // none: it waits until somebody acts (retry_now, a change, a new start)
    };
    Uuid subscription;
    std::string name, url;
    bool serving = false;
    std::size_t under_way = 0;  // calls, with those that wait to be tried again
    Offset position{-1};
    std::optional<Failing> failing;
};

struct HistoryQuery {
    std::optional<Offset> first = {}, last = {};  // startsequence and endsequence, both included
    std::size_t limit = 25, skip = 0;
    bool newest_first = true;
    // Besides the subscription's filter; on a reader's thread. Empty: all.
    std::function<bool(const log::Event&)> also = {};
};
struct HistoryPage {
    std::vector<std::string> events;  // JSON objects
    std::size_t total = 0;            // that passed, in the range that was looked through
};

class Delivery {
  public:
    // All of it outlives the Delivery.
    struct Parts {
        NamespaceId ns;
        std::string namespace_name;
        store::Database& database;
        log::Timeline& timeline;
        const Enricher& enricher;
        Clock& clock;
        Chance& chance;
        IdMaker& ids;
        // Of webhooks; without a client they are kept and not served.
        net::WebClient* web = nullptr;
        Replier* replier = nullptr;  // without one, options.reply is as if it were off
        TlsProfiles tls_profiles = {};
    };

    explicit Delivery(Parts parts, Config config = {});
    ~Delivery();

    // Reads, dispatches, calls webhooks and writes positions; returns only by cancellation. Frames come only while
    // it runs.
    Task<void> run();
    // Until every position that is known has been written: the last step of a clean stop.
    Task<void> flush();

    // POST: FF10193 when the name is taken, and what parse_subscription() refuses. `body` is compact JSON.
    Task<Result<SubscriptionRow>> create(std::string body);
    // PUT: by name. An existing one keeps id, created, firstEvent and position; nothing is written when
    // nothing changed. What was under way is taken back and goes out again, if the new filter lets it.
    Task<Result<SubscriptionRow>> replace(std::string body);
    // FF10109. Connections that started it stay, and take up one of the same name when it is created.
    Task<Result<void>> remove(Uuid id);
    Task<std::optional<SubscriptionRow>> find(Uuid id);
    Task<std::optional<SubscriptionRow>> find_by_name(std::string name);
    Task<std::vector<SubscriptionRow>> list();  // in the order of creation

    // Past events through the filter of a subscription. FF00164 when there is no such subscription,
    // FF10463 when the range has more than history_events_max; one end alone, or none, is completed to so many.
    Task<Result<HistoryPage>> history(Uuid subscription, HistoryQuery query);

    std::unique_ptr<Connection> connect(ConnectionInfo info);
    // In the order in which they came.
    std::vector<ConnectionStatus> connections() const;
    // The answer of GET websockets.
    std::string connections_json() const;

    // ---- webhooks ----

    std::vector<WebhookStatus> webhooks() const;
    // Whatever of a webhook waits to be tried again is tried now. LS10418, FF10109.
    Result<void> retry_now(const Uuid& subscription);
    // Calls the endpoint once more with an event that was set aside; when it takes it the dead letter is gone.
    // FF10109, LS10416 with what went wrong, LS10417 while another call does the same, LS10418.
    Task<Result<void>> redrive(Uuid subscription, Uuid event);
    // FF10109.
    Task<Result<void>> remove_dead_letter(Uuid subscription, Uuid event);

    const std::string& namespace_name() const;
    // Every Connection's next() ends; what begins to connect is closed at once; webhooks begin no other call.
    void refuse_new();

  private:
    class Engine;
    std::unique_ptr<Engine> engine_;
};

}  // namespace lockstep::delivery
