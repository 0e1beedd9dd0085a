// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "ledger/dev/codec.hpp"

#include <limits>

#include "base/must.hpp"
#include "ledger/coding.hpp"
#include "ledger/errors.hpp"
#include "store/session.hpp"

namespace lockstep::ledger::dev {

namespace {

// Digests of transactions and of headers begin differently, and like nothing that an EVM account signs.
constexpr std::string_view transaction_magic = "LSTX";
constexpr std::string_view header_magic = "LSBH";
constexpr std::uint8_t codec_version = 1;
constexpr std::uint8_t kind_pin = 1;
constexpr std::string_view pin_action = "firefly:batch_pin";

Error malformed(std::string_view reason) { return refuse(errors::malformed_transaction, {{"reason", reason}}); }

}  // namespace

Unsigned prepare_pin(const PinRequest& request, std::string_view chain_id, const std::string& from, LedgerNonce nonce) {
    MUST(request.contexts.size() <= contexts_max, "the sequencer seals batches far below this many contexts");
    MUST(request.payload_ref.size() <= payload_ref_bytes_max, "payload references are hashes of our own storage");
    MUST(chain_id.size() <= chain_id_bytes_max, "checked where the configuration is read");
    auto const address = identity::normalise_address(from);
    MUST(address, "accounts are addresses of keys that we hold");
    MUST(nonce.value >= 0, "nonces count from 0");

    ByteWriter out;
    out.raw(as_bytes(transaction_magic)).u8(codec_version).u8(kind_pin).text8(chain_id);
    out.raw(*from_hex(address->substr(2))).i64(nonce.value);
    out.raw(request.tx.view()).raw(request.batch.view()).raw(request.batch_hash.view()).text16(request.payload_ref);
    out.u32(static_cast<std::uint32_t>(request.contexts.size()));
    for (auto const& context : request.contexts) out.raw(context.view());

    Unsigned transaction;
    transaction.payload = out.take();
    transaction.digest = identity::keccak256(transaction.payload);
    return transaction;
}

RawTransaction assemble(const Unsigned& transaction, const identity::Signature& signature) {
    RawTransaction raw;
    raw.bytes = transaction.payload;
    raw.bytes.insert(raw.bytes.end(), signature.begin(), signature.end());
    raw.hash = transaction_hash(raw.bytes);
    return raw;
}

Result<Decoded> decode(BytesView raw) {
    if (raw.size() > transaction_bytes_max) return malformed("it is longer than any can be");
    Decoded out;
    if (raw.size() < out.signature.size()) return malformed("it ends too early");
    auto const payload = raw.first(raw.size() - out.signature.size());
    ByteReader in(payload);
    if (as_text(in.raw(transaction_magic.size())) != transaction_magic) return malformed("it does not begin with LSTX");
    if (in.u8() != codec_version) return malformed("its version is not 1");
    if (in.u8() != kind_pin) return malformed("its kind is not 1, a pin");
    out.chain_id = in.text8();
    if (out.chain_id.size() > chain_id_bytes_max) return malformed("its chain id is too long");
    out.from = "0x" + to_hex(in.raw(20));
    out.nonce = LedgerNonce{in.i64()};
    in.fill(out.pin.tx.bytes);
    in.fill(out.pin.batch.bytes);
    out.pin.batch_hash = in.hash();
    out.pin.payload_ref = in.text16();
    if (out.pin.payload_ref.size() > payload_ref_bytes_max) return malformed("its payload reference is too long");
    auto const contexts = in.count(32);
    if (contexts > contexts_max) return malformed("it has too many contexts");
    out.pin.contexts.reserve(contexts);
    for (std::size_t i = 0; i < contexts; ++i) out.pin.contexts.push_back(in.hash());
    if (!in.ok()) return malformed("it ends too early");
    if (!in.finished()) return malformed("it goes on after its end");
    if (out.nonce.value < 0 || out.nonce.value == std::numeric_limits<std::int64_t>::max())
        return malformed("its nonce is out of range");
    auto const signature = raw.last(out.signature.size());
    std::copy(signature.begin(), signature.end(), out.signature.begin());
    out.digest = identity::keccak256(payload);
    return out;
}

Result<void> check_signature(const Decoded& transaction) {
    auto const signer = identity::recover_address(transaction.digest, transaction.signature);
    if (!signer || *signer != transaction.from) return refuse(errors::bad_ledger_signature);
    return {};
}

std::string contract_address(std::string_view chain_id) {
    auto const hash = identity::keccak256(as_bytes("lockstep batch pin " + std::string(chain_id)));
    return "0x" + to_hex(hash.view().last(20));
}

Hash transactions_hash(const std::vector<Hash>& hashes) {
    ByteWriter out;
    for (auto const& hash : hashes) out.raw(hash.view());
    return identity::keccak256(out.take());
}

Hash header_hash(const Header& header, std::string_view chain_id) {
    ByteWriter out;
    out.raw(as_bytes(header_magic))
        .u8(codec_version)
        .text8(chain_id)
        .i64(header.number.value)
        .raw(header.parent.view());
    out.i64(header.timestamp.ns).raw(header.transactions.view()).u64(header.salt);
    return identity::keccak256(out.take());
}

void include(Block& block, const Hash& hash, BytesView raw) {
    auto decoded = decode(raw);
    if (!decoded) throw store::DamagedRow("a transaction of the ledger", to_hex(raw));
    PinEvent event;
    event.pin = std::move(decoded->pin);
    event.author = decoded->from;
    event.action = pin_action;
    event.tx_hash = hash;
    event.block = block.number;
    event.block_hash = block.hash;
    event.tx_index = static_cast<std::int64_t>(block.transactions.size());
    event.timestamp = block.timestamp;
    block.transactions.push_back({hash, decoded->from, decoded->nonce, true});
    block.pins.push_back(std::move(event));
}

}  // namespace lockstep::ledger::dev
