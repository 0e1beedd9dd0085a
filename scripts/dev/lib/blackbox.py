# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""The black-box tests: scripts that know the binary only by its interfaces."""

import subprocess

from . import steps

SCRIPT = steps.ROOT / "tests" / "blackbox" / "run.sh"


# The oldest Node that we promise, as an optional package of tests/blackbox.
OLDEST = "18"


def run(*files, node=None, log=None, beat=None):
    """The script finds the binary in LOCKSTEP, and ends with a line "N passed, M failed". No files: all."""
    env = {"LOCKSTEP": str(steps.release_binary())}
    if node:
        env["LOCKSTEP_NODE"] = str(node)
    return steps.run(["bash", SCRIPT, *files], log=log, beat=beat, timeout=1200, env=env)


def install():
    """What the tests import; the script does it for itself."""
    steps.run(["bash", SCRIPT, "--install"])


def oldest_node():
    """The path of that Node. None where there is no package for this machine, or the tests run on it anyway."""
    usual = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    if usual.startswith(f"v{OLDEST}."):
        return None
    return next((SCRIPT.parent / "node_modules").glob("node-linux-*/bin/node"), None)
