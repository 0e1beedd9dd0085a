# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""./dev sim [--seeds K] [--from N] [--prove] [OPTION...]

Builds, then simulates the seeds N to N+K-1: many nodes, one thread, faults of every kind, checkers. A run
is repeated exactly by its seed: ./dev sim --from 4711 --seeds 1. The range is divided among the
processors; the table of faults that is printed is the sum. Other options go to `lockstep simulate`.

With --prove it shows that the runs are worth it: every kind of fault has happened, and each of the deciders
that are wrong on purpose is caught by one of the first seeds.
"""

import argparse
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor

from lib import steps


def parts(first, seeds, processes):
    """The range in as many even pieces as there are processes, none of them empty."""
    processes = max(1, min(processes, seeds))
    begins = [first + seeds * i // processes for i in range(processes + 1)]
    return [(begin, end - begin) for begin, end in zip(begins, begins[1:])]


ROW = re.compile(r"^(.*\S)(\s+)(\d+)$")


def merge(outputs):
    """Rows "what  12" are added up over the outputs; other lines are shown once."""
    places, numbers, lines = {}, {}, []
    for output in outputs:
        for line in output.splitlines():
            match = ROW.match(line)
            if steps.CLOSING.search(line):
                continue
            if not match:
                if line not in lines:
                    lines.append(line)
                continue
            label, gap, number = match.groups()
            if label not in places:
                places[label] = (len(lines), len(gap) + len(number))
                lines.append(None)
            numbers[label] = numbers.get(label, 0) + int(number)
    for label, (place, width) in places.items():
        number = str(numbers[label])
        lines[place] = label + " " * max(1, width - len(number)) + number
    return lines


def never_happened(text):
    """What the table counts 0 of."""
    return [match[1] for line in text.splitlines() if (match := ROW.match(line)) and int(match[3]) == 0]


WRONG_DECIDERS = ("forgets-parked-contexts", "settles-by-arrival")
SEEDS_TO_CATCH = 500


def seed_that_catches(decider, seeds_max=SEEDS_TO_CATCH, step=5):
    """The first seed whose checks notice this decider, or None."""
    for first in range(1, seeds_max + 1, step):
        command = [steps.release_binary(), "simulate", "--from", first, "--seeds", step, "--fault", decider, "--json"]
        for line in steps.run(command, timeout=300).output.splitlines():
            report = json.loads(line) if line.startswith("{") else {"ok": True}
            if not report["ok"]:
                return report["seed"]
    return None


def prove(text):
    """(count, lines): that the table has no zero in it, and that wrong deciders are caught."""
    count, lines = steps.Count(), []
    zeros = never_happened(text)
    count += steps.Count(1, 0) if not zeros else steps.Count(0, 1)
    lines += [f"never happened: {what}" for what in zeros]
    for decider in WRONG_DECIDERS:
        seed = seed_that_catches(decider)
        count += steps.Count(1, 0) if seed else steps.Count(0, 1)
        lines.append(f"{decider} is caught by seed {seed}" if seed else f"{decider} is not caught")
    return count, lines


def simulate(first, seeds, extra=(), log=None, timeout=None):
    def one(part):
        command = [steps.release_binary(), "simulate", "--from", part[0], "--seeds", part[1], *extra]
        return steps.run(command, timeout=timeout)

    ranges = parts(first, seeds, steps.JOBS)
    with ThreadPoolExecutor(len(ranges)) as pool:
        outcomes = list(pool.map(one, ranges))
    count = steps.Count()
    for outcome, (_, many) in zip(outcomes, ranges):
        here = steps.count_lines(outcome)
        if here.passed + here.failed == 0:
            here.passed = many  # it ended well and said no number
        count += here
    text = "\n".join(merge([outcome.output for outcome in outcomes]))
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(text + "\n")
    return count, text


def main():
    parser = argparse.ArgumentParser(
        prog="./dev sim", usage=__doc__.splitlines()[0], description="\n".join(__doc__.splitlines()[2:]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=100, metavar="K", help="how many (100)")
    parser.add_argument("--from", type=int, default=1, metavar="N", dest="first", help="the first one (1)")
    parser.add_argument("--prove", action="store_true", help="and that every fault and wrong decider shows")
    options, extra = parser.parse_known_args()
    if options.seeds < 1:
        parser.error("--seeds is at least 1")
    steps.build("release", "--quiet", "lockstep")
    count, text = simulate(options.first, options.seeds, extra)
    print(text)
    if options.prove:
        proof, lines = prove(text)
        print("\n".join(lines))
        count += proof
    print(count)
    return 1 if count.failed else 0


if __name__ == "__main__":
    sys.exit(main())
