// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "simulation/checks.hpp"

#include <algorithm>
#include <map>

#include "core/sha256.hpp"

namespace lockstep::simulation {

Task<std::vector<Line>> read_timeline(Node& node) {
    std::vector<Line> lines;
    for (;;) {
        auto page = [timeline = &node.member().timeline(),
                     next = static_cast<std::int64_t>(lines.size())](store::Snapshot& snapshot) {
            return timeline->read(snapshot, {.first = Offset{next}, .any_of_tags = {}, .most = 500});
        };
        auto const events = co_await node.member().database().read(std::move(page));
        if (events.empty()) co_return std::move(lines);
        for (auto const& event : events)
            lines.push_back(
                {event.sequence.value, std::string(log::word(event.type)), event.reference.text(), event.topic});
    }
}

Task<Leftovers> read_leftovers(Node& node, const Book& book) {
    auto count = [lies = book.lies, may_be_true = book.may_be_true](store::Snapshot& snapshot) {
        auto const rows_of = [&](const std::string& table) {
            auto rows = snapshot.query("SELECT COUNT(*) FROM " + table);
            return rows.first()->integer(0);
        };
        Leftovers left;
        auto const add = [&](const std::string& name, std::int64_t count) {
            left.parked += count;
            if (count > 0) left.waits.push_back(std::to_string(count) + " in " + name);
        };
        for (auto const* table : {"parked_pins", "parked_batches", "blob_waits", "unpinned_waits"})
            add(table, rows_of(table));
        // Of what a liar began nobody has to be done with, and of groups that this member is not in pins stay.
        auto const honest = [&](const std::string& name, const std::string& ids) {
            std::int64_t found = 0;
            for (auto& row : snapshot.query(ids)) {
                if (!lies.contains(row.uuid(0))) ++found;
            }
            add(name, found);
        };
        honest("parked_messages", "SELECT m.id FROM parked_messages p JOIN messages m ON m.seq = p.message");
        honest("private_documents", "SELECT batch FROM private_documents");
        honest("masked_batches",
               "SELECT m.batch FROM masked_batches m JOIN batches b ON b.ns = m.ns AND b.id = m.batch");
        std::size_t told = 0;
        for (auto& row : snapshot.query("SELECT m.id, p.first_pin, p.wait, p.missing, m.topics, m.pins"
                                        " FROM parked_messages p JOIN messages m ON m.seq = p.message"
                                        " ORDER BY p.first_pin")) {
            if (lies.contains(row.uuid(0)) || ++told > 5) continue;
            left.waits.push_back("pin " + std::to_string(row.integer(1)) + " of message " + row.uuid(0).text() +
                                 " on " + row.string(4) + " waits for " + row.string(2) + " " +
                                 row.string(3).substr(0, 8) + ", has " + row.string(5).substr(0, 8));
        }
        told = 0;
        for (auto& row : snapshot.query("SELECT id, topics, reject_reason FROM messages WHERE reject_reason <> ''")) {
            if (lies.contains(row.uuid(0)) || may_be_true.contains(row.uuid(0)) || ++told > 5) continue;
            left.waits.push_back("message " + row.uuid(0).text() + " on " + row.string(1) +
                                 " is rejected: " + row.string(2));
        }
        left.submissions = rows_of("submissions");
        left.outbox = rows_of("payload_outbox") + rows_of("blob_outbox");
        for (auto const* table : {"payload_outbox", "blob_outbox"}) {
            auto const sql = std::string("SELECT hash, peer FROM ") + table + " LIMIT 3";
            for (auto& row : snapshot.query(sql))
                left.waits.push_back(std::string(table) + ": " + row.hash(0).text() + " to " + row.string(1));
        }
        return left;
    };
    auto left = co_await node.member().database().read(std::move(count));
    for (auto const& peer : node.member().exchange().status()) left.queued += peer.queued;
    left.wanted = node.member().exchange().wanted() + node.member().exchange().wanted_blobs().size();
    left.waiting = node.member().batcher().waiting();
    co_return left;
}

Task<Answers> read_answers(Node& node) {
    auto list = [ns = node.member().profile().ns](store::Snapshot& snapshot) {
        Answers answers;
        for (auto& row : snapshot.query("SELECT cid, author FROM messages WHERE ns = ?1 AND tag = ?2"
                                        " AND state = 'confirmed' AND cid IS NOT NULL ORDER BY author",
                                        ns, answer_tag))
            answers[row.uuid(0)].push_back(row.string(1));
        return answers;
    };
    co_return co_await node.member().database().read(std::move(list));
}

Task<std::set<Hash>> read_blobs(Node& node) {
    auto list = [ns = node.member().profile().ns](store::Snapshot& snapshot) { return blobs::all(snapshot, ns); };
    auto const rows = co_await node.member().database().read(std::move(list));
    std::set<Hash> good;
    for (auto const& hash : rows) {
        auto const blob = co_await node.member().blobs().open(hash);
        if (!blob) continue;
        auto const bytes = co_await blob->read(0, static_cast<std::size_t>(blob->size()));
        if (sha256(bytes) == hash) good.insert(hash);
    }
    co_return good;
}

namespace {

constexpr std::string_view batch_topic = "ff_batch_pin";

using Orders = std::map<std::string, std::vector<std::string>>;  // topic: references

Orders orders_of(const std::vector<Line>& lines) {
    Orders orders;
    for (auto const& line : lines) {
        if (line.topic == batch_topic || line.topic.starts_with(loose)) continue;
        if (line.type == "message_confirmed" || line.type == "message_rejected")
            orders[line.topic].push_back(line.type + " " + line.reference);
    }
    return orders;
}

// Whole batches: they have no order among themselves.
std::vector<std::string> rejected_batches(const std::vector<Line>& lines) {
    std::vector<std::string> batches;
    for (auto const& line : lines) {
        if (line.type == "message_rejected" && line.topic == batch_topic) batches.push_back(line.reference);
    }
    std::sort(batches.begin(), batches.end());
    return batches;
}

std::vector<std::string> identities_of(const std::vector<Line>& lines) {
    std::vector<std::string> identities;
    for (auto const& line : lines) {
        if (line.type == "identity_confirmed") identities.push_back(line.reference);
    }
    std::sort(identities.begin(), identities.end());
    return identities;
}

// The promises to one member's applications.
class Member {
  public:
    Member(std::size_t index, const Seen& seen, std::vector<std::string>& failures)
        : index_(index), seen_(seen), failures_(failures) {}

