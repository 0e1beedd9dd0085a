// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "identity/keystore.hpp"

#include <charconv>
#include <filesystem>
#include <optional>

#include "identity/errors.hpp"
#include "identity/key_file.hpp"

namespace lockstep::identity {

namespace {

constexpr std::string_view node_file = "node.key";
constexpr std::string_view peer_key_file = "peer.key.pem";
constexpr std::string_view peer_certificate_file = "peer.cert.pem";

std::string ledger_file(unsigned number) {
    return number == 0 ? "ledger.key" : "ledger-" + std::to_string(number) + ".key";
}

// The number in the name of a ledger key's file. Only the spelling that ledger_file() gives counts.
std::optional<unsigned> ledger_number(const std::string& name) {
    if (name == ledger_file(0)) return 0;
    constexpr std::string_view before = "ledger-";
    if (!name.starts_with(before)) return std::nullopt;
    unsigned number = 0;
    std::from_chars(name.data() + before.size(), name.data() + name.size(), number);
    if (number == 0 || name != ledger_file(number)) return std::nullopt;
    return number;
}

}  // namespace

std::string Keystore::path(std::string_view name) const { return folder_ + "/" + std::string(name); }

Result<Keystore> Keystore::open(std::string folder) {
    TRY_VOID(prepare_key_folder(folder));
    Keystore store(std::move(folder));
    for (auto const& entry : std::filesystem::directory_iterator(store.folder_)) {
        if (auto const number = ledger_number(entry.path().filename().string()))
            TRY_VOID(store.load_ledger_key(*number, entry.path().string()));
    }
    return store;
}

Result<void> Keystore::load_ledger_key(unsigned number, const std::string& path) {
    TRY(auto text, read_key_file(path));
    if (!text) return {};
    auto key = LedgerKey::parse(*text);
    if (!key)
        return refuse(errors::malformed_key,
                      {{"what", path}, {"reason", "64 hex digits below the order of secp256k1 are expected"}});
    ledger_keys_.emplace(number, std::move(*key));
    return {};
}

Result<const LedgerKey*> Keystore::ledger_key(Chance& chance, unsigned number) {
    auto found = ledger_keys_.find(number);
    if (found == ledger_keys_.end()) {
        TRY_VOID(load_ledger_key(number, path(ledger_file(number))));
        found = ledger_keys_.find(number);
    }
    if (found == ledger_keys_.end()) {
        auto key = LedgerKey::make(chance);
        write_key_file(folder_, ledger_file(number), key.secret_hex() + "\n");
        found = ledger_keys_.emplace(number, std::move(key)).first;
    }
    return &found->second;
}

const LedgerKey* Keystore::find_ledger_key(std::string_view address) const {
    for (auto const& [number, key] : ledger_keys_)
        if (key.address() == address) return &key;
    return nullptr;
}

std::vector<std::string> Keystore::ledger_addresses() const {
    std::vector<std::string> addresses;
    for (auto const& [number, key] : ledger_keys_) addresses.push_back(key.address());
    return addresses;
}

Result<NodeKey> Keystore::node_key(Chance& chance) {
    TRY(auto text, read_key_file(path(node_file)));
    if (text) {
        auto key = NodeKey::parse(*text);
        if (!key)
            return refuse(errors::malformed_key, {{"what", path(node_file)}, {"reason", "64 hex digits are expected"}});
        return *key;
    }
    auto key = NodeKey::make(chance);
    write_key_file(folder_, std::string(node_file), key.seed_hex() + "\n");
    return key;
}

Result<Keystore::PeerPair> Keystore::peer_pair(const std::function<PeerPair()>& make) {
    TRY(auto key, read_key_file(path(peer_key_file)));
    TRY(auto certificate, read_key_file(path(peer_certificate_file)));
    if (certificate && !key)
        return refuse(errors::malformed_key,
                      {{"what", path(peer_key_file)}, {"reason", "it is missing, while its certificate is there"}});
    if (certificate) {
        if (key->find("-----BEGIN ") == std::string::npos)
            return refuse(errors::malformed_key, {{"what", path(peer_key_file)}, {"reason", "it is no PEM text"}});
        if (certificate->find("-----BEGIN CERTIFICATE-----") == std::string::npos)
            return refuse(errors::malformed_key,
                          {{"what", path(peer_certificate_file)}, {"reason", "it is no PEM certificate"}});
        return PeerPair{*key + "\n", *certificate + "\n"};
    }
    if (!make)
        return refuse(errors::malformed_key, {{"what", path(peer_certificate_file)}, {"reason", "it is missing"}});
    auto pair = make();
    write_key_file(folder_, std::string(peer_key_file), pair.first);
    write_key_file(folder_, std::string(peer_certificate_file), pair.second);
    return pair;
}

}  // namespace lockstep::identity
