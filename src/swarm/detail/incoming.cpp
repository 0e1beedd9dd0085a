// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/incoming.hpp"

#include "async/scope.hpp"
#include "base/logging.hpp"

namespace lockstep::swarm {

namespace {

constexpr std::size_t accepted_max = 4;

struct Count {
    explicit Count(std::size_t& of) : counter(of) { ++counter; }
    ~Count() { --counter; }
    Count(const Count&) = delete;
    Count& operator=(const Count&) = delete;
    std::size_t& counter;
};

}  // namespace

Task<void> serve(Common& common, std::shared_ptr<Neighbour> neighbour, std::unique_ptr<net::FrameStream> stream) {
    if (neighbour->accepted >= accepted_max) {
        if (auto const left_out = neighbour->lines.line(common.clock.instant()))
            logging::info("a peer connects too often",
                          {{"peer", neighbour->peer.id}, {"limit", accepted_max}, {"left_out", *left_out}});
        co_return;
    }
    Count const count(neighbour->accepted);
    while (neighbour->incoming) {
        auto const seen = neighbour->left.rings();
        neighbour->incoming->end("a newer connection of the peer replaces it");
        co_await neighbour->left.past(seen);
    }
    if (neighbour->cut || neighbour->gone) co_return;
    Incoming incoming(common, *neighbour, std::move(stream));
    co_await incoming.run();
}

Incoming::Incoming(Common& common, Neighbour& neighbour, std::unique_ptr<net::FrameStream> stream)
    : common_(common),
      neighbour_(neighbour),
      link_(common.clock, neighbour, std::move(stream)),
      blobs_(common, neighbour, link_) {
    neighbour_.incoming = this;
}

Task<void> Incoming::run() {
    Scope scope{common_.executor, {.name = "peer's link"}};
    scope.spawn(link_.last(blobs_.run()));
    co_await scope.join(link_.last(receive_all()));
}

Result<Receiver::Step> Incoming::dispatch(const Frame& frame) {
    if (auto const* want = std::get_if<BlobWantFrame>(&frame)) {
        TRY_VOID(blobs_.wanted(*want));
        return Receiver::Step{Receiver::Nothing{}};
    }
    if (auto const* offer = std::get_if<BlobOfferFrame>(&frame)) {
        blobs_.offered(offer->hash);
        return Receiver::Step{Receiver::Nothing{}};
    }
    return neighbour_.receiver.on(frame);
}

Incoming::~Incoming() {
    neighbour_.incoming = nullptr;
    neighbour_.left.ring();
    if (!link_.has_failed()) {
        logging::debug("a peer's connection ended", {{"peer", neighbour_.peer.id}, {"reason", link_.reason()}});
    } else if (auto const left_out = neighbour_.lines.line(common_.clock.instant())) {
        logging::info("a peer's connection failed",
                      {{"peer", neighbour_.peer.id}, {"reason", link_.reason()}, {"left_out", *left_out}});
    }
}

Task<void> Incoming::receive_all() {
    co_await link_.receive_hello(common_.options.answer_timeout);
    co_await link_.send_hello(common_.own_id);
    neighbour_.receiver.connected();
    if (!neighbour_.outgoing) neighbour_.changed.ring();  // it is there: no need to wait for the backoff
    while (!link_.has_ended()) {
        if (auto const owed = neighbour_.vain.owed(common_.clock.instant()); owed > 0s)
            co_await common_.clock.sleep(owed);
        auto const bytes = co_await link_.receive();
        if (!bytes || link_.has_ended()) break;
        auto const frame = decode(*bytes);
        auto step = frame ? dispatch(*frame) : Result<Receiver::Step>{frame.error()};
        if (!step) {
            if (auto const left_out = neighbour_.lines.line(common_.clock.instant()))
                logging::warn("a peer breaks the protocol", {{"peer", neighbour_.peer.id},
                                                             {"code", step.error().code()},
                                                             {"error", step.error().text()},
                                                             {"left_out", *left_out}});
            neighbour_.status.last_error = step.error().text();
            link_.end(step.error().text());
            break;
        }
        co_await perform(std::move(*step));
    }
}

Task<void> Incoming::perform(Receiver::Step step) {
    for (;;) {
        if (auto const* wish = std::get_if<Receiver::Look>(&step)) {
            auto const found = co_await look(common_, neighbour_.peer.id, *wish);
            step = neighbour_.receiver.looked(found);
        } else if (auto* arrived = std::get_if<Receiver::Store>(&step)) {
            auto const kept = co_await keep(common_, arrived->hash, std::move(arrived->document), neighbour_.peer.id);
            if (kept) ++neighbour_.status.received;
            step = neighbour_.receiver.stored();
        } else if (auto const* want = std::get_if<Receiver::Serve>(&step)) {
            co_return co_await hand_out(*want);
        } else if (auto* reply = std::get_if<Receiver::Answer>(&step)) {
            co_return co_await answer(std::move(reply->frame));
        } else {
            co_return;
        }
    }
}

Task<void> Incoming::answer(Frame frame) {
    if (std::holds_alternative<HaveNotFrame>(frame)) neighbour_.vain.owe(common_.clock.instant());
    if (auto const* refusal = std::get_if<RefuseFrame>(&frame)) {
        ++neighbour_.status.refused;
        neighbour_.vain.owe(common_.clock.instant(), refusal->code == RefuseCode::quota ? 1 : vain_of_damaged);
        logging::debug("a payload is refused", {{"peer", neighbour_.peer.id},
                                                {"payload", refusal->hash.text()},
                                                {"code", "LS" + std::to_string(static_cast<int>(refusal->code))}});
    }
    auto bytes = encode(frame);
    co_await link_.send(std::move(bytes));
}

Task<void> Incoming::hand_out(Receiver::Serve want) {
    Document document;
    if (!common_.withhold) document = co_await find_document(common_, want.hash);
    auto const has_that = document && (want.offset < document->size() || (want.offset == 0 && document->empty()));
    if (!has_that) {
        Frame frame = HaveNotFrame{want.hash};
        co_return co_await answer(std::move(frame));
    }
    ++neighbour_.status.served;
    std::size_t offset = want.offset;
    do {
        auto bytes = encode_chunk(want.hash, as_bytes(*document), offset, common_.options.chunk_bytes);
        co_await link_.send(std::move(bytes));
        offset += common_.options.chunk_bytes;
    } while (offset < document->size());
}

}  // namespace lockstep::swarm
