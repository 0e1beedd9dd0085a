# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
import unittest

import calls
from tree import File


def rules(path, text):
    return [finding.rule for finding in calls.check([File(path, text)])]


class Spawn(unittest.TestCase):
    TEXT = "#include <boost/asio/co_spawn.hpp>\nasio::co_spawn(on, run(), asio::detached);\n"

    def test_only_async_the_binaries_and_tests_spawn(self):
        self.assertEqual(rules("src/net/a.cpp", self.TEXT), ["spawn", "spawn"])
        for path in ("src/async/scope.cpp", "cmd/lockstep/main.cpp", "src/net/a_test.cpp"):
            self.assertEqual(rules(path, self.TEXT), [])

    def test_words_in_comments_do_not_count(self):
        self.assertEqual(rules("src/net/a.cpp", "// co_spawn is for async/\n"), [])


class Clocks(unittest.TestCase):
    def test_time_comes_from_a_clock(self):
        for call in ("std::chrono::steady_clock::now()", "Clock_t::now(); system_clock :: now()", "asio::steady_timer t",
                     "std::time(nullptr)", "::time(0)", "std::this_thread::sleep_for(1s)"):
            self.assertEqual(rules("src/flow/a.cpp", call), ["clock"], call)
            self.assertEqual(rules("src/async/a.cpp", call), [], call)
            self.assertEqual(rules("src/base/a.cpp", call), [], call)

    def test_what_only_looks_like_it_is_fine(self):
        for call in ("clock.now()", "row.time(0)", "row->time(0)", "co_await clock.sleep(5s)", "deadline(30s)", "Time time(int column)"):
            self.assertEqual(rules("src/flow/a.cpp", call), [], call)

    def test_chance_comes_from_a_chance_in_tests_too(self):
        for call in ("std::random_device seed;", "rand() % 6", "RAND_bytes(p, n)"):
            self.assertEqual(rules("src/flow/a_test.cpp", call), ["chance"], call)
        self.assertEqual(rules("src/flow/a.cpp", "std::mt19937 g{1};"), ["chance"])
        self.assertEqual(rules("src/flow/a_test.cpp", "std::mt19937 random{1}; random();"), [])
        for call in ("operand(1)", "chance.fraction()", "grand(2)"):
            self.assertEqual(rules("src/flow/a.cpp", call), [], call)


class Catch(unittest.TestCase):
    def test_whoever_catches_everything_passes_it_on(self):
        self.assertEqual(rules("src/net/a.cpp", "try { f(); } catch (...) { close(); }"), ["catch"])
        self.assertEqual(rules("src/net/a.cpp", "try { f(); } catch (...) { if (x) { close(); } throw; }"), [])
        self.assertEqual(rules("src/net/a.cpp", "try { f(); } catch (...) { failure = std::current_exception(); }"), [])

    def test_a_throw_after_the_block_does_not_count(self):
        self.assertEqual(rules("src/net/a.cpp", "try { f(); } catch (...) { {} } throw;"), ["catch"])

    def test_naming_what_is_caught_is_fine(self):
        self.assertEqual(rules("src/net/a.cpp", "try { f(); } catch (const Conflict&) {}"), [])


class Coroutines(unittest.TestCase):
    def test_a_lambda_that_captures_is_no_coroutine(self):
        for lambda_ in ("[this] { co_await f(); }", "[&](int n) -> Task<void> { co_return; }",
                        "[x = std::move(a[0])]() mutable -> Task<std::optional<int>> { co_return x; }"):
            self.assertEqual(rules("src/net/a.cpp", f"auto g = {lambda_};"), ["lambda"], lambda_)
            self.assertEqual(rules("src/net/a_test.cpp", f"auto g = {lambda_};"), [], lambda_)
        for lambda_ in ("[](Node& node) -> Task<void> { co_await node.run(); }", "[this] { ring(); }",
                        "[this] { spawn([](int n) -> Task<void> { co_await f(n); }(1)); }"):
            self.assertEqual(rules("src/net/a.cpp", f"auto g = {lambda_};"), [], lambda_)

    def test_a_function_may_use_lambdas_and_suspend(self):
        text = "Task<void> f() { auto g = [&] { return 1; }; co_await h(a[g()]); }"

        self.assertEqual(rules("src/net/a.cpp", text), [])

    def test_no_lock_is_held_across_a_suspension(self):
        self.assertEqual(rules("src/net/a.cpp", "{ std::lock_guard lock(m); n = 1; co_await f(); }"), ["lock"])
        self.assertEqual(rules("src/net/a.cpp", "{ { std::scoped_lock lock(m); n = 1; } co_await f(); }"), [])

    def test_an_operand_holds_no_choice_and_no_bare_braces(self):
        for call in ("co_await within(clock, late ? 1s : 2s, f());", "auto x = co_await open(path, {a, b});",
                     "if (co_await f({.limit = 1})) return;"):
            self.assertEqual(rules("src/net/a.cpp", call), ["operand"], call)
        for call in ("auto x = co_await f() ? 1 : 2;", "co_await sleep(Duration{5});", "co_await f(a, {});",
                     "co_await g.wait_for([&] { return a ? b : c; }, 5s);", "if (co_await f()) { g(x, {1, 2}); }"):
            self.assertEqual(rules("src/net/a.cpp", call), [], call)
