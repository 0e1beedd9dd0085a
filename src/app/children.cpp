// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/children.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <istream>
#include <stdexcept>
#include <system_error>

#include "async/deadline.hpp"
#include "base/logging.hpp"

namespace lockstep::app {

struct Children::Impl {
    Executor executor;
    Clock& clock;
    std::string program;
    Arguments arguments;
    Hooks hooks;
};

Children::Children(Executor executor, Clock& clock, std::string program, Arguments arguments, Hooks hooks)
    : impl_(new Impl{std::move(executor), clock, std::move(program), std::move(arguments), std::move(hooks)}) {}

Children::~Children() = default;

namespace {

struct Child {
    int pid = -1;
    int output = -1;
    int handle = -1;  // pidfd: readable when it has ended
};

Child spawn(const std::string& program, const std::vector<std::string>& arguments) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    std::vector<char*> argv;
    argv.push_back(const_cast<char*>(program.c_str()));
    for (auto const& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    auto const parent = getpid();
    auto const pid = fork();
    if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid == 0) {
        // Only async-signal-safe calls up to exec: other threads of the parent may hold locks.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(127);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        // Ctrl-C at the terminal reaches the parent alone, which stops its children in order.
        setpgid(0, 0);
        dup2(ends[1], STDOUT_FILENO);
        execv(program.c_str(), argv.data());
        _exit(127);
    }
    close(ends[1]);
    auto const handle = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    if (handle < 0) throw std::system_error(errno, std::generic_category(), "pidfd_open");
    return {pid, ends[0], handle};
}

}  // namespace

Duration restart_pause(Duration lived, Duration pause_before) {
    if (lived > 1s) return {};
    return std::min<Duration>(pause_before * 2 + 50ms, 5s);
}

Task<void> Children::keep(int index) {
    auto& self = *impl_;
    Duration pause{};
    for (;;) {
        auto const child = spawn(self.program, self.arguments(index));
        auto const began = self.clock.instant();
        if (self.hooks.started) self.hooks.started(index, child.pid);
        asio::posix::stream_descriptor output(self.executor, child.output);
        asio::posix::stream_descriptor handle(self.executor, child.handle);
        bool cancelled = false;
        asio::streambuf buffer;
        try {
            for (;;) {
                co_await asio::async_read_until(output, buffer, '\n', asio::use_awaitable);
                std::istream stream(&buffer);
                std::string line;
                std::getline(stream, line);
                if (self.hooks.said) self.hooks.said(index, std::move(line));
            }
        } catch (const boost::system::system_error& error) {
            cancelled = is_cancelled(error);
        }
        if (cancelled) {
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            kill(child.pid, SIGTERM);
        }
        bool ended = false;
        try {
            auto waiting = handle.async_wait(asio::posix::descriptor_base::wait_read, asio::use_awaitable);
            co_await within(self.clock, 10s, std::move(waiting));  // its output has ended, so it is about to
            ended = true;
        } catch (const TimedOut&) {
        }
        if (!ended) kill(child.pid, SIGKILL);
        int status = 0;
        waitpid(child.pid, &status, 0);
        if (cancelled) {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
            co_return;
        }
        logging::warn("a member has ended and is started again",
                      {{"member", index}, {"pid", child.pid}, {"status", status}});
        pause = restart_pause(self.clock.instant() - began, pause);
        if (pause > Duration{}) co_await self.clock.sleep(pause);
    }
}

}  // namespace lockstep::app
