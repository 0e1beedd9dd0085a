// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Bytes that came in and were not used yet. Used by every reader of a byte stream here; keeps its storage
// between messages, and gives it back after a large one.
#pragma once

#include <boost/asio/buffer.hpp>

#include <cstring>
#include <string_view>
#include <vector>

namespace lockstep::net {

class InputBuffer {
  public:
    static constexpr std::size_t base_bytes = 4 << 10;
    static constexpr std::size_t large_bytes = 64 << 10;
    static constexpr std::size_t stream_bytes = 256 << 10;

    std::string_view view() const { return {storage_.data() + begin_, end_ - begin_}; }
    bool empty() const { return begin_ == end_; }
    std::size_t size() const { return end_ - begin_; }

    void consume(std::size_t bytes) {
        begin_ += bytes;
        if (begin_ == end_) begin_ = end_ = 0;
    }

    // Room for at least one byte, and for `wanted` in all if that is more than the storage has.
    boost::asio::mutable_buffer room(std::size_t wanted = base_bytes) {
        if (begin_ > 0) {
            std::memmove(storage_.data(), storage_.data() + begin_, size());
            end_ -= begin_;
            begin_ = 0;
        }
        if (storage_.size() < wanted) storage_.resize(wanted);
        if (end_ == storage_.size()) storage_.resize(storage_.size() * 2);
        return {storage_.data() + end_, storage_.size() - end_};
    }
    void filled(std::size_t bytes) { end_ += bytes; }

    void shrink() {
        if (!empty() || storage_.size() <= base_bytes) return;
        storage_.resize(base_bytes);
        storage_.shrink_to_fit();
    }

  private:
    std::vector<char> storage_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace lockstep::net
