# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""What `./dev bench` has built, and what it prints: one line of JSON each."""

import json
import os
import pathlib
import subprocess

BUILD = pathlib.Path(os.environ.get("LOCKSTEP_BUILD", "build/release"))
LOCKSTEP = os.environ.get("LOCKSTEP", str(BUILD / "lockstep"))


def call(name, *words):
    done = subprocess.run([str(BUILD / name), *map(str, words)], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def load(network, mode, *words):
    return call("lockstep_load", mode, "--a", network.urls[0], "--b", network.urls[-1], *words)