    void offsets_are_dense() {
        for (std::size_t n = 0; n < seen_.lines.size(); ++n) {
            if (seen_.lines[n].sequence != static_cast<std::int64_t>(n))
                return fail("offsets are not dense at " + std::to_string(n));
        }
    }
    // Broadcasts as at member 0, what is for a group as at the first of its members.
    void is_ordered_as(const std::vector<Orders>& orders, const Seen& other, const Workload& work) {
        auto const& here = orders[index_];
        auto const& there = orders[0];
        for (auto const& [topic, order] : there) {
            if (work.book.of_members.contains(topic)) continue;
            auto const found = here.find(topic);
            if (found == here.end() || found->second != order)
                fail("the order of topic " + topic + " is not that of member 0");
        }
        for (auto const& [topic, order] : here) {
            auto const of = work.book.of_members.find(topic);
            if (of == work.book.of_members.end()) {
                if (!there.contains(topic)) fail("it has topic " + topic + ", which member 0 has not");
                continue;
            }
            if (!of->second.contains(static_cast<int>(index_))) {
                fail("it has topic " + topic + " of a group that it is not in");
                continue;
            }
            auto const first = static_cast<std::size_t>(*of->second.begin());
            auto const found = orders[first].find(topic);
            if (found == orders[first].end() || found->second != order)
                fail("the order of topic " + topic + " is not that of member " + std::to_string(first));
        }
        if (identities_of(seen_.lines) != identities_of(other.lines)) fail("it knows other identities than member 0");
        if (rejected_batches(seen_.lines) != rejected_batches(other.lines))
            fail("it has rejected other batches than member 0");
    }
    // Everything that was accepted, each once a topic, and nothing else.
    void has_what_was_accepted(const Workload& work) {
        auto const& book = work.book;
        std::map<std::string, int> confirmed;  // "reference topic"
        std::set<std::string> ever;
        for (auto const& line : seen_.lines) {
            if (line.type != "message_confirmed") continue;
            auto const id = Uuid::parse(line.reference);
            if (id && book.lies.contains(*id)) fail("message " + line.reference + ", a lie, is confirmed");
            ever.insert(line.reference);
            if (id && book.may_be_true.contains(*id)) continue;
            ++confirmed[line.reference + " " + line.topic];
        }
        for (auto const& line : seen_.lines) {
            // Somebody else may have pinned it too; that one is rejected.
            if (line.type != "message_rejected" || ever.contains(line.reference)) continue;
            auto const id = Uuid::parse(line.reference);
            if (!id || (!book.lies.contains(*id) && !book.may_be_true.contains(*id)))
                fail("message " + line.reference + " is rejected");
        }
        std::size_t accepted_lines = 0;
        for (auto const& [key, accepted] : work.book.by_key) {
            auto const is_mine = accepted.members.empty() || accepted.members.contains(static_cast<int>(index_));
            if (accepted.blob && seen_.blobs.contains(*accepted.blob) != is_mine)
                fail("the blob of message " + key + (is_mine ? " is not here" : " is here, and of others"));
            if (!is_mine) continue;
            for (auto const& topic : accepted.topics) {
                ++accepted_lines;
                auto const found = confirmed.find(accepted.id.text() + " " + topic);
                auto const times = found == confirmed.end() ? 0 : found->second;
                if (times != 1)
                    fail("message " + key + " is confirmed " + std::to_string(times) + " times on topic " + topic);
            }
        }
        auto const on_topics = std::count_if(confirmed.begin(), confirmed.end(), [&](auto const& one) {
            auto const topic = one.first.substr(one.first.find(' ') + 1);
            return std::find(work.topics.begin(), work.topics.end(), topic) != work.topics.end();
        });
        if (static_cast<std::size_t>(on_topics) > accepted_lines)
            fail("it has messages that nobody has sent: " + std::to_string(on_topics) + " for " +
                 std::to_string(accepted_lines));
    }
    void has_nothing_left() {
        auto const& left = seen_.left;
        if (left.parked != 0) fail(std::to_string(left.parked) + " pins, messages or batches are parked");
        for (auto const& wait : left.waits) fail(wait);
        if (left.submissions != 0) fail(std::to_string(left.submissions) + " submissions are left");
        if (left.outbox != 0) fail(std::to_string(left.outbox) + " documents are in the outbox");
        if (left.queued != 0) fail(std::to_string(left.queued) + " documents are queued for peers");
        if (left.wanted != 0) fail(std::to_string(left.wanted) + " payloads are wanted");
        if (left.waiting != 0) fail(std::to_string(left.waiting) + " messages wait for a batch");
    }
    // Of each request that is for this member, one reply of each that it was for.
    void was_answered(const Workload& work) {
        for (auto const& [key, accepted] : work.book.by_key) {
            if (!key.starts_with(ask_tag) || !accepted.members.contains(static_cast<int>(index_))) continue;
            std::vector<std::string> due;
            for (auto const member : accepted.members) due.push_back("did:firefly:org/org_" + std::to_string(member));
            auto const found = seen_.answers.find(accepted.id);
            auto const count = found == seen_.answers.end() ? 0 : found->second.size();
            if (count == 0 || found->second != due)
                fail("request " + key + " has " + std::to_string(count) + " replies for " + std::to_string(due.size()));
        }
    }
    // The durable subscriptions: each event at least once, for the first time in order, all acknowledged.
    void was_heard() {
        std::vector<std::int64_t> matching;
        for (auto const& line : seen_.lines) {
            if (line.type.starts_with("message_")) matching.push_back(line.sequence);
        }
        for (auto const* heard : {&seen_.heard, &seen_.hooked}) {
            auto const name = heard == &seen_.heard ? "the durable subscription" : "the webhook";
            for (auto const& fault : heard->faults) fail(fault);
            if (heard->first_times != matching)
                fail(std::string(name) + " heard " + std::to_string(heard->first_times.size()) + " of " +
                     std::to_string(matching.size()) + " events, or not in order");
        }
        if (!matching.empty() && seen_.heard.acknowledged != matching.back())
            fail("the last event was not acknowledged");
    }

