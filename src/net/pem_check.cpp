// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/pem_check.hpp"

#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace lockstep::net {

namespace ssl = boost::asio::ssl;

std::optional<std::string> what_is_wrong(const PemTexts& texts) {
    ssl::context context(ssl::context::tls_client);
    boost::system::error_code error;
    if (!texts.ca.empty()) context.add_certificate_authority(boost::asio::buffer(texts.ca), error);
    if (error) return "its certificates to believe cannot be read: " + error.message();
    // Asio takes a text without any certificate for one with none left.
    auto* const believed = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context.native_handle()));
    if (!texts.ca.empty() && sk_X509_OBJECT_num(believed) == 0)
        return "its certificates to believe cannot be read: there is none in PEM";
    if (texts.certificate.empty() && texts.key.empty()) return std::nullopt;
    context.use_certificate_chain(boost::asio::buffer(texts.certificate), error);
    if (error) return "its certificate cannot be read: " + error.message();
    context.use_private_key(boost::asio::buffer(texts.key), ssl::context::pem, error);
    if (error) return "its key cannot be used with its certificate: " + error.message();
    if (SSL_CTX_check_private_key(context.native_handle()) != 1) return "its key is not that of its certificate";
    return std::nullopt;
}

}  // namespace lockstep::net
