// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Every reader of rows, over a database whose cells are any bytes: it says what it read or throws StoreError, of which
// DamagedRow is one, and nothing else happens.
//
// The first byte says who reads. Then come rows, whoever asks for them. Each begins with a byte, and a 0 there ends the
// query; then it has as many cells as are read: a byte of length (255: two more bytes say it) and so many bytes.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "base/must.hpp"
#include "blobs/table.hpp"
#include "chain/chain_events.hpp"
#include "delivery/dead_letters.hpp"
#include "delivery/subscription.hpp"
#include "flow/feed.hpp"
#include "ledger/dev/tables.hpp"
#include "log/timeline.hpp"
#include "messaging/blob_refs.hpp"
#include "messaging/rows.hpp"
#include "operations/operations.hpp"
#include "registry/datatypes.hpp"
#include "registry/groups.hpp"
#include "sequencer/blob_waits.hpp"
#include "sequencer/parking.hpp"
#include "sequencer/private_pins.hpp"
#include "swarm/detail/outbox.hpp"
#include "swarm/exchange.hpp"

// Feeds and timelines have bells for coroutines, which this compiler cannot make with coverage. Nobody waits here.
namespace lockstep {
Waiters::Waiters() = default;
Waiters::~Waiters() = default;
}  // namespace lockstep

namespace {

using namespace lockstep;

class Cells {
  public:
    explicit Cells(BytesView bytes) : rest_(bytes) {}

    bool more() { return !rest_.empty() && take(1)[0] != 0; }
    Bytes next() {
        std::size_t length = number(1);
        if (length == 255) length = number(2);
        return take(length);
    }

  private:
    Bytes take(std::size_t length) {
        const auto out = rest_.first(std::min(length, rest_.size()));
        rest_ = rest_.subspan(out.size());
        return {out.begin(), out.end()};
    }
    std::size_t number(std::size_t bytes) {
        std::size_t out = 0;
        for (const auto byte : take(bytes)) out = out << 8 | byte;
        return out;
    }

    BytesView rest_;
};

class AnyStatement final : public store::Statement {
  public:
    explicit AnyStatement(Cells& cells) : cells_(cells) {}

    void bind_null(int) override {}
    void bind_integer(int, std::int64_t) override {}
    void bind_real(int, double) override {}
    void copy_values() override {}
    void bind_text(int, std::string_view) override {}
    void bind_blob(int, BytesView) override {}
    bool step() override {
        row_.clear();
        return cells_.more();
    }
    void reset() override { row_.clear(); }

    int columns() const override { return 64; }
    bool is_null(int column) const override { return cell(column).empty(); }
    std::int64_t integer(int column) const override {
        std::uint64_t out = 0;
        for (const auto byte : cell(column)) out = out << 8 | byte;
        return static_cast<std::int64_t>(out);
    }
    double real(int column) const override { return static_cast<double>(integer(column)); }
    std::string_view text(int column) const override { return as_text(cell(column)); }
    BytesView blob(int column) const override { return cell(column); }

  private:
    const Bytes& cell(int column) const {
        const auto [found, fresh] = row_.try_emplace(column);
        if (fresh) found->second = cells_.next();
        return found->second;
    }

    Cells& cells_;
    mutable std::map<int, Bytes> row_;  // of which column was read first: the same every time
};

class AnySession final : public store::Session {
  public:
    explicit AnySession(BytesView bytes) : cells_(bytes) {}
    store::Statement& prepare(std::string_view) override { return statements_.emplace_back(cells_); }

