// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Definitions, which change the registry, and values that are bound to a datatype by one of them. Their order is that
// of the ledger: a definition's topic is made of what it defines, so whoever needs to know whether it is there waits
// for what is undecided on that topic before him, and for nothing else.
#include "registry/errors.hpp"
#include "registry/refusals.hpp"
#include "registry/registry.hpp"
#include "sequencer/detail/work.hpp"

namespace lockstep::sequencer {

// Empty when a message refers to data that its document does not bring, which parse_batch() refuses.
std::optional<std::string> Sequencer::value_of(Work& work, const DataRef& ref, const Carried& carried) const {
    if (auto const* item = carried.find(ref)) return item->value;
    auto item = messaging::find_data(work.tx, profile_.ns, ref);
    if (!item) return std::nullopt;
    return std::move(item->value);
}

Verdict Sequencer::define(
    Work& work, PinOrder first_pin, const Message& message, const Carried& carried, Defined& defined) {
    auto const ns = profile_.ns;
    auto const now = work.prepared.now;
    auto const& header = message.header;
    std::string value = "null";
    if (message.data.size() == 1) value = value_of(work, message.data[0], carried).value_or("null");

    if (header.tag == registry::datatype_tag) {
        auto const datatype = registry::apply_datatype(work.tx, ns, header, value, first_pin);
        if (!datatype) return Verdict::reject(datatype.error().message());
        defined.datatype = datatype->id;
        return Verdict::confirm();
    }
    if (header.tag == registry::refusal_tag) {
        auto const refusal = registry::apply_refusal(work.tx, ns, header, value, first_pin);
        if (!refusal) return Verdict::reject(refusal.error().message());
        defined.refused_key = refusal->key;
        return Verdict::confirm();
    }
    registry::ClaimOutcome outcome;
    if (header.tag == registry::claim_tag) {
        outcome = registry::apply_claim(work.tx, ns, profile_.namespace_name, message, value, now);
    } else if (header.tag == registry::verification_tag) {
        outcome = registry::apply_verification(work.tx, ns, profile_.namespace_name, message, value, now);
    } else if (header.tag == registry::update_tag) {
        outcome = registry::apply_update(work.tx, ns, message, value, now);
    } else {
        return Verdict::reject(
            refuse(errors::definition_not_valid, {{"id", header.id.text()}, {"reason", "its tag is not known"}})
                .message());
    }
    using Kind = registry::ClaimOutcome::Kind;
    if (outcome.kind == Kind::rejected) return Verdict::reject(outcome.reason);
    if (outcome.kind == Kind::waits) return Verdict::wait_for(WaitFor::identity, outcome.missing);
    defined.fresh = std::move(outcome.fresh);
    defined.changed = std::move(outcome.changed);
    defined.key = std::move(outcome.key);
    return Verdict::confirm();
}

void Sequencer::announce(Work& work, const Defined& defined, const Uuid& tx) {
    auto const tell = [&](log::EventType type, const Uuid& reference, std::optional<Uuid> transaction) {
        log::Event event;
        event.type = type;
        event.reference = reference;
        event.tx = transaction;
        event.topic = "ff_definition";
        work.events.push_back(std::move(event));
    };
    if (defined.datatype) tell(log::EventType::datatype_confirmed, *defined.datatype, tx);
    if (!defined.refused_key.empty()) work.found.emplace(WaitFor::identity, defined.refused_key);
    if (auto const& fresh = defined.fresh) {
        tell(log::EventType::identity_confirmed, fresh->id, std::nullopt);
        work.out.registry_changed = true;
        work.out.settled.push_back(fresh->id);
        work.signers.clear();
        work.found.emplace(WaitFor::identity, fresh->id.text());
        work.found.emplace(WaitFor::identity, fresh->did);
        if (!defined.key.empty()) work.found.emplace(WaitFor::identity, defined.key);
    }
    if (auto const& changed = defined.changed) {
        tell(log::EventType::identity_updated, changed->id, std::nullopt);
        work.out.registry_changed = true;
    }
}

std::vector<TypedRef> Sequencer::types_of(Work& work,
                                          PinOrder first_pin,
                                          const Message& message,
                                          const Carried& carried) const {
    if (!carried.data) return parking_.types_of(work.tx, first_pin);
    std::vector<TypedRef> out;
    if (!carried.any_typed || message.header.type == MessageType::definition) return out;
    for (std::size_t i = 0; i < message.data.size(); ++i) {
        auto const* item = carried.find(message.data[i]);
        if (item && registry::is_typed(*item)) out.push_back({static_cast<std::int64_t>(i), item->datatype});
    }
    return out;
}

Verdict Sequencer::judge_values(Work& work, PinOrder first_pin, const Message& message, const Carried& carried) {
    auto const types = types_of(work, first_pin, message, carried);
    for (auto const& type : types) {
        auto const context = broadcast_context(registry::datatype_topic(type.datatype.name));
        auto const first = parking_.first(work.tx, context);
        if (!first || *first >= first_pin) continue;
        if (options_.fault != DeciderFault::none) continue;  // both forget what is parked
        return Verdict::wait_for(WaitFor::datatype, context.text());
    }
    for (auto const& type : types) {
        auto const& ref = message.data.at(static_cast<std::size_t>(type.position));
        auto const value = value_of(work, ref, carried).value_or("");
        auto const good = registry::check_value(work.tx, profile_.ns, type.datatype, value, first_pin, work.schemas);
        if (!good) return Verdict::reject(good.error().message());
    }
    return Verdict::confirm();
}

}  // namespace lockstep::sequencer
