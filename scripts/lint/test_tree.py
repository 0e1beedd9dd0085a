# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
import unittest

from tree import File, blank


class Blank(unittest.TestCase):
    def test_comments_and_literals_lose_their_inside_and_lines_stay(self):
        text = 'a; // co_spawn\nb("rand()"); /* x\n y */ c(\'"\'); d("\\"", e);\n'

        code = blank(text)

        self.assertEqual(code.count("\n"), text.count("\n"))
        self.assertEqual(len(code), len(text))
        self.assertNotIn("co_spawn", code)
        self.assertNotIn("rand", code)
        self.assertIn(", e);", code)

    def test_a_raw_string_may_hold_quotes_and_comments(self):
        code = blank('f(R"sql(SELECT "a" // b)sql", rest);')

        self.assertNotIn("SELECT", code)
        self.assertIn(", rest);", code)

    def test_a_digit_separator_is_no_literal(self):
        self.assertIn("+ rand() +", blank("1'000 + rand() + 2'000"))

    def test_a_url_in_a_string_is_no_comment(self):
        self.assertIn("next();", blank('get("http://x"); next();'))


class Includes(unittest.TestCase):
    def test_they_are_found_with_their_lines(self):
        file = File("src/log/log.cpp", '#include "log/log.hpp"\n\n#  include <map>\n// #include "api/x.hpp"\n')

        self.assertEqual([(i.line, i.path, i.quoted) for i in file.includes], [(1, "log/log.hpp", True), (3, "map", False)])


class Kinds(unittest.TestCase):
    def test_a_file_knows_its_module_and_whether_it_is_a_test(self):
        self.assertEqual(File("src/log/a.cpp", "").module, "log")
        self.assertEqual(File("src/CMakeLists.txt", "").module, None)
        self.assertEqual(File("cmd/lockstep/main.cpp", "").module, "cmd")
        self.assertTrue(File("src/log/a_test.cpp", "").is_test)
        self.assertTrue(File("src/net/bench/load.cpp", "").is_test)
        self.assertTrue(File("src/store/test_world.hpp", "").is_test)
        self.assertFalse(File("src/log/testament.cpp", "").is_test)
