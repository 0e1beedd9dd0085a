// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "simulation/watched_network.hpp"

#include "core/sha256.hpp"
#include "swarm/protocol.hpp"

namespace lockstep::simulation {

namespace {

class WatchedStream final : public net::FrameStream {
  public:
    WatchedStream(std::unique_ptr<net::FrameStream> stream, Documents& documents)
        : stream_(std::move(stream)), documents_(documents) {}
    Task<void> send(Bytes frame) override { return stream_->send(std::move(frame)); }
    Task<std::optional<Bytes>> receive() override {
        auto frame = co_await stream_->receive();
        if (frame) documents_.look_at(*frame);
        co_return std::move(frame);
    }
    void close() override { stream_->close(); }
    const std::string& peer_fingerprint() const override { return stream_->peer_fingerprint(); }

  private:
    std::unique_ptr<net::FrameStream> stream_;
    Documents& documents_;
};

class WatchedListener final : public net::FrameListener {
  public:
    WatchedListener(std::unique_ptr<net::FrameListener> listener, Documents& documents)
        : listener_(std::move(listener)), documents_(documents) {}
    Task<std::unique_ptr<net::FrameStream>> accept() override {
        auto stream = co_await listener_->accept();
        if (!stream) co_return nullptr;
        co_return std::make_unique<WatchedStream>(std::move(stream), documents_);
    }
    void close() override { listener_->close(); }
    const std::string& endpoint() const override { return listener_->endpoint(); }

  private:
    std::unique_ptr<net::FrameListener> listener_;
    Documents& documents_;
};

class WatchedNetwork final : public net::Network {
  public:
    WatchedNetwork(std::unique_ptr<net::Network> network, Documents& documents)
        : network_(std::move(network)), documents_(documents) {}
    Result<std::unique_ptr<net::FrameListener>> listen(std::string endpoint) override {
        TRY(auto listener, network_->listen(std::move(endpoint)));
        return std::unique_ptr<net::FrameListener>(std::make_unique<WatchedListener>(std::move(listener), documents_));
    }
    Task<std::unique_ptr<net::FrameStream>> connect(std::string endpoint,
                                                    std::string fingerprint,
                                                    Duration timeout) override {
        auto stream = co_await network_->connect(std::move(endpoint), std::move(fingerprint), timeout);
        co_return std::make_unique<WatchedStream>(std::move(stream), documents_);
    }

  private:
    std::unique_ptr<net::Network> network_;
    Documents& documents_;
};

}  // namespace

void Documents::look_at(BytesView bytes) {
    auto const frame = swarm::decode(bytes);
    if (!frame) return;
    Hash hash;
    BytesView document;
    if (auto const* push = std::get_if<swarm::PushFrame>(&*frame)) {
        hash = push->hash;
        document = push->bytes;
    } else if (auto const* chunk = std::get_if<swarm::ChunkFrame>(&*frame);
               chunk && chunk->bytes.size() == chunk->total) {
        hash = chunk->hash;
        document = chunk->bytes;
    } else {
        return;
    }
    ++arrived;
    if (sha256(document) != hash) {
        ++damaged;
    } else if (!seen.insert(hash).second) {
        ++again;
    }
}

std::unique_ptr<net::Network> make_watched_network(std::unique_ptr<net::Network> network, Documents& documents) {
    return std::make_unique<WatchedNetwork>(std::move(network), documents);
}

}  // namespace lockstep::simulation
