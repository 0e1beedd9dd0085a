# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
import unittest

import layers
from tree import File

LAYERS = File("src/layers.txt", "# who may include whom\nbase:\nasync: base\nstore: async base\napp: store base\n")


def findings(*files):
    return [f"{f.path}:{f.line} {f.rule}" for f in layers.check([LAYERS, *files])]


def header(path):
    return File(path, "#pragma once\n")


class Includes(unittest.TestCase):
    def test_down_is_allowed(self):
        store = File("src/store/a.cpp", '#include "store/a.hpp"\n#include "base/b.hpp"\n#include <map>\n')

        self.assertEqual(findings(header("src/store/a.hpp"), header("src/base/b.hpp"), store), [])

    def test_up_and_what_is_not_listed_is_refused(self):
        base = File("src/base/b.cpp", '#include "store/a.hpp"\n')
        app = File("src/app/m.cpp", '\n#include "async/c.hpp"\n')

        found = findings(header("src/store/a.hpp"), header("src/async/c.hpp"), base, app)

        self.assertEqual(found, ["src/base/b.cpp:1 layers", "src/app/m.cpp:2 layers"])

    def test_a_module_must_be_in_the_list(self):
        self.assertEqual(findings(File("src/utils/a.cpp", "")), ["src/utils/a.cpp:1 layers"])

    def test_quotes_are_written_from_the_root(self):
        self.assertEqual(findings(header("src/store/a.hpp"), File("src/store/a.cpp", '#include "a.hpp"\n')),
                         ["src/store/a.cpp:1 include"])

    def test_the_binary_may_include_everything_and_what_is_beside_it(self):
        main = File("cmd/lockstep/main.cpp", '#include "store/a.hpp"\n#include "tail.hpp"\n')

        self.assertEqual(findings(header("src/store/a.hpp"), header("cmd/lockstep/tail.hpp"), main), [])


class Privacy(unittest.TestCase):
    def test_detail_is_for_its_own_folder(self):
        detail = header("src/async/detail/x.hpp")
        inside = File("src/async/y.cpp", '#include "async/detail/x.hpp"\n')
        outside = File("src/store/z.cpp", '#include "async/detail/x.hpp"\n')

        self.assertEqual(findings(detail, inside, outside), ["src/store/z.cpp:1 detail"])

    def test_nested_detail_is_private_to_the_folder_around_it(self):
        detail = header("src/store/pg/detail/x.hpp")
        beside = File("src/store/z.cpp", '#include "store/pg/detail/x.hpp"\n')

        self.assertEqual(findings(detail, beside), ["src/store/z.cpp:1 detail"])

    def test_a_heavy_third_party_stays_behind_its_door(self):
        self.assertEqual(findings(File("src/app/m.cpp", "#include <boost/beast/http.hpp>\n")), ["src/app/m.cpp:1 door"])


class Lines(unittest.TestCase):
    def test_a_module_lists_only_what_stands_above_it(self):
        _, found = layers.parse(File("src/layers.txt", "base: async\nasync: base\nbase:\nwhat\n"))

        self.assertEqual([finding.line for finding in found], [1, 3, 4])


class CMake(unittest.TestCase):
    def cmake(self, module, text):
        return File(f"src/{module}/CMakeLists.txt", text)

    def test_it_links_no_more_than_the_layers_allow(self):
        found = findings(self.cmake("base", "lockstep_module(base DEPS\n  store PRIVATE fmt::fmt lockstep_async)"))

        self.assertEqual(found, ["src/base/CMakeLists.txt:1 cmake"] * 2)

    def test_what_is_included_is_linked_directly_or_through_others(self):
        files = [
            header("src/base/b.hpp"), header("src/async/c.hpp"), header("src/store/a.hpp"),
            self.cmake("base", "lockstep_module(base)"),
            self.cmake("async", "lockstep_module(async DEPS base)"),
            File("src/store/a.cpp", '#include "async/c.hpp"\n#include "base/b.hpp"\n'),
        ]

        self.assertEqual(findings(*files, self.cmake("store", "lockstep_module(store DEPS async)")), [])
        self.assertEqual(findings(*files, self.cmake("store", "lockstep_module(store)")),
                         ["src/store/CMakeLists.txt:1 cmake"] * 2)

    def test_it_names_its_folder(self):
        self.assertEqual(findings(self.cmake("base", "lockstep_module(bass)")), ["src/base/CMakeLists.txt:1 cmake"])
