# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""./dev test [MODULE...] [--preset PRESET] [--filter PATTERN] [--verbose]

Without arguments, everything, in an order that shows failures early:

  dev      every module's unit tests, under the address and undefined sanitizers
  release  the black-box tests with their kill rounds, those of the official clients once more on the
           oldest Node that we promise, and 1,000 seeds of the simulation, which must meet every fault and
           catch every decider that is wrong on purpose
  tsan     the unit tests of the modules that own threads, under the thread sanitizer
  fuzz     every decoder for some seconds

With modules, their unit tests alone. It goes on after a failure, prints what failed, and ends with one
line: N passed, M failed. The full output of each step is in build/logs.
"""

import argparse
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

import sim
from lib import blackbox, steps
from lib.steps import Count

TSAN_MODULES = ("async", "store", "flow", "net")
# Tests on one thread with a simulated disk, or over bytes alone: slow under this sanitizer, which has nothing to see there.
TSAN_LEAVES_OUT = ("CrashTest", "DamageTest", "Kinds/FailingWrites", "FailingDisk", "WalDamageTest", "WsCodec", "RequestParser")
# Some of them long, the others short, of which more fit into the same time: what goes wrong at the beginning of a
# network, or in its first minute, shows in both.
SIMULATION_SEEDS_LONG, SIMULATION_SEEDS_SHORT = 400, 600
SHORT = ("--messages", 60)
FUZZ_SECONDS = 5
LONGEST = ("sequencer_test", "simulation_test", "store_test")  # begun first, so that nothing is waited for at the end
OFFICIAL_CLIENTS = ("tests/sdk.test.mjs",)
LOGS = steps.ROOT / "build" / "logs"
SANITIZERS = {
    "ASAN_OPTIONS": "print_legend=0",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "second_deadlock_stack=1",
}


class Report:
    """A line for each step with what it counted and how long it took."""

    def __init__(self):
        self.total = Count()
        self.failed = []
        self.began = time.monotonic()

    def line(self, name, said, seconds):
        print(f"{name:24} {said:28} {seconds:6.0f} s", flush=True)

    def add(self, name, count, seconds):
        self.total += count
        self.line(name, str(count), seconds)

    def failure(self, text):
        self.failed += steps.failed_names(text)
        print("\n".join("    | " + line for line in text.splitlines()), flush=True)

    def close(self):
        for name in dict.fromkeys(self.failed):
            print(f"failed: {name}")
        minutes, seconds = divmod(int(time.monotonic() - self.began), 60)
        print(f"{minutes} min {seconds} s, full output in {LOGS.relative_to(steps.ROOT)}")
        print(self.total)
        return 1 if self.total.failed else 0


class Beat:
    """Now and then says how far a long step is, so that nobody takes it for dead."""

    def __init__(self, name, interval=60):
        self.name = name
        self.interval = interval
        self.last = time.monotonic()

    def __call__(self, line):
        if time.monotonic() - self.last >= self.interval:
            self.last = time.monotonic()
            print(f"{self.name:24} … {line.strip()[:80]}", flush=True)


def build(report, preset, targets):
    """Builds as much as it can. True when all of it was built."""
    name = f"{preset}: build"
    outcome = steps.run(
        ["bash", "scripts/dev/build.sh", "--preset", preset, "--keep-going", *targets],
        log=LOGS / f"{preset}-build.log",
        beat=Beat(name),
    )
    if outcome.code == 0:
        report.line(name, "built", outcome.seconds)
        return True
    report.add(name, Count(0, 1), outcome.seconds)
    report.failure(build_errors(outcome.output))
    return False


def build_errors(output, lines_max=120):
    """The output without ninja's lines of progress."""
    lines = [line for line in output.splitlines() if not re.match(r"\[\d+/\d+\] ", line)]
    return steps.clipped(lines, lines_max)


