# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
import json
import pathlib
import tempfile
import unittest

import scorecard
import sim
from lib.steps import Count, Outcome, count_fuzz, count_gtest, count_lines, failing_gtests, failing_part


class Lines(unittest.TestCase):
    def count(self, output, code=0):
        return count_lines(Outcome(code, output, 0))

    def test_the_last_closing_line_counts(self):
        self.assertEqual(self.count("ok a\n1 passed, 0 failed\nnot ok b\n7 passed, 2 failed\n", 1), Count(7, 2))

    def test_without_one_the_verdicts_count(self):
        self.assertEqual(self.count("ok 1 a\nnot ok 2 b\n# okay\nok 3 c\n", 1), Count(2, 1))

    def test_a_bad_end_without_a_failure_is_one(self):
        self.assertEqual(self.count("3 passed, 0 failed\n", 139), Count(3, 1))
        self.assertEqual(self.count("", 127), Count(0, 1))

    def test_what_failed_is_shown_with_what_follows_it(self):
        self.assertEqual(failing_part("ok a\n fine\nnot ok b\n  because\nok c\n"), "not ok b\n  because")
        self.assertEqual(failing_part("boom\n"), "boom")


class Fuzz(unittest.TestCase):
    def test_targets_are_counted(self):
        self.assertEqual(count_fuzz(Outcome(0, "fuzz compact, 5 s\nDone\nfuzz rlp, 5 s\n", 0)), Count(2, 0))
        self.assertEqual(count_fuzz(Outcome(1, "fuzz a, 5 s\nfuzz b, 5 s\nfailed: b; what made\n", 0)), Count(1, 1))
        self.assertEqual(count_fuzz(Outcome(2, "run.sh: no build/fuzz/a\n", 0)), Count(0, 1))


class GoogleTest(unittest.TestCase):
    def count(self, tests, code=0, output=""):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "result.json"
            if tests is not None:
                path.write_text(json.dumps({"testsuites": [{"testsuite": tests}]}))
            return count_gtest(path, Outcome(code, output, 0))

    def test_run_failed_skipped_and_disabled_tests_are_told_apart(self):
        tests = [
            {"status": "RUN", "result": "COMPLETED"},
            {"status": "RUN", "result": "COMPLETED", "failures": [{}, {}]},
            {"status": "RUN", "result": "SKIPPED"},
            {"status": "NOTRUN", "result": "SUPPRESSED"},
        ]

        self.assertEqual(self.count(tests, 1), Count(1, 1))

    def test_a_binary_that_died_is_one_failure(self):
        self.assertEqual(self.count(None, -6), Count(0, 1))
        self.assertEqual(self.count(None, -6, "[       OK ] A.a (0 ms)\n[ RUN      ] A.b\n"), Count(1, 1))
        self.assertEqual(self.count([{"status": "RUN", "result": "COMPLETED"}], 66), Count(1, 1))


    def test_what_passed_is_not_shown(self):
        output = "head\n[ RUN      ] A.a\nnoise\n[       OK ] A.a (0 ms)\n[ RUN      ] A.b\nwhy\n"

        self.assertEqual(failing_gtests(output + "[  FAILED  ] A.b (0 ms)\ntail\n"),
                         "[ RUN      ] A.b\nwhy\n[  FAILED  ] A.b (0 ms)")
        self.assertEqual(failing_gtests(output + "Segmentation fault\n"), "[ RUN      ] A.b\nwhy\nSegmentation fault")


class Simulation(unittest.TestCase):
    def test_the_range_is_divided_without_gaps(self):
        self.assertEqual(sim.parts(10, 5, 2), [(10, 2), (12, 3)])
        self.assertEqual(sim.parts(4711, 1, 2), [(4711, 1)])

    def test_a_row_keeps_its_gap(self):
        self.assertEqual(sim.merge(["cut 7", "cut 7"]), ["cut 14"])

    def test_rows_are_added_up_and_other_lines_shown_once(self):
        merged = sim.merge(["faults\n  cut link    7\n  crash    1\n3 passed, 0 failed\n",
                            "faults\n  cut link   12\n  fork     2\nseed 5 failed: order\n3 passed, 1 failed\n"])

        self.assertEqual(merged, ["faults", "  cut link   19", "  crash    1", "  fork     2", "seed 5 failed: order"])


    def test_a_zero_in_the_table_is_named(self):
        self.assertEqual(sim.never_happened("links cut    20\nforks     0\nseed 5: ok\n"), ["forks"])


class Scorecard(unittest.TestCase):
    def test_a_capability_counts_when_every_test_with_its_id_passes(self):
        results = [{"id": "core-M1", "ok": True}, {"id": "core-M2", "ok": True}, {"id": "core-M2", "ok": False}]

        judged = scorecard.judge({"core": ["M1", "core-M2", "M3"]}, results)

        self.assertEqual(judged, {"core": (["core-M1"], ["core-M2"], ["core-M3"])})
