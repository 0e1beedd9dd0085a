# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""./dev mutate [NAME...] [--list] [--committed]

Shows that the black-box tests can fail: each mutation of tests/mutations switches one capability off in a
copy of the tree, and the row of the scorecard that it names must fail there. The same row must pass in the
copy as it is. One build at a time, in one build directory; ccache is shared. On demand, not in ./dev check.

It says one line for each mutation and ends with one line: N passed, M failed.
"""

import argparse
import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

from lib import blackbox, steps

FOLDER = steps.ROOT / "tests" / "mutations"
# What the build of the binary reads.
COPIED = ("CMakeLists.txt", "CMakePresets.json", "cmake", "cmd", "scripts", "src", "tests/CMakeLists.txt", "tests/bench")
ROW_SECONDS = 240


@dataclasses.dataclass
class Mutation:
    name: str
    off: str  # what does not work any more
    row: str
    test: str
    file: str
    old: str
    new: str

    def apply(self, text):
        """The changed text. ValueError unless `old` stands there once."""
        found = text.count(self.old)
        if found != 1:
            raise ValueError(f"{self.name}: its old text stands {found} times in {self.file}, and not once")
        return text.replace(self.old, self.new)


def read_all(folder=FOLDER):
    return [Mutation(name=path.stem, **tomllib.loads(path.read_text())) for path in sorted(folder.glob("*.toml"))]


def copy_tree(into, committed):
    if committed:
        archive = subprocess.run(["git", "archive", "HEAD", *COPIED], cwd=steps.ROOT, capture_output=True, check=True)
        subprocess.run(["tar", "-x", "-C", into], input=archive.stdout, check=True)
        return
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *COPIED],
        cwd=steps.ROOT, capture_output=True, text=True, check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        source = steps.ROOT / name
        if source.is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, into / name)


class Copy:
    """The copied tree, its build directory, and the rows run against its binary."""

    def __init__(self, folder):
        self.folder = folder
        self.binary = folder / "build" / "release" / "lockstep"

    def build(self):
        """None, or why it could not."""
        (self.folder / "build").mkdir(exist_ok=True)
        done = subprocess.run(
            ["bash", "scripts/dev/lib/ninja.sh", "release", "lockstep"], cwd=self.folder, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, env={**os.environ, "LOCKSTEP_QUIET": "1"},
        )
        if done.returncode == 0:
            return None
        errors = [line for line in (done.stdout + done.stderr).splitlines() if re.search(r"error|Error", line)]
        return "it does not build: " + (errors[0].strip() if errors else f"ninja ended with {done.returncode}")

    def run(self, row, test):
        """True or False when every test of that row passed, or one failed; None when none said anything."""
        results = self.folder / "results.jsonl"
        results.unlink(missing_ok=True)
        steps.run(
            ["node", "--test", f"--test-name-pattern=(^| ){re.escape(row)}[ :]", blackbox.SCRIPT.parent / "tests" / test],
            log=self.folder / "row.log", timeout=ROW_SECONDS,
            env={"LOCKSTEP": str(self.binary), "LOCKSTEP_RESULTS": str(results)},
        )
        return verdict(results.read_text().splitlines() if results.exists() else [], row)


def verdict(lines, row):
    said = [result["ok"] for result in map(json.loads, lines) if result["id"] == row]
    return all(said) if said else None


def try_one(copy, mutation, unchanged):
    """What is wrong with it, or None."""
    key = (mutation.row, mutation.test)
    if unchanged.get(key) is not True:
        return f"{mutation.row} does not pass without it"
    path = copy.folder / mutation.file
    text = path.read_text()
    try:
        path.write_text(mutation.apply(text))
        failure = copy.build()
        if failure:
            return failure
        passed = copy.run(*key)
    finally:
        path.write_text(text)
    if passed is None:
        return f"{mutation.row} said nothing"
    return f"{mutation.row} passes all the same" if passed else None


def main():
    parser = argparse.ArgumentParser(
        prog="./dev mutate", usage=__doc__.splitlines()[0],
        description="\n".join(__doc__.splitlines()[2:]), formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these (all)")
    parser.add_argument("--list", action="store_true", help="say which there are")
    parser.add_argument("--committed", action="store_true", help="copy the last commit and not what is being edited")
    options = parser.parse_args()

    mutations = read_all()
    if options.list:
        for mutation in mutations:
            print(f"{mutation.name:22} {mutation.row:9} {mutation.off}")
        return 0
    unknown = set(options.names) - {mutation.name for mutation in mutations}
    if unknown:
        parser.error(f"there is no mutation {', '.join(sorted(unknown))}; see --list")
    if options.names:
        mutations = [mutation for mutation in mutations if mutation.name in options.names]

    steps.need("build", "test")
    blackbox.install()
    count = steps.Count()
    with tempfile.TemporaryDirectory(prefix="lockstep-mutations-") as folder:
        copy = Copy(Path(folder))
        copy_tree(copy.folder, options.committed)
        began = time.monotonic()
        if failure := copy.build():
            sys.exit(f"mutate: as it is, {failure}")
        print(f"{'as it is':22} built {time.monotonic() - began:36.0f} s", flush=True)
        unchanged = {}
        for mutation in mutations:
            key = (mutation.row, mutation.test)
            if key not in unchanged:
                unchanged[key] = copy.run(*key)
        for mutation in mutations:
            began = time.monotonic()
            failure = try_one(copy, mutation, unchanged)
            count += steps.Count(0, 1) if failure else steps.Count(1, 0)
            said = failure or f"{mutation.row} fails: {mutation.off}"
            print(f"{mutation.name:22} {'not ok' if failure else 'ok':6} {time.monotonic() - began:4.0f} s  {said}", flush=True)
    print(count)
    return 1 if count.failed else 0


if __name__ == "__main__":
    sys.exit(main())
