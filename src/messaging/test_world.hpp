// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: a member that speaks. Its organisation is registered, its submitter runs against a development
// ledger, its batcher seals, and what it would send to the others is remembered. A pin comes back only when
// the test says so.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "blobs/table.hpp"
#include "log/timeline.hpp"
#include "messaging/sender.hpp"
#include "operations/operations.hpp"
#include "registry/test_world.hpp"
#include "transactions/test_world.hpp"

namespace lockstep::messaging {

inline constexpr NamespaceId test_ns{1};

// Keeps in a table what has to go out, and in memory the documents that were handed to it.
class Outbox final : public Carrier {
  public:
    static store::Migrations schema() { return {"outbox", {"CREATE TABLE outbox (payload BLOB NOT NULL)"}}; }

    void enqueue(store::Transaction& tx, const Hash& payload, const Recipients&) override {
        tx.run("INSERT INTO outbox (payload) VALUES (?1)", payload);
    }
    void sealed(const Hash& payload, std::shared_ptr<const std::string> document, const Recipients& to) override {
        documents[payload] = std::move(document);
        recipients[payload] = to;
    }
    std::map<Hash, Recipients> recipients;
    std::map<Hash, std::shared_ptr<const std::string>> documents;
};

class Member final : public transactions::SubmitterWorld {
  public:
    explicit Member(std::uint64_t seed = 1, Batcher::Options options = {}, bool is_registered = true)
        : SubmitterWorld(seed,
                         {flow::schema(), log::schema(), registry::schema(), operations::schema(), messaging::schema(),
                          blobs::schema(), Outbox::schema()}),
          options_(options) {
        profile.org_name = "acme";
        profile.node_name = "node1";
        profile.node_profile = R"({"id":"peer1"})";
        profile.key = keys[0].address();
        if (is_registered) register_orgs();
        restart();
    }
    ~Member() override { close(); }

    // As a process does in its beginning.
    void start() {
        SubmitterWorld::start();
        spawn(batcher->run());
    }

    // ---- speaking ----

    static MessageInput a_message(const std::string& value = R"("hello")") {
        MessageInput input;
        input.data.emplace_back().value = value;
        return input;
    }
    Result<MessageRow> try_say(MessageInput input) {
        auto said = await(sender->broadcast(std::move(input), ids().next()));
        settle();
        return said;
    }
    MessageRow say(MessageInput input = a_message()) {
        auto said = try_say(std::move(input));
        if (!said) throw std::runtime_error(said.error().message());
        return *said;
    }
    MessageRow say_as(const std::string& author, const std::string& value = R"("hello")") {
        auto input = a_message(value);
        input.author = author;
        return say(std::move(input));
    }
    void say_many(int count, const std::string& value = R"("hello")") {
        batcher->hold();
        for (int i = 0; i < count; ++i) say(a_message(value));
        batcher->release();
        settle();
    }
    // To the organisations of these names.
    static MessageInput a_private_message(const std::vector<std::string>& to = {"other"},
                                          const std::string& value = R"("hello")") {
        auto input = a_message(value);
        input.recipients.emplace();
        for (auto const& one : to) input.recipients->members.push_back({one, ""});
        return input;
    }
    Result<MessageRow> try_tell(MessageInput input) {
        auto told = await(sender->private_message(std::move(input), ids().next()));
        settle();
        return told;
    }
    MessageRow tell(MessageInput input = a_private_message()) {
        auto told = try_tell(std::move(input));
        if (!told) throw std::runtime_error(told.error().message());
        return *told;
    }
    // POST data.
    Data keep(const std::string& value) {
        DataInput input;
        input.value = value;
        return *await(sender->store_data(std::move(input)));
    }
    std::string code_of(MessageInput input) {
        auto const said = try_say(std::move(input));
        return said ? "said" : std::string(said.error().code());
    }

    // ---- what became of it ----

    // Every batch in the order of sealing, as its document.
    std::vector<Batch> batches() {
        return read([](store::Snapshot& snapshot) {
            std::vector<BatchRow> rows;
            for (auto& row : snapshot.query("SELECT " + batch_columns + " FROM batches ORDER BY seq"))
                rows.push_back(batch_row(row));
            std::vector<Batch> out;
            for (auto const& row : rows) out.push_back(load_batch(snapshot, test_ns, row).value_or(Batch{}));
            return out;
        });
    }
    std::vector<std::size_t> batch_sizes() {
        std::vector<std::size_t> out;
        for (auto const& batch : batches()) out.push_back(batch.messages.size());
        return out;
    }
    // The ids of all messages that are in batches, in that order.
    std::vector<Uuid> batched() {
        std::vector<Uuid> out;
        for (auto const& batch : batches()) {
            for (auto const& message : batch.messages) out.push_back(message.header.id);
        }
        return out;
    }
    // The ids of all messages, in the order in which they were stored.
    std::vector<Uuid> stored_messages(const std::string& where = "1 = 1") {
        return read([&](store::Snapshot& snapshot) {
            std::vector<Uuid> out;
            for (auto& row : snapshot.query("SELECT id FROM messages WHERE " + where + " ORDER BY seq"))
                out.push_back(row.uuid(0));
            return out;
        });
    }
    std::optional<MessageRow> find(const Uuid& id) {
        return read([&](store::Snapshot& snapshot) { return find_message(snapshot, test_ns, id); });
    }

    MemberProfile profile;
    Outbox outbox;
    std::unique_ptr<log::Timeline> timeline;
    std::unique_ptr<Batcher> batcher;
    std::unique_ptr<Sender> sender;
    registry::Claim acme, other;  // the second is a member of ours as well, with the second key

  protected:
    void begin() override {
        SubmitterWorld::begin();
        auto make_stream = [](store::Transaction& tx) {
            return log::open_stream(tx, log::Timeline::stream_of({}, test_ns));
        };
        timeline = std::make_unique<log::Timeline>(await(database().write(std::move(make_stream))), "default");
        batcher = std::make_unique<Batcher>(profile, database(), clock(), chance(), ids(), info_, *submitter, *timeline,
                                            outbox, options_);
        sender = std::make_unique<Sender>(
            profile, database(), clock(), ids(), *batcher,
            [this](std::string_view account) { return submitter->can_sign(account); }, Sender::Options{});
    }
    void end() override {
        sender.reset();
        batcher.reset();
        timeline.reset();
        SubmitterWorld::end();
    }

  private:
    void register_orgs() {
        acme = registry::an_org(ids(), "acme", '0');
        acme.header.key = keys[0].address();
        other = registry::an_org(ids(), "other", '0');
        other.header.key = keys[1].address();
        auto const stranger = registry::an_org(ids(), "stranger", '7');
        auto const node = registry::a_node(ids(), "node1", acme);
        auto const far = registry::a_node(ids(), "node2", other);
        for (auto const& claim : {acme, other, stranger, node, far}) {
            write([&](store::Transaction& tx) {
                auto const message = registry::RegistryWorld::message_of(claim.header, claim.value());
                auto const made = registry::apply_claim(tx, test_ns, "default", message, claim.value(), clock().now());
                EXPECT_TRUE(made.fresh) << made.reason;
            });
        }
    }

    ledger::Info info_{"ethereum", "ethereum_address", "1337", "0xc0"};
    Batcher::Options options_;
};

}  // namespace lockstep::messaging
