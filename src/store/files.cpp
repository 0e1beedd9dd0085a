// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "store/session.hpp"

namespace lockstep::store {

namespace {

// The kernel is asked to begin writing what piles up, so that the sync at the end has little left to do.
constexpr std::uint64_t write_behind_bytes = 8 << 20;

[[noreturn]] void fail_file(const std::string& what, const std::string& path) {
    auto const reason = std::generic_category().message(errno);
    throw StoreError(what + " " + path + ": " + reason);
}

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() { ::close(fd_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

  private:
    int fd_;
};

class FolderFile final : public File {
  public:
    FolderFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {
        struct stat status {};
        if (::fstat(fd, &status) != 0) fail_file("cannot look at", path_);
        size_ = begun_ = static_cast<std::uint64_t>(status.st_size);
    }

    std::uint64_t size() const override { return size_; }
    void append(BytesView bytes) override {
        while (!bytes.empty()) {
            auto const written = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) fail_file("cannot write", path_);
            size_ += static_cast<std::uint64_t>(written);
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
        if (size_ - begun_ < write_behind_bytes) return;
        ::sync_file_range(fd_.get(), static_cast<off_t>(begun_), static_cast<off_t>(size_ - begun_),
                          SYNC_FILE_RANGE_WRITE);  // a hint: sync() tells whether it worked
        begun_ = size_;
    }
    std::size_t read(std::uint64_t offset, std::span<std::uint8_t> out) const override {
        std::size_t done = 0;
        while (done < out.size()) {
            auto const got =
                ::pread(fd_.get(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) fail_file("cannot read", path_);
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        return done;
    }
    void sync() override {
        if (::fdatasync(fd_.get()) != 0) fail_file("cannot sync", path_);
    }

  private:
    Descriptor fd_;
    std::string path_;
    std::uint64_t size_ = 0;
    std::uint64_t begun_ = 0;  // up to here the kernel was asked to write
};

class Folder final : public Files {
  public:
    explicit Folder(std::string folder) : folder_(std::move(folder)) {
        std::error_code error;
        std::filesystem::create_directories(folder_, error);
        if (error) throw StoreError("cannot make " + folder_ + ": " + error.message());
    }

    std::unique_ptr<File> open(const std::string& name) override {
        auto path = path_of(name);
        auto const fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0) fail_file("cannot open", path);
        return std::make_unique<FolderFile>(fd, std::move(path));
    }
    std::unique_ptr<File> find(const std::string& name) override {
        auto path = path_of(name);
        auto const fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT) return nullptr;
        if (fd < 0) fail_file("cannot open", path);
        return std::make_unique<FolderFile>(fd, std::move(path));
    }
    void rename(const std::string& from, const std::string& to) override {
        auto const path = path_of(from);
        if (::rename(path.c_str(), path_of(to).c_str()) != 0) fail_file("cannot rename", path);
        auto const fd = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) fail_file("cannot open", folder_);
        Descriptor const folder(fd);
        if (::fsync(folder.get()) != 0) fail_file("cannot sync", folder_);
    }
    void remove(const std::string& name) override {
        auto const path = path_of(name);
        if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail_file("cannot remove", path);
    }
    std::vector<Entry> list() override {
        std::vector<Entry> out;
        std::error_code error;
        for (auto const& entry : std::filesystem::directory_iterator(folder_, error)) {
            std::error_code of_entry;
            if (!entry.is_regular_file(of_entry)) continue;
            auto const size = entry.file_size(of_entry);
            out.push_back({entry.path().filename().string(), of_entry ? 0 : size});
        }
        if (error) throw StoreError("cannot list " + folder_ + ": " + error.message());
        return out;
    }

  private:
    std::string path_of(const std::string& name) const { return folder_ + "/" + name; }

    std::string folder_;
};

}  // namespace

std::unique_ptr<Files> make_files(std::string folder) { return std::make_unique<Folder>(std::move(folder)); }

}  // namespace lockstep::store