  private:
    Cells cells_;
    std::deque<AnyStatement> statements_;
};

constexpr NamespaceId ns{1};
constexpr std::size_t most = 100;

void read_messages(store::Session& rows) {
    if (const auto message = messaging::find_message(rows, ns, Uuid{})) {
        messaging::message_json(*message, "default");
        messaging::message_json_with_data(rows, ns, *message, "default");
    }
    messaging::messages_of_data(rows, ns, Uuid{}, most);
}

void read_data(store::Session& rows) {
    if (const auto data = messaging::find_data(rows, ns, Uuid{})) {
        messaging::data_json(*data, "default");
        messaging::blob_name(data->value);
    }
    messaging::blob_directories(rows, ns, "/");
    messaging::audiences_of_blob(rows, ns, Hash{});
    messaging::transactions_of_blob(rows, ns, Hash{});
    blobs::size_of(rows, ns, Hash{});
}

void read_batches(store::Session& rows) {
    if (const auto batch = messaging::find_batch(rows, ns, Uuid{})) messaging::batch_json(rows, ns, *batch, "default");
}

void read_timeline(store::Session& rows) {
    const log::Timeline timeline(log::StreamKey{1}, "default");
    for (const auto& event : timeline.read(rows, {})) {
        std::string json;
        log::append_event_json(json, event, "default");
    }
    timeline.find(rows, Uuid{});
    timeline.about(rows, Uuid{}, most);
}

void read_log(store::Session& rows) {
    log::newest(rows, log::StreamKey{1});
    log::read(rows, log::StreamKey{1}, {});
    const flow::Feed feed("inbox", ns);
    feed.newest(rows);
    feed.read(rows, Sequence{0}, most);
    flow::load_cursor(rows, ns, "stage", 0);
}

void read_chain(store::Session& rows) {
    for (const auto& event : chain::events_of_transaction(rows, ns, Uuid{})) {
        chain::chain_event_json(event, "default", ledger::Info{});
        chain::tx_type_of(event.event);
    }
}

void read_ledger(store::Session& rows) {
    ledger::dev::load(rows);
    ledger::dev::find_transaction(rows, "0x0", LedgerNonce{0});
    ledger::dev::read_branch(rows, BlockNumber{0});
    ledger::dev::read_blocks(rows, BlockNumber{0}, BlockNumber{9}, 9, 1 << 20);
}

void read_identities(store::Session& rows) {
    if (const auto identity = registry::find_identity(rows, ns, Uuid{})) {
        const auto verifiers = registry::verifiers_of(rows, ns, Uuid{});
        registry::identity_json(*identity, "default", &verifiers);
        registry::did_document_json(*identity, verifiers);
    }
    registry::nodes(rows, ns);
}

void read_groups(store::Session& rows) {
    if (const auto group = registry::find_group(rows, ns, Hash{})) {
        registry::group_row_json(*group, "default");
        registry::judge_members(rows, ns, group->group);
        registry::nodes_of(rows, ns, group->group, Uuid{});
    }
}

void read_datatypes(store::Session& rows) {
    if (const auto datatype = registry::find_datatype(rows, ns, Uuid{})) registry::datatype_json(*datatype, "default");
    registry::SchemaCache cache;
    static_cast<void>(registry::check_value(rows, ns, {"name", "1"}, R"({"a":1})", 1, cache));
}

void read_operations(store::Session& rows) {
    if (const auto transaction = operations::find_transaction(rows, ns, Uuid{}))
        operations::transaction_json(*transaction, "default");
    for (const auto& operation : operations::operations_of(rows, ns, Uuid{}))
        operations::operation_json(operation, "default");
}

void read_parked(store::Session& rows) {
    const sequencer::Parking parking(ns);
    parking.messages(rows, most);
    parking.batches(rows);
    parking.queues(rows, most);
    parking.types_of(rows, 1);
    const sequencer::PrivatePins pins(ns);
    pins.expected(rows, Hash{});
    pins.name_of(rows, Hash{});
    pins.documents_of(rows, Uuid{});
    sequencer::BlobWaits(ns).all(rows);
}

void read_subscriptions(store::Session& rows) {
    for (const auto& row : delivery::list_subscriptions(rows, ns)) {
        row.dispatch_options();
        row.first_event();
        delivery::subscription_json(row, "default", delivery::find_position(rows, ns, row.id));
    }
    if (const auto letter = delivery::find_dead_letter(rows, ns, Uuid{}, Uuid{})) delivery::dead_letter_json(*letter);
}

void read_outbox(store::Session& rows) { swarm::read_outbox(rows, ns, "peer", 0, most); }

constexpr void (*readers[])(store::Session&) = {
    read_messages,   read_data,   read_batches,   read_timeline,   read_log,    read_chain,  read_ledger,
    read_identities, read_groups, read_datatypes, read_operations, read_parked, read_outbox, read_subscriptions};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    AnySession session(BytesView(data, size).subspan(1));
    try {
        readers[data[0] % std::size(readers)](session);
    } catch (const store::StoreError& error) {
        MUST(!std::string_view(error.what()).empty(), "whoever reads the log is told what is wrong");
    }
    return 0;
}
