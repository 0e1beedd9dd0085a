// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/certificate.hpp"

#include "net/frames.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>

namespace lockstep::net {

namespace {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* pointer) const {
        Free(pointer);
    }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Freed<X509_free>>;
using BigNumber = std::unique_ptr<BIGNUM, Freed<BN_free>>;

constexpr long day_seconds = 24 * 60 * 60;
constexpr long lifetime_seconds = 30 * 365 * day_seconds;
constexpr int serial_bits = 127;                   // 16 bytes, never negative
constexpr std::size_t common_name_bytes_max = 64;  // X.520's ub-common-name

void check(bool done, const char* what) {
    if (!done) throw std::runtime_error(std::string("cannot make a certificate: ") + what);
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string_view cut_name(std::string_view name) {
    auto size = std::min(name.size(), common_name_bytes_max);
    while (size > 0 && size < name.size() && (static_cast<unsigned char>(name[size]) & 0xc0) == 0x80) --size;
    return name.substr(0, size);
}

void set_names(X509* certificate, std::string_view common_name) {
    auto* const name = X509_get_subject_name(certificate);
    auto const text = cut_name(common_name);
    check(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()),
                                     -1, 0) == 1,
          "the common name");
    check(X509_set_issuer_name(certificate, name) == 1, "the issuer");
}

void set_random_serial(X509* certificate) {
    BigNumber const number(BN_new());
    check(number && BN_rand(number.get(), serial_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1, "the serial number");
    check(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr, "the serial number");
}

}  // namespace

std::string fingerprint_of(X509* certificate) {
    std::array<std::uint8_t, 32> digest{};
    auto size = static_cast<unsigned>(digest.size());
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
    return to_hex(digest);
}

Certificate make_certificate(std::string_view common_name) {
    Key const key(EVP_EC_gen("P-256"));
    check(key != nullptr, "the key");
    Cert const certificate(X509_new());
    check(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1, "the version");
    set_random_serial(certificate.get());
    set_names(certificate.get(), common_name);
    // Since yesterday: the peer's clock may be behind.
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -day_seconds);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), lifetime_seconds);
    check(X509_set_pubkey(certificate.get(), key.get()) == 1, "the public key");
    check(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "the signature");

    Bio const key_pem(BIO_new(BIO_s_mem()));
    Bio const certificate_pem(BIO_new(BIO_s_mem()));
    check(PEM_write_bio_PKCS8PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "the key's text");
    check(PEM_write_bio_X509(certificate_pem.get(), certificate.get()) == 1, "the text");
    return {text_of(key_pem.get()), text_of(certificate_pem.get()), fingerprint_of(certificate.get())};
}

std::string certificate_fingerprint(std::string_view certificate_pem) {
    Bio const bio(BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())));
    if (!bio) return {};
    Cert const certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();  // a later call of OpenSSL on this thread would report it as its own
    return certificate ? fingerprint_of(certificate.get()) : std::string{};
}

}  // namespace lockstep::net
