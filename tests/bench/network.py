# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""A `lockstep dev` that is measured: its start, its memory, its processor time."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")


def free_ports(count):
    """So many free ports in a row."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = probe.getsockname()[1]
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue


class Network:
    def __init__(self, binary, data, block_interval, members=2):
        self.binary, self.data, self.interval, self.members = binary, data, block_interval, members
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        port = free_ports(self.members)
        self.urls = [f"http://127.0.0.1:{port + i}" for i in range(self.members)]
        self.log = open(os.path.join(self.data, "..", "bench-lockstep.log"), "ab")
        began = time.monotonic()
        self.process = subprocess.Popen(
            [self.binary, "dev", "--data", self.data, "--api-port", str(port), "--members", str(self.members)]
            + ["--block-interval", self.interval],
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        for line in self.process.stdout:
            if line.startswith("ready"):
                self.start_seconds = time.monotonic() - began
                return
        raise RuntimeError("lockstep dev did not become ready")

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.process = None

    def resident_mb(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def get(self, path, member=0):
        with urllib.request.urlopen(f"{self.urls[member]}/api/v1/namespaces/default/{path}", timeout=60) as answer:
            return json.load(answer)

    def confirmed(self, member=0):
        return self.get("events?limit=1&count&type=message_confirmed", member)["total"]

    def settle(self, wanted):
        """Until so many messages are confirmed at each member, with a word now and then."""
        while True:
            counts = [self.confirmed(i) for i in range(self.members)]
            if min(counts) >= wanted:
                return
            time.sleep(0.5)
