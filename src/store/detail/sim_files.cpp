// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The folder of files on a simulated disk. Its names stand among those of the databases, with a prefix.
#include <sqlite3.h>

#include "store/detail/sim_disk_state.hpp"
#include "store/files.hpp"
#include "store/session.hpp"

namespace lockstep::store {

namespace {

void check_sim(int code, const char* what, const std::string& name) {
    if (code != SQLITE_OK) throw StoreError(std::string(what) + " " + name + ": " + sqlite3_errstr(code));
}

class SimFolderFile final : public File {
  public:
    SimFolderFile(SimDisk::State& disk, std::string name, SimDisk::State::FilePtr file)
        : disk_(disk), name_(std::move(name)), file_(std::move(file)) {}

    std::uint64_t size() const override { return file_->size(); }
    void append(BytesView bytes) override {
        check_sim(disk_.write(*file_, bytes, file_->size()), "cannot write", name_);
    }
    std::size_t read(std::uint64_t offset, std::span<std::uint8_t> out) const override {
        return file_->read(out, static_cast<std::size_t>(offset));
    }
    void sync() override { check_sim(disk_.sync(name_, *file_), "cannot sync", name_); }

  private:
    SimDisk::State& disk_;
    std::string name_;
    SimDisk::State::FilePtr file_;
};

class SimFolder final : public Files {
  public:
    SimFolder(SimDisk::State& disk, std::string folder) : disk_(disk), prefix_(std::move(folder) + "/") {}

    std::unique_ptr<File> open(const std::string& name) override {
        return std::make_unique<SimFolderFile>(disk_, prefix_ + name, disk_.open(prefix_ + name, true));
    }
    std::unique_ptr<File> find(const std::string& name) override {
        auto file = disk_.open(prefix_ + name, false);
        if (!file) return nullptr;
        return std::make_unique<SimFolderFile>(disk_, prefix_ + name, std::move(file));
    }
    void rename(const std::string& from, const std::string& to) override {
        check_sim(disk_.rename(prefix_ + from, prefix_ + to), "cannot rename", from);
    }
    void remove(const std::string& name) override { disk_.remove(prefix_ + name, false); }
    std::vector<Entry> list() override {
        std::vector<Entry> out;
        for (auto const& [name, file] : disk_.names) {
            if (name.starts_with(prefix_)) out.push_back({name.substr(prefix_.size()), file->size()});
        }
        return out;
    }

  private:
    SimDisk::State& disk_;
    std::string prefix_;
};

}  // namespace

std::unique_ptr<Files> SimDisk::files(std::string folder) {
    return std::make_unique<SimFolder>(*state_, std::move(folder));
}

}  // namespace lockstep::store
