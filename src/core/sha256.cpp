// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "core/sha256.hpp"

#include <openssl/evp.h>

#include <new>
#include <vector>

#include "base/must.hpp"

namespace lockstep {

namespace {

// Looking an algorithm up costs OpenSSL 3 more than hashing a kilobyte; it is done once.
const EVP_MD* algorithm() {
    static EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    MUST(fetched, "every OpenSSL has SHA-256");
    return fetched;
}

// Contexts that are done wait here for the next hash on the same thread.
class Spares {
  public:
    Spares() { contexts_.reserve(spares_max); }
    Spares(const Spares&) = delete;
    Spares& operator=(const Spares&) = delete;
    ~Spares() {
        for (EVP_MD_CTX* context : contexts_) EVP_MD_CTX_free(context);
    }

    EVP_MD_CTX* take() {
        EVP_MD_CTX* context = nullptr;
        if (contexts_.empty()) {
            context = EVP_MD_CTX_new();
            if (!context) throw std::bad_alloc();
        } else {
            context = contexts_.back();
            contexts_.pop_back();
        }
        MUST(EVP_DigestInit_ex2(context, algorithm(), nullptr) == 1, "SHA-256 can always begin");
        return context;
    }
    void give_back(EVP_MD_CTX* context) {
        if (contexts_.size() < spares_max) {
            contexts_.push_back(context);
        } else {
            EVP_MD_CTX_free(context);
        }
    }

  private:
    static constexpr std::size_t spares_max = 8;
    std::vector<EVP_MD_CTX*> contexts_;
};

Spares& spares() {
    thread_local Spares instance;
    return instance;
}

void update(EVP_MD_CTX* context, BytesView bytes) {
    MUST(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1, "SHA-256 takes any bytes");
}

Hash finalise(EVP_MD_CTX* context) {
    Hash out;
    unsigned size = 0;
    MUST(EVP_DigestFinal_ex(context, out.bytes.data(), &size) == 1 && size == out.bytes.size(), "SHA-256 has 32 bytes");
    return out;
}

}  // namespace

Hash sha256(BytesView bytes) {
    EVP_MD_CTX* const context = spares().take();
    update(context, bytes);
    const Hash out = finalise(context);
    spares().give_back(context);
    return out;
}

struct Sha256::State {
    EVP_MD_CTX* context = spares().take();

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { spares().give_back(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;

Sha256& Sha256::add(BytesView bytes) {
    update(state_->context, bytes);
    return *this;
}

Hash Sha256::finish() {
    const Hash out = finalise(state_->context);
    MUST(EVP_DigestInit_ex2(state_->context, algorithm(), nullptr) == 1, "SHA-256 can always begin");
    return out;
}

}  // namespace lockstep
