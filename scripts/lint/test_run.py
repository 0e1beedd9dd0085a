# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
import unittest

import run
from tree import File, Finding


class Allow(unittest.TestCase):
    FINDINGS = [Finding("src/net/a.cpp", 3, "clock", "…"), Finding("src/net/a.cpp", 9, "clock", "…")]

    def rules(self, text):
        return [finding.rule for finding in run.apply(File("allow.txt", text), self.FINDINGS)]

    def test_a_line_lets_one_rule_pass_in_one_file(self):
        self.assertEqual(self.rules("# head\nclock src/net/a.cpp measures only\n"), [])
        self.assertEqual(self.rules("spawn src/net/a.cpp why\n"), ["clock", "clock", "allow"])

    def test_a_line_has_a_reason_and_a_use(self):
        self.assertEqual(self.rules("clock src/net/a.cpp\n"), ["allow", "clock", "clock"])
        self.assertEqual(self.rules("clock src/net/a.cpp yes\nclock src/net/b.cpp gone\n"), ["allow"])