def binaries(preset):
    """{name: path} of the unit-test binaries that the preset knows."""
    listed = steps.ROOT / "build" / preset / "unit_tests.txt"
    return dict(line.split(" ", 1) for line in listed.read_text().splitlines()) if listed.exists() else {}


def is_fresh(preset, target):
    """False when the last build left the target behind its sources."""
    done = subprocess.run(
        ["ninja", "-C", f"build/{preset}", "-n", target], cwd=steps.ROOT, capture_output=True, text=True
    )
    return "no work to do" in done.stdout


def without_address_randomisation():
    """The thread sanitizer of GCC 12 cannot start where the kernel randomises much."""
    probe = ["setarch", "-R"]
    try:
        works = subprocess.run([*probe, "true"], capture_output=True).returncode == 0
    except OSError:
        works = False
    return probe if works else []


def unit_tests(report, preset, tests, pattern=None, verbose=False):
    """Runs the binaries, as many at a time as there are processors."""
    prefix = without_address_randomisation() if preset == "tsan" else []

    def one(item):
        name, path = item
        result = LOGS / f"{preset}-{name}.json"
        result.parent.mkdir(parents=True, exist_ok=True)
        result.unlink(missing_ok=True)
        flags = [f"--gtest_output=json:{result}"]
        if pattern:
            flags.append(f"--gtest_filter={pattern}")
        outcome = steps.run([*prefix, path, *flags], log=LOGS / f"{preset}-{name}.log", timeout=300, env=SANITIZERS)
        return name, outcome, steps.count_gtest(result, outcome)

    def when(item):
        return LONGEST.index(item[0]) if item[0] in LONGEST else len(LONGEST)

    total = Count()
    with ThreadPoolExecutor(steps.JOBS) as pool:
        running = [pool.submit(one, item) for item in sorted(tests.items(), key=when)]
        for done in as_completed(running):
            name, outcome, count = done.result()
            total += count
            report.add(f"{preset}: {name}", count, outcome.seconds)
            if verbose or count.failed:
                report.failure(outcome.output if verbose else steps.failing_gtests(outcome.output))
    return total


def built_tests(preset, names=None):
    known = binaries(preset)
    wanted = known if names is None else {name: known[name] for name in names if name in known}
    return {name: path for name, path in wanted.items() if is_fresh(preset, name)}


def step_dev(report):
    if build(report, "dev", ["unit_tests"]):
        unit_tests(report, "dev", binaries("dev"))
    else:
        unit_tests(report, "dev", built_tests("dev"))


def black_box(report, name, log, *files, node=None):
    outcome = blackbox.run(*files, node=node, log=LOGS / log, beat=Beat(name))
    count = steps.count_lines(outcome)
    report.add(name, count, outcome.seconds)
    if count.failed:
        report.failure(steps.failing_part(outcome.output))


def black_boxes(report):
    if not blackbox.SCRIPT.exists():
        return
    black_box(report, "release: black box", "blackbox.log")
    if node := blackbox.oldest_node():
        name = f"release: Node {blackbox.OLDEST}"
        black_box(report, name, "blackbox-oldest-node.log", *OFFICIAL_CLIENTS, node=node)


def step_release(report, meanwhile=lambda: None):
    """`meanwhile` runs beside the black-box tests, which wait more than they work."""
    if not build(report, "release", ["lockstep"]):
        return
    with ThreadPoolExecutor(1) as beside:
        running = beside.submit(black_boxes, report)
        meanwhile()
        running.result()
    began = time.monotonic()
    count, text = sim.simulate(1, SIMULATION_SEEDS_LONG, log=LOGS / "simulation.log", timeout=900)
    first_short = 1 + SIMULATION_SEEDS_LONG
    short, short_text = sim.simulate(
        first_short, SIMULATION_SEEDS_SHORT, extra=SHORT, log=LOGS / "simulation-short.log", timeout=900
    )
    report.add("release: simulation", count + short, time.monotonic() - began)
    for outcome, said in ((count, text), (short, short_text)):
        if outcome.failed:
            report.failure("\n".join(said.splitlines()[-120:]))
    began = time.monotonic()
    proof, lines = sim.prove("\n".join(sim.merge([text, short_text])))
    report.add("release: wrong deciders", proof, time.monotonic() - began)
    if proof.failed:
        report.failure("\n".join(lines))


