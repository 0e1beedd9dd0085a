// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Keystore: the folder in which a node keeps its secrets, one file each, made when first asked for.
//
//   ledger.key, ledger-1.key, …    secret of a ledger account, 64 hex digits
//   node.key                       seed of the node's Ed25519 key, 64 hex digits
//   peer.key.pem, peer.cert.pem    the node's TLS key and certificate
//
// Invariants
//   1. A key that was returned is on the disk: written aside, synced, renamed, folder synced. A crash
//      leaves the whole file or none.
//   2. Files have mode 0600 and the folder 0700. A file that others can read, or a folder that others can
//      write, is refused (LS10312) and not silently closed: its secret may be out already.
//   3. A file that is there is never overwritten, however damaged (LS10310): it may be all that is left.
//
// Everything blocks and is meant for the start of a process. A disk that fails throws system_error.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/chance.hpp"
#include "base/result.hpp"
#include "identity/ledger_key.hpp"
#include "identity/node_key.hpp"

namespace lockstep::identity {

class Keystore {
  public:
    // Private key and certificate, PEM texts.
    using PeerPair = std::pair<std::string, std::string>;

    // Makes the folder if it is missing (its parent must exist), and reads every ledger key in it.
    static Result<Keystore> open(std::string folder);

    // Ledger key `number`, made if it is missing; 0 is ledger.key. Valid while the keystore lives.
    Result<const LedgerKey*> ledger_key(Chance& chance, unsigned number = 0);
    // The key of this account, or null. `address` is normalised.
    const LedgerKey* find_ledger_key(std::string_view address) const;
    // Of all ledger keys, in the order of their numbers.
    std::vector<std::string> ledger_addresses() const;

    Result<NodeKey> node_key(Chance& chance);

    // `make` is called when there is no complete pair; without one it is refused (LS10310). The certificate
    // is written last, so a key alone is the rest of a crash and is replaced; a certificate alone is
    // refused (LS10310).
    Result<PeerPair> peer_pair(const std::function<PeerPair()>& make);

    const std::string& folder() const { return folder_; }

  private:
    explicit Keystore(std::string folder) : folder_(std::move(folder)) {}
    std::string path(std::string_view name) const;
    Result<void> load_ledger_key(unsigned number, const std::string& path);

    std::string folder_;
    std::map<unsigned, LedgerKey> ledger_keys_;
};

}  // namespace lockstep::identity
