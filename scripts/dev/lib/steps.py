# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""What the Python commands share: running a program into a log, and counting what it says."""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
JOBS = int(os.environ.get("LOCKSTEP_JOBS") or os.cpu_count() or 1)


@dataclasses.dataclass
class Count:
    passed: int = 0
    failed: int = 0

    def __add__(self, other):
        return Count(self.passed + other.passed, self.failed + other.failed)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed"


@dataclasses.dataclass
class Outcome:
    code: int  # of the program; 124 when it was stopped
    output: str
    seconds: float


def run(command, log=None, timeout=None, env=None, beat=None):
    """Runs to the end, with its output into `log`. Calls beat(line) for each line as it comes."""
    began = time.monotonic()
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    stopped = []

    def stop(why):
        stopped.append(why)
        kill_group(process)

    lines = []
    timer = threading.Timer(timeout or 0, stop, [f"stopped after {timeout} s"])
    if timeout:
        timer.start()
    try:
        for line in process.stdout:
            lines.append(line)
            if beat:
                beat(line)
        process.wait()
    except BaseException:
        kill_group(process)
        raise
    finally:
        timer.cancel()
    if stopped:
        lines.append(f"{stopped[0]}\n")
    output = "".join(lines)
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(output)
    return Outcome(124 if stopped else process.returncode, output, time.monotonic() - began)


def kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # it has ended by itself


CLOSING = re.compile(r"\b(\d+) passed, (\d+) failed\b")
VERDICT = re.compile(r"^\s*(ok|not ok)\b")


def count_lines(outcome):
    """From the closing line "N passed, M failed", else from lines "ok …" and "not ok …".

    A program that ends badly and names no failure is one.
    """
    closing = CLOSING.findall(outcome.output)
    if closing:
        count = Count(int(closing[-1][0]), int(closing[-1][1]))
    else:
        verdicts = [m[1] for line in outcome.output.splitlines() if (m := VERDICT.match(line))]
        count = Count(verdicts.count("ok"), verdicts.count("not ok"))
    if outcome.code != 0 and count.failed == 0:
        count.failed = 1
    return count


def count_fuzz(outcome):
    """tests/fuzz/run.sh says "fuzz TARGET, N s" for each target, and "failed: TARGET…;" at the end."""
    if CLOSING.search(outcome.output):
        return count_lines(outcome)
    targets = len(re.findall(r"^fuzz \w+,", outcome.output, re.MULTILINE))
    bad = re.findall(r"^failed: ([\w ]+)", outcome.output, re.MULTILINE)
    failed = len(bad[-1].split()) if bad else int(outcome.code != 0)
    return Count(max(targets - failed, 0), failed)


def count_gtest(path, outcome):
    """From what --gtest_output=json wrote; a binary that died before that is one failure."""
    count = Count()
    try:
        for suite in json.loads(path.read_text())["testsuites"]:
            for test in suite["testsuite"]:
                if test.get("failures"):
                    count.failed += 1
                elif test.get("status") == "RUN" and test.get("result") == "COMPLETED":
                    count.passed += 1
    except (OSError, ValueError, KeyError):
        count = Count(outcome.output.count("[       OK ]"), 0)
    if outcome.code != 0 and count.failed == 0:
        count.failed = 1
    return count


def failing_gtests(output, lines_max=120):
    """The output without the tests that passed. After a crash it begins with the test that crashed."""
    shown, test = [], None
    for line in output.splitlines():
        if line.startswith("[ RUN      ]"):
            test = [line]
        elif line.startswith("[       OK ]") or line.startswith("[  SKIPPED ]"):
            test = None
        elif test is not None:
            test.append(line)
            if line.startswith("[  FAILED  ]"):
                shown += test
                test = None
    return clipped(shown + (test or []) or output.splitlines()[-lines_max:], lines_max)


def clipped(lines, lines_max):
    more = len(lines) - lines_max
    return "\n".join(lines if more <= 0 else lines[:lines_max] + [f"… {more} more lines"])


def failing_part(output, lines_max=120):
    """What a reader wants first: each "not ok" with what follows it, else the end."""
    chosen, keep = [], False
    for line in output.splitlines():
        if match := VERDICT.match(line):
            keep = match[1] == "not ok"
        if keep and not CLOSING.search(line):
            chosen.append(line)
    if not chosen:
        chosen = output.splitlines()[-lines_max:]
    return clipped(chosen, lines_max)


FAILED = re.compile(r"^\s*(?:not ok \d* *-? *|\[  FAILED  \] )(.+?)(?: \(\d+ ms\))?$")


def failed_names(text):
    return [match[1] for line in text.splitlines() if (match := FAILED.match(line))]


def need(*kinds):
    """Installs what these kinds of work need; silent when nothing is missing."""
    arguments = [word for kind in kinds for word in ("--with", kind)]
    done = subprocess.run(["bash", "scripts/dev/setup.sh", "--quiet", *arguments], cwd=ROOT)
    if done.returncode != 0:
        sys.exit(done.returncode)


def build(preset, *targets):
    """Shows ninja's own progress and ends the program when the build fails."""
    done = subprocess.run(["bash", "scripts/dev/build.sh", "--preset", preset, *targets], cwd=ROOT)
    if done.returncode != 0:
        sys.exit(done.returncode)


def release_binary():
    return ROOT / "build" / "release" / "lockstep"
