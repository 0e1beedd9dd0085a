// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// An HTTP/1.1 client for addresses that users choose: http and https, connections kept and used again, every
// wait with a limit, no redirects followed, and nobody called whom AddressRules do not allow. The interface is
// what a simulation replaces; http_call() in http.hpp is the plain one for our own tools.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/address_rules.hpp"
#include "net/http.hpp"

namespace lockstep::net {

// How an https endpoint and we know each other. Files are PEM and are read for each new connection, so that
// they can be renewed; an empty name is the usual: the system's store, no certificate of ours.
struct TlsProfile {
    std::string ca_file, cert_file, key_file;
    bool insecure = false;  // any certificate will do; for tests
};

struct WebRequest {
    std::string method = "POST";
    std::string url;  // is_web_url()
    Headers headers{};
    std::string body{};
    std::optional<TlsProfile> tls{};
    Duration timeout = 30s;          // of the whole, with what follows
    Duration connect_timeout = 30s;  // finding the address and connecting
    Duration tls_handshake_timeout = 10s;
    Duration idle_timeout = 30s;  // a connection that waits for its next request so long is closed
    std::size_t idle_max = 100;   // connections that wait, for one endpoint
    std::size_t answer_bytes_max = 1 << 20;
};

// http or https, a host, perhaps a port, no user name, nothing that breaks a request line.
bool is_web_url(std::string_view text);

class WebClient {
  public:
    virtual ~WebClient() = default;
    // The answer, whatever its status. Throws std::exception with a sentence when there is none: nobody there, a
    // time-out, a certificate, an address that is not allowed (LS10412). A request on a kept connection that its
    // server has closed meanwhile is sent once more on a new one, so it may arrive twice.
    virtual Task<Response> call(WebRequest request) = 0;
};

// `clock` outlives it, and it outlives its calls.
std::unique_ptr<WebClient> make_web_client(Executor executor, Clock& clock, AddressRules rules);

}  // namespace lockstep::net
