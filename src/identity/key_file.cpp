// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "identity/key_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "identity/errors.hpp"

namespace lockstep::identity {

namespace {

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

class File {
  public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    int get() const { return descriptor_; }

  private:
    int descriptor_;
};

std::string mode_text(mode_t mode) { return fmt::format("{:04o}", mode & 07777); }

void sync(const File& file, const std::string& path) {
    if (::fsync(file.get()) != 0) fail("sync " + path);
}

}  // namespace

Result<void> prepare_key_folder(const std::string& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail("make " + folder);
    struct stat facts {};
    if (::stat(folder.c_str(), &facts) != 0) fail("look at " + folder);
    if ((facts.st_mode & 022) != 0)
        return refuse(errors::key_exposed,
                      {{"path", folder}, {"mode", mode_text(facts.st_mode)}, {"expected", "0700"}});
    return {};
}

Result<std::optional<std::string>> read_key_file(const std::string& path) {
    File const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        if (errno == ENOENT) return std::optional<std::string>{};
        fail("open " + path);
    }
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0) fail("look at " + path);
    if ((facts.st_mode & 077) != 0)
        return refuse(errors::key_exposed, {{"path", path}, {"mode", mode_text(facts.st_mode)}, {"expected", "0600"}});

    std::string text(key_file_bytes_max + 1, '\0');
    std::size_t filled = 0;
    while (filled < text.size()) {
        auto const got = ::read(file.get(), text.data() + filled, text.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail("read " + path);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    if (filled > key_file_bytes_max)
        return refuse(errors::malformed_key, {{"what", path}, {"reason", "it is longer than any key"}});
    text.resize(filled);
    text.resize(text.find_last_not_of(" \t\r\n") + 1);  // npos + 1 is 0
    return std::optional{std::move(text)};
}

void write_key_file(const std::string& folder, const std::string& name, std::string_view text) {
    auto const path = folder + "/" + name;
    auto const aside = path + ".tmp";
    ::unlink(aside.c_str());  // the rest of a crash
    {
        File const file(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (file.get() < 0) fail("make " + aside);
        while (!text.empty()) {
            auto const put = ::write(file.get(), text.data(), text.size());
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) fail("write " + aside);
            text.remove_prefix(static_cast<std::size_t>(put));
        }
        sync(file, aside);
    }
    if (std::rename(aside.c_str(), path.c_str()) != 0) fail("rename " + aside);
    File const directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0) fail("open " + folder);
    sync(directory, folder);
}

}  // namespace lockstep::identity
