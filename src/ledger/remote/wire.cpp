// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "ledger/remote/wire.hpp"

#include "core/errors.hpp"
#include "ledger/coding.hpp"
#include "ledger/errors.hpp"

namespace lockstep::ledger::wire {

namespace {

constexpr std::uint8_t wire_version = 1;

constexpr const ErrorSpec* refusals[] = {&errors::bad_ledger_signature,  &errors::nonce_too_low,
                                         &errors::nonce_too_far,         &errors::overloaded,
                                         &errors::malformed_transaction, &errors::fork_refused};

void write(ByteWriter& out, const IncludedTransaction& transaction) {
    out.raw(transaction.hash.view())
        .text8(transaction.from)
        .i64(transaction.nonce.value)
        .u8(transaction.success ? 1 : 0);
}

void write(ByteWriter& out, const PinEvent& event) {
    out.u32(static_cast<std::uint32_t>(event.tx_index)).u32(static_cast<std::uint32_t>(event.log_index));
    out.text8(event.author).text8(event.action);
    out.raw(event.pin.tx.view())
        .raw(event.pin.batch.view())
        .raw(event.pin.batch_hash.view())
        .text16(event.pin.payload_ref);
    out.u32(static_cast<std::uint32_t>(event.pin.contexts.size()));
    for (auto const& context : event.pin.contexts) out.raw(context.view());
}

void write(ByteWriter& out, const Block& block) {
    out.i64(block.number.value).raw(block.hash.view()).raw(block.parent.view()).i64(block.timestamp.ns);
    out.u32(static_cast<std::uint32_t>(block.transactions.size()));
    for (auto const& transaction : block.transactions) write(out, transaction);
    out.u32(static_cast<std::uint32_t>(block.pins.size()));
    for (auto const& event : block.pins) write(out, event);
}

IncludedTransaction read_transaction(ByteReader& in) {
    IncludedTransaction transaction;
    transaction.hash = in.hash();
    transaction.from = in.text8();
    transaction.nonce = LedgerNonce{in.i64()};
    transaction.success = in.u8() != 0;
    return transaction;
}

PinEvent read_pin(ByteReader& in) {
    PinEvent event;
    event.tx_index = in.u32();
    event.log_index = in.u32();
    event.author = in.text8();
    event.action = in.text8();
    in.fill(event.pin.tx.bytes);
    in.fill(event.pin.batch.bytes);
    event.pin.batch_hash = in.hash();
    event.pin.payload_ref = in.text16();
    auto const contexts = in.count(32);
    event.pin.contexts.reserve(contexts);
    for (std::size_t i = 0; i < contexts; ++i) event.pin.contexts.push_back(in.hash());
    return event;
}

// Empty when a pin names a transaction that the block does not have.
std::optional<Block> read_block(ByteReader& in) {
    Block block;
    block.number = BlockNumber{in.i64()};
    block.hash = in.hash();
    block.parent = in.hash();
    block.timestamp = Time{in.i64()};
    auto const transactions = in.count(32 + 1 + 8 + 1);
    for (std::size_t i = 0; i < transactions && in.ok(); ++i) block.transactions.push_back(read_transaction(in));
    auto const pins = in.count(4 + 4 + 1 + 1 + 16 + 16 + 32 + 2 + 4);
    for (std::size_t i = 0; i < pins && in.ok(); ++i) {
        auto event = read_pin(in);
        auto const index = static_cast<std::size_t>(event.tx_index);
        if (index >= block.transactions.size()) return std::nullopt;
        event.tx_hash = block.transactions[index].hash;
        event.block = block.number;
        event.block_hash = block.hash;
        event.timestamp = block.timestamp;
        block.pins.push_back(std::move(event));
    }
    return block;
}

}  // namespace

Bytes encode(std::uint8_t kind, std::uint64_t id, BytesView body) {
    ByteWriter out;
    out.u8(wire_version).u8(kind).u64(id).raw(body);
    return out.take();
}

std::optional<Frame> decode_frame(BytesView bytes) {
    ByteReader in(bytes);
    auto const its_version = in.u8();
    Frame frame;
    frame.kind = in.u8();
    frame.id = in.u64();
    auto const body = in.raw(in.left());
    if (!in.ok() || its_version != wire_version) return std::nullopt;
    frame.body.assign(body.begin(), body.end());
    return frame;
}

Bytes encode_info(const Info& info) {
    ByteWriter out;
    out.text8(info.plugin_type).text8(info.verifier_type).text8(info.chain_id).text8(info.contract);
    return out.take();
}

std::optional<Info> decode_info(BytesView body) {
    ByteReader in(body);
    Info info;
    info.plugin_type = in.text8();
    info.verifier_type = in.text8();
    info.chain_id = in.text8();
    info.contract = in.text8();
    if (!in.finished()) return std::nullopt;
    return info;
}

Bytes encode_head(const Head& head) {
    ByteWriter out;
    out.i64(head.number.value).raw(head.hash.view()).u64(head.replays).i64(head.replay_from.value);
    return out.take();
}

std::optional<Head> decode_head(BytesView body) {
    ByteReader in(body);
    Head head;
    head.number = BlockNumber{in.i64()};
    head.hash = in.hash();
    head.replays = in.u64();
    head.replay_from = BlockNumber{in.i64()};
    if (!in.finished()) return std::nullopt;
    return head;
}

Bytes encode_blocks(const std::vector<Block>& blocks) {
    std::vector<Bytes> page;
    std::size_t bytes = 0;
    for (auto const& block : blocks) {
        ByteWriter one;
        write(one, block);
        bytes += one.size();
        if (!page.empty() && bytes > blocks_bytes_max) break;
        page.push_back(one.take());
    }
    ByteWriter out;
    out.u32(static_cast<std::uint32_t>(page.size()));
    for (auto const& block : page) out.raw(block);
    return out.take();
}

std::optional<std::vector<Block>> decode_blocks(BytesView body) {
    ByteReader in(body);
    std::vector<Block> blocks;
    auto const count = in.count(8 + 32 + 32 + 8 + 4 + 4);
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        auto block = read_block(in);
        if (!block) return std::nullopt;
        blocks.push_back(std::move(*block));
    }
    if (!in.finished()) return std::nullopt;
    return blocks;
}

Bytes encode_refusal(const Error& error) {
    ByteWriter out;
    // A sentence with its facts is far below 64 KiB; cut rather than framed wrongly if it ever is not.
    auto const text = std::string_view(error.text()).substr(0, 60'000);
    out.text8(error.code()).u16(static_cast<std::uint16_t>(error.status())).text16(text);
    return out.take();
}

std::optional<Error> decode_refusal(BytesView body) {
    ByteReader in(body);
    auto const code = in.text8();
    in.u16();  // for those who do not know the code; we take ours
    auto text = in.text16();
    if (!in.finished()) return std::nullopt;
    for (auto const* spec : refusals)
        if (spec->code == code) return Error(*spec, std::move(text));
    return std::nullopt;
}

}  // namespace lockstep::ledger::wire
