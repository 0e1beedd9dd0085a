# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""./dev scorecard [--no-run]

Runs the black-box tests against the release binary and prints, for each face, how many capabilities of
its scorecard pass, and the ids that fail or have no test. tests/blackbox/scorecard.json lists the ids: what
this version must show ("now"), and what is still to come ("later"). A test says which one it shows in
tests/blackbox/results.jsonl: {"id": "core-M1", "name": "…", "ok": true}.
A capability counts when every test with its id passes.
"""

import argparse
import json
import sys

from lib import blackbox, steps

FOLDER = steps.ROOT / "tests" / "blackbox"


def judge(wanted, results):
    """wanted: {face: [id, …]}; results: the lines of results.jsonl. Returns {face: (passed, failed, untested)}."""
    verdicts = {}
    for result in results:
        verdicts[result["id"]] = verdicts.get(result["id"], True) and bool(result["ok"])
    faces = {}
    for face, ids in wanted.items():
        full = [name if name.startswith(face + "-") else f"{face}-{name}" for name in ids]
        faces[face] = (
            [name for name in full if verdicts.get(name) is True],
            [name for name in full if verdicts.get(name) is False],
            [name for name in full if name not in verdicts],
        )
    return faces


def main():
    parser = argparse.ArgumentParser(
        prog="./dev scorecard", usage=__doc__.splitlines()[0], description="\n".join(__doc__.splitlines()[2:]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--no-run", action="store_true", help="only sum up the last run")
    options = parser.parse_args()

    wanted = FOLDER / "scorecard.json"
    if not wanted.exists():
        sys.exit(f"scorecard: there is no {wanted.relative_to(steps.ROOT)}")
    results = FOLDER / "results.jsonl"
    if not options.no_run:
        steps.need("build", "test")
        steps.build("release", "--quiet", "lockstep")
        outcome = blackbox.run()
        print(f"black-box tests: {steps.count_lines(outcome)}")
    if not results.exists():
        sys.exit(f"scorecard: there is no {results.relative_to(steps.ROOT)}; run without --no-run")
    lines = [json.loads(line) for line in results.read_text().splitlines() if line.strip()]

    complete = True
    faces = json.loads(wanted.read_text())
    later = judge({face: rows["later"] for face, rows in faces.items()}, lines)
    for face, (passed, failed, untested) in judge({face: rows["now"] for face, rows in faces.items()}, lines).items():
        complete = complete and not failed and not untested
        print(f"{face:5} {len(passed)}/{len(passed) + len(failed) + len(untested)}")
        if failed:
            print(f"      fail:    {' '.join(failed)}")
        if untested:
            print(f"      no test: {' '.join(untested)}")
        early, _, rest = later[face]
        print(f"      to come: {len(rest)} more" + (f"; already there: {' '.join(early)}" if early else ""))
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
