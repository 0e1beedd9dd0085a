// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The form of a blob's upload (firefly-core.md 16.4): fields first, then the file. Pure; who reads the bytes and
// writes the file is routes/blobs.cpp.
#pragma once

#include <string>

#include "base/result.hpp"
#include "messaging/input.hpp"
#include "net/multipart.hpp"

namespace lockstep::api {

class BlobForm {
  public:
    static constexpr std::size_t field_bytes_max = 1 << 20;

    // A part begins. FF00163 for a field after the file, FF00161 for a second file.
    Result<void> begin(const net::Multipart::Part& part);
    bool in_file() const { return in_file_; }
    bool has_file() const { return has_file_; }
    // Bytes of a field. FF00161 when it is too long.
    Result<void> add(std::string_view bytes);
    void end_part();

    // What is to be stored with the blob. Refusals of the fields.
    Result<messaging::DataInput> data() const;

  private:
    std::string name_, text_;  // of the field under way
    bool in_file_ = false, has_file_ = false;
    bool automatic_ = false;
    std::string metadata_, validator_, datatype_name_, datatype_version_;
    std::string filename_, disposition_;
};

}  // namespace lockstep::api
