# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
import unittest

import text
from tree import File

HEAD = "// Copyright the Lockstep developers\n// SPDX-License-Identifier: Apache-2.0\n"


def rules(path, body, root=""):
    return [finding.rule for finding in text.check_file(File(path, body), root)]


class Heads(unittest.TestCase):
    def test_a_file_has_both_lines_of_licence(self):
        self.assertEqual(rules("src/log/a.cpp", HEAD), [])
        self.assertEqual(rules("src/log/a.cpp", "int x;\n"), ["licence", "licence"])
        self.assertEqual(rules("dev", "#!/usr/bin/env bash\n"), ["licence", "licence"])
        self.assertEqual(rules("docs/a.md", "# A page\n"), [])

    def test_a_header_has_its_pragma(self):
        self.assertEqual(rules("src/log/a.hpp", HEAD), ["pragma"])
        self.assertEqual(rules("src/log/a.hpp", HEAD + "#pragma once\n"), [])


class Words(unittest.TestCase):
    def test_nothing_is_left_for_later(self):
        for word in ("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"):
            self.assertEqual(rules("src/log/a.cpp", HEAD + f"// {word}: later\n"), ["word"])
        self.assertEqual(rules("src/log/a.cpp", HEAD + "// a hackney carriage\n"), [])

    def test_no_path_of_a_machine(self):
        home = "/ho" + "me/somebody/src"
        self.assertEqual(rules("src/log/a.cpp", HEAD + f'auto p = "{home}";\n'), ["path"])
        self.assertEqual(rules("docs/a.md", "see /srv/clone/src/log\n", root="/srv/clone"), ["path"])
        self.assertEqual(rules("docs/a.md", "GET https://example.org/ho" + "me/page/\n"), [])

    def test_code_is_120_columns_wide_counted_in_characters(self):
        self.assertEqual(rules("src/log/a.cpp", HEAD + "// " + "ä" * 117 + "\n"), [])
        self.assertEqual(rules("src/log/a.cpp", HEAD + "// " + "ä" * 118 + "\n"), ["columns"])


class Modules(unittest.TestCase):
    def test_each_has_its_page(self):
        files = [File("src/log/a.cpp", HEAD), File("src/net/a.cpp", HEAD), File("src/net/README.md", "# net\n")]

        self.assertEqual([f.path for f in text.check(files)], ["src/log/README.md"])

    def test_long_files_are_listed(self):
        self.assertEqual(text.long_files([File("src/a/b.cpp", "\n" * 700), File("docs/a.md", "\n" * 700)]),
                         [("src/a/b.cpp", 701)])