def tsan_tests():
    names = [f"{module}_test" for module in TSAN_MODULES]
    if (steps.ROOT / "build" / "dev" / "unit_tests.txt").exists():
        names = [name for name in names if name in binaries("dev")]  # not every one need have tests
    return names


def step_tsan(report):
    names = tsan_tests()
    others = "-" + ":".join(f"{suite}.*" for suite in TSAN_LEAVES_OUT)
    if build(report, "tsan", names):
        unit_tests(report, "tsan", {name: path for name, path in binaries("tsan").items() if name in names}, others)
    else:
        unit_tests(report, "tsan", built_tests("tsan", names), others)


def step_fuzz(report):
    if not (steps.ROOT / "tests" / "fuzz" / "run.sh").exists():
        return
    if not build(report, "fuzz", ["fuzz_targets"]):
        return
    name = "fuzz"
    outcome = steps.run(
        ["bash", "scripts/dev/fuzz.sh", "--seconds", FUZZ_SECONDS],
        log=LOGS / "fuzz.log",
        beat=Beat(name),
        timeout=900,
    )
    count = steps.count_fuzz(outcome)
    report.add(name, count, outcome.seconds)
    if count.failed:
        report.failure(steps.failing_part(outcome.output))


def step_lint(report):
    outcome = steps.run(["bash", "scripts/dev/lint.sh"], log=LOGS / "lint.log", timeout=600)
    count = Count(1, 0) if outcome.code == 0 else Count(0, 1)
    report.add("lint", count, outcome.seconds)
    if count.failed:
        report.failure(outcome.output)


# In the order in which failures show early.
STEPS = {"dev": step_dev, "release": step_release, "tsan": step_tsan, "fuzz": step_fuzz}


def build_the_rest():
    """Without a word: who runs what is built here builds it again, in no time, and reports."""
    for preset, targets in (("tsan", tsan_tests()), ("fuzz", ["fuzz_targets"])):
        steps.run(["bash", "scripts/dev/build.sh", "--preset", preset, "--keep-going", *targets])


def everything(presets, with_lint):
    steps.need("build", "test", "fuzz")
    report = Report()
    if with_lint:
        steps.need("lint")
        step_lint(report)
    for preset in presets:
        if preset == "release" and len(presets) > 1:
            step_release(report, meanwhile=build_the_rest)
        else:
            STEPS[preset](report)
    return report.close()


def modules(names, preset, pattern, verbose):
    targets = [name if name.endswith("_test") else f"{name}_test" for name in names]
    steps.build(preset, "--quiet", *targets)
    report = Report()
    known = binaries(preset)
    unit_tests(report, preset, {name: known[name] for name in targets}, pattern, verbose)
    if report.total.passed + report.total.failed == 0:
        print("no test has that name")
        report.total.failed = 1
    print(report.total)
    return 1 if report.total.failed else 0


def main():
    parser = argparse.ArgumentParser(
        prog="./dev test", usage=__doc__.splitlines()[0], description="\n".join(__doc__.splitlines()[2:]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="a folder of src/: log, store, …")
    parser.add_argument("--preset", choices=tuple(STEPS), help="only this part; for modules, build them so (dev)")
    parser.add_argument("--filter", metavar="PATTERN", help="for modules: which tests, as GoogleTest writes it")
    parser.add_argument("--verbose", action="store_true", help="for modules: show every test")
    parser.add_argument("--with-lint", action="store_true", help="what ./dev check adds")
    options = parser.parse_args()
    if options.modules:
        return modules(options.modules, options.preset or "dev", options.filter, options.verbose)
    return everything([options.preset] if options.preset else list(STEPS), options.with_lint)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
