// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "auth/password_checker.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <unordered_map>

#include "async/blocking.hpp"
#include "async/waiters.hpp"
#include "auth/secrets.hpp"
#include "base/bytes.hpp"
#include "base/thread_name.hpp"

namespace lockstep::auth {

namespace {

struct PasswordWork {
    std::string password, hash;
    bool right = false;
    std::function<void()> done;
};

// One thread, started when there is work for it.
class PasswordThread {
  public:
    ~PasswordThread() {
        {
            std::lock_guard const lock(mutex_);
            closed_ = true;
        }
        arrived_.notify_one();
        if (thread_.joinable()) thread_.join();
    }
    void push(std::shared_ptr<PasswordWork> work) {
        if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
        {
            std::lock_guard const lock(mutex_);
            waiting_.push_back(std::move(work));
        }
        arrived_.notify_one();
    }

  private:
    void run() {
        name_this_thread("passwords");
        for (;;) {
            std::shared_ptr<PasswordWork> work;
            {
                std::unique_lock lock(mutex_);
                arrived_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
                if (waiting_.empty()) return;
                work = std::move(waiting_.front());
                waiting_.pop_front();
            }
            work->right = bcrypt_matches(work->password, work->hash);
            work->done();
        }
    }

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<std::shared_ptr<PasswordWork>> waiting_;
    bool closed_ = false;
    std::thread thread_;
};

// Others that ask the same wait here for the one that is worked on.
struct UnderWay {
    Waiters others;
    std::optional<Verdict> verdict;
};

}  // namespace

struct PasswordChecker::State {
    State(Clock& time, Chance& chance, Options limits) : clock(time), options(limits) { chance.fill(key); }

    Hash name_of(const std::string& password, const std::string& hash) const {
        // A bcrypt hash has one length, so the two cannot be taken for others.
        auto const text = hash + password;
        Hash out;
        unsigned size = 0;
        auto const* made =
            HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                 reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.bytes.data(), &size);
        if (!made || size != out.bytes.size()) throw std::runtime_error("HMAC failed");
        return out;
    }
    bool remembers(const Hash& name) {
        while (!order.empty() && order.front().until <= clock.instant()) forget_oldest();
        return remembered.contains(name);
    }
    void remember(const Hash& name) {
        if (options.remembered_max == 0 || remembered.contains(name)) return;
        if (order.size() >= options.remembered_max) forget_oldest();
        auto const until = clock.instant() + options.remembered_for;
        order.push_back({name, until});
        remembered.emplace(name, until);
    }
    void forget_oldest() {
        remembered.erase(order.front().name);
        order.pop_front();
    }

    struct Entry {
        Hash name;
        Instant until;
    };
    Clock& clock;
    Options options;
    std::array<std::uint8_t, 32> key{};
    std::deque<Entry> order;  // by when they were remembered, which is by when they end
    std::unordered_map<Hash, Instant> remembered;
    std::unordered_map<Hash, std::shared_ptr<UnderWay>> under_way;
    std::uint64_t worked = 0;
    PasswordThread thread;
};

PasswordChecker::PasswordChecker(Clock& clock, Chance& chance, Options options)
    : state_(std::make_unique<State>(clock, chance, options)) {}

PasswordChecker::~PasswordChecker() = default;

std::uint64_t PasswordChecker::worked() const { return state_->worked; }

Task<Verdict> PasswordChecker::check(std::string password, std::string hash) {
    auto& state = *state_;
    auto const name = state.name_of(password, hash);
    for (;;) {
        if (state.remembers(name)) co_return Verdict::right;
        auto const found = state.under_way.find(name);
        if (found == state.under_way.end()) break;
        auto const same = found->second;
        co_await same->others.wait();
        if (same->verdict) co_return *same->verdict;
    }
    if (state.under_way.size() >= state.options.waiting_max) co_return Verdict::busy;

    auto const mine = std::make_shared<UnderWay>();
    state.under_way.emplace(name, mine);
    // However this ends: the next who asks the same must not wait for nobody.
    struct Leave {
        State& state;
        const Hash& name;
        UnderWay& mine;
        ~Leave() {
            state.under_way.erase(name);
            mine.others.wake_all();
        }
    } const leave{state, name, *mine};
    auto const work = std::make_shared<PasswordWork>();
    work->password = std::move(password);
    work->hash = std::move(hash);
    ++state.worked;
    std::function<void(std::function<void()>)> start = [&state, work](std::function<void()> resume) {
        work->done = std::move(resume);
        state.thread.push(work);
    };
    auto waiting = suspend(std::move(start));
    co_await std::move(waiting);
    mine->verdict = work->right ? Verdict::right : Verdict::wrong;
    if (work->right) state.remember(name);
    co_return *mine->verdict;
}

}  // namespace lockstep::auth
