# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""The lint step: every rule over every file, a list of findings, and their number."""

import argparse
import io
import os
import re
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

import calls
import layers
import text
import tree
from tree import Finding

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
ALLOW = "scripts/lint/allow.txt"
FORMATTED = ("src/", "cmd/", "tests/")


def house_rules(files, root=""):
    findings = [*layers.check(files), *calls.check(files), *text.check(files, root)]
    allow = next((file for file in files if file.path == ALLOW), None)
    return sorted(apply(allow, findings)) if allow else sorted(findings)


def apply(allow, findings):
    """Takes out what allow.txt lets pass, and adds its lines that nothing needs."""
    wanted = {}
    for number, line in enumerate(allow.lines, 1):
        words = line.split(None, 2)
        if not words or line.startswith("#"):
            continue
        if len(words) < 3:
            yield Finding(allow.path, number, "allow", "expected: rule path reason")
            continue
        wanted[words[0], words[1]] = number
    used = set()
    for finding in findings:
        if (finding.rule, finding.path) in wanted:
            used.add((finding.rule, finding.path))
        else:
            yield finding
    for key, number in wanted.items():
        if key not in used:
            yield Finding(allow.path, number, "allow", f"nothing needs '{key[0]} {key[1]}' any more")


def format_findings(paths):
    """Files that clang-format would change."""
    size = 20
    batches = [paths[at : at + size] for at in range(0, len(paths), size)]

    def one(batch):
        return subprocess.run(
            ["clang-format-14", "--dry-run", *batch], cwd=ROOT, capture_output=True, text=True
        ).stderr

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        complaints = "".join(pool.map(one, batches))
    first = {}
    for match in re.finditer(r"^(.+?):(\d+):\d+: (?:warning|error): ", complaints, re.MULTILINE):
        first.setdefault(match[1], int(match[2]))
    return [Finding(path, line, "format", f"run ./dev fmt {path}") for path, line in sorted(first.items())]


def own_tests():
    """The tests of lint and of the scripts; what they print is shown only when one fails."""
    suite = unittest.TestSuite()
    for folder in (HERE, os.path.join(ROOT, "scripts", "dev")):
        sys.path.insert(0, folder)
        for name in sorted(os.listdir(folder)):
            if re.fullmatch(r"test_\w+\.py", name):
                suite.addTests(unittest.defaultTestLoader.loadTestsFromName(name[:-3]))
    said = io.StringIO()
    result = unittest.TextTestRunner(stream=said).run(suite)
    if not result.wasSuccessful():
        print(said.getvalue())
    return result.testsRun, len(result.failures) + len(result.errors)


def main():
    parser = argparse.ArgumentParser(prog="./dev lint")
    parser.add_argument("--no-format", action="store_true", help="do not ask clang-format")
    options = parser.parse_args()

    ran, broken = own_tests()
    files = tree.load(ROOT)
    root = ROOT if ROOT.count("/") > 1 else ""
    findings = house_rules(files, root)
    if not options.no_format:
        findings += format_findings([file.path for file in files if file.is_cpp and file.path.startswith(FORMATTED)])
    for finding in findings:
        print(finding)
    for path, lines in text.long_files(files):
        print(f"note: {path} has {lines} lines; shall it be two?")
    print(f"lint: {len(files)} files, {len(findings)} findings; {ran} tests of its own, {broken} failed")
    return 1 if findings or broken else 0


if __name__ == "__main__":
    sys.exit(main())
