// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/confirm.hpp"

#include "api/errors.hpp"
#include "base/must.hpp"

namespace lockstep::api {

Task<Result<messaging::MessageRow>> confirmed(const Call& call, sequencer::Settled::Watch& watch, Uuid id) {
    auto const woken = co_await watch.wait_until(call.services.clock, call.deadline);
    auto const text = id.text();
    if (woken == Woken::timed_out)
        co_return refuse(errors::reply_timed_out, {{"id", text}, {"elapsed", call.elapsed()}});
    auto look = [facts = call.facts, id](store::Snapshot& snapshot) {
        return messaging::find_message(snapshot, facts->ns, id);
    };
    auto row = co_await call.services.database.read(std::move(look));
    MUST(row, "what is settled is stored");
    if (row->state != MessageState::confirmed)
        co_return refuse(errors::message_rejected, {{"id", text}, {"reason", row->reject_reason}});
    co_return std::move(*row);
}

Task<Result<std::string>> answered(const Call& call, sequencer::Settled::Request& request, Uuid id) {
    auto const text = id.text();
    for (;;) {
        auto const woken = co_await request.news(call.services.clock, call.deadline);
        if (woken == Woken::timed_out)
            co_return refuse(errors::reply_timed_out, {{"id", text}, {"elapsed", call.elapsed()}});
        auto look = [facts = call.facts, id, answer = request.answer(),
                     text](store::Snapshot& snapshot) -> Result<std::optional<std::string>> {
            auto const row = messaging::find_message(snapshot, facts->ns, answer.value_or(id));
            MUST(row, "what is settled is stored");
            if (answer)
                return std::optional(
                    messaging::message_json_with_data(snapshot, facts->ns, *row, facts->namespace_name));
            if (row->state != MessageState::rejected) return std::optional<std::string>();
            return refuse(errors::message_rejected, {{"id", text}, {"reason", row->reject_reason}});
        };
        auto found = co_await call.services.database.read(std::move(look));
        if (!found) co_return found.error();
        if (*found) co_return std::move(**found);
    }
}

}  // namespace lockstep::api
