# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""The black-box tests: scripts that know the binary only by its interfaces."""

from . import steps

SCRIPT = steps.ROOT / "tests" / "blackbox" / "run.sh"


def run(log=None, beat=None):
    """The script finds the binary in LOCKSTEP, and ends with a line "N passed, M failed"."""
    return steps.run(
        ["bash", SCRIPT], log=log, beat=beat, timeout=1200, env={"LOCKSTEP": str(steps.release_binary())}
    )