  private:
    void fail(const std::string& what) {
        if (failures_.size() < 20) failures_.push_back("member " + std::to_string(index_) + ": " + what);
    }

    std::size_t index_;
    const Seen& seen_;
    std::vector<std::string>& failures_;
};

}  // namespace

void check(const std::vector<Seen>& members, const Workload& work, std::vector<std::string>& failures) {
    std::vector<Orders> orders;
    for (auto const& member : members) orders.push_back(orders_of(member.lines));
    for (std::size_t i = 0; i < members.size(); ++i) {
        Member member(i, members[i], failures);
        member.offsets_are_dense();
        member.is_ordered_as(orders, members[0], work);
        member.has_what_was_accepted(work);
        member.has_nothing_left();
        member.was_answered(work);
        member.was_heard();
    }
    auto const due = work.messages_each * static_cast<std::ptrdiff_t>(members.size());
    auto const& by_key = work.book.by_key;
    auto const accepted =
        std::count_if(by_key.begin(), by_key.end(), [](auto const& one) { return !one.second.beyond; });
    if (accepted != due)
        failures.push_back(std::to_string(accepted) + " of " + std::to_string(due) + " messages were accepted");
    for (auto const& fault : work.book.faults) failures.push_back(fault);
}

}  // namespace lockstep::simulation
