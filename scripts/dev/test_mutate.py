# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
import json
import re
import unittest

import mutate
from lib import blackbox, steps


class Mutations(unittest.TestCase):
    def test_each_can_still_be_applied(self):
        for mutation in mutate.read_all():
            with self.subTest(mutation.name):
                text = (steps.ROOT / mutation.file).read_text()

                self.assertNotEqual(mutation.apply(text), text)

    def test_each_names_a_row_of_the_scorecard_that_its_test_shows(self):
        faces = json.loads((blackbox.SCRIPT.parent / "scorecard.json").read_text())
        rows = {f"{face}-{row}" for face, when in faces.items() for row in when["now"]}
        for mutation in mutate.read_all():
            with self.subTest(mutation.name):
                test = (blackbox.SCRIPT.parent / "tests" / mutation.test).read_text()

                self.assertIn(mutation.row, rows)
                self.assertTrue(re.search(rf"row\(\[?[^\n]*'{re.escape(mutation.row)}'", test))

    def test_an_old_text_that_stands_twice_or_never_is_refused(self):
        mutation = mutate.Mutation("n", "off", "core-M1", "t", "f", old="a", new="b")

        self.assertEqual(mutation.apply("-a-"), "-b-")
        self.assertRaises(ValueError, mutation.apply, "aa")
        self.assertRaises(ValueError, mutation.apply, "c")


class Verdicts(unittest.TestCase):
    def test_a_row_passes_when_all_of_its_tests_do(self):
        lines = ['{"id": "core-M1", "ok": true}', '{"id": "core-M2", "ok": true}', '{"id": "core-M2", "ok": false}']

        self.assertIs(mutate.verdict(lines, "core-M1"), True)
        self.assertIs(mutate.verdict(lines, "core-M2"), False)
        self.assertIsNone(mutate.verdict(lines, "core-M3"))
