# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""./dev bench [ROW...] [--quick] [--folder FOLDER] [--json FILE]

Measures the release build and prints a table, with what the machine's disk and bare SQLite do in the same
run, and the same as JSON (build/bench.json). Rows: log broadcast latency private unpinned one requests
webhooks dead-webhook subscriptions replay rest start memory blobs hostile; all when none is named. --quick takes a
tenth of the time and of the messages: good for a look, not for a claim. Databases are made in FOLDER
(build/) and removed.

"flat" means: resident memory at the end of a minute is at most 1.1 times that after 20 seconds.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import sys
import tempfile
import time

import applications
import blobs
import hostile
import memory
import messages
from network import Network
from programs import LOCKSTEP, call, load


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, measured, unit, target, reached, note=""):
        self.rows.append({"what": what, "measured": measured, "unit": unit, "target": target, "reached": reached})
        mark = {True: "reached", False: "MISSED", None: ""}[reached]
        print(f"  {what:62} {measured:>12} {unit:12} {target:22} {mark}", flush=True)

    def at_least(self, what, value, unit, bound, text=None):
        self.add(what, shown(value), unit, text or f"at least {shown(bound)}", value >= bound)

    def at_most(self, what, value, unit, bound):
        self.add(what, shown(value), unit, f"at most {shown(bound)}", value <= bound)

    def fact(self, what, value, unit):
        self.add(what, shown(value), unit, "", None)


def shown(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


class Bench:
    def __init__(self, options):
        self.quick = options.quick
        self.folder = tempfile.mkdtemp(prefix="bench-", dir=options.folder)
        self.table = Table()

    def network(self, block_interval, name=None):
        data = os.path.join(self.folder, name or f"data-{block_interval}")
        os.makedirs(data, exist_ok=True)
        return Network(LOCKSTEP, data, block_interval)

    def scaled(self, number, least=1):
        return max(least, number // 10) if self.quick else number

    # ---- rows ----

    def log(self):
        found = call("log_bench", self.folder)
        sync, bare = found["fdatasync_per_s"], found["bare_sqlite_per_s"]
        t = self.table
        t.fact("4 KiB appends with fdatasync, this disk", sync, "/s")
        t.fact("bare SQLite, the same rows, 1,000 a transaction", bare, "/s")
        t.at_least("log, durable append, one at a time", found["append_one_per_s"], "/s", 0.6 * sync)
        t.at_least("log, durable append, 64 writers", found["append_64_per_s"], "/s", 25_000)
        t.at_least("log, durable append, batches of 1,000", found["append_1000_per_s"], "/s", 0.75 * bare)

    def stored(self, network, messages):
        have = network.confirmed()
        if have < messages:
            load(network, "store", "--count", messages - have, "--workers", 200)
            network.settle(messages)

    def replay(self):
        found = call("replay_bench", self.folder, self.scaled(500_000))
        t = self.table
        t.at_least("replay in process: reader, filter, window", found["first_per_s"], "/s", 500_000)
        with self.network("0", "stored") as network:
            self.stored(network, self.scaled(100_000))
            batches = load(network, "replay", "--batch")
            single = load(network, "replay")
            load(network, "replay", "--batch")
            self.after_replays = network.resident_mb()
        t.at_least("replay over WebSocket, batches of 50", batches["per_s"], "/s", 50_000)
        t.at_least("replay over WebSocket, one by one, readAhead 50", single["per_s"], "/s", 15_000)
        t.at_most("  out of order", batches["out_of_order"] + single["out_of_order"], "events", 0)
        t.at_most("memory after 100,000 messages and three replays", self.after_replays, "MB", 128)

    def rest(self):
        seconds = 10 if not self.quick else 3
        with self.network("0", "stored") as network:
            self.stored(network, self.scaled(100_000))
            one = load(network, "get", "--workers", 50, "--seconds", seconds, "--warmup", 1)
            path = "/api/v1/namespaces/default/messages?limit=25"
            many = load(network, "get", "--workers", 50, "--seconds", seconds, "--warmup", 1, "--path", path)
        t = self.table
        t.at_least("GET messages/{id}, 50 connections", one["per_s"], "/s", 15_000)
        t.at_least("GET messages?limit=25, 50 connections", many["per_s"], "/s", 4_000)
        t.at_most("  refused", one["bad"] + many["bad"], "answers", 0)

    def memory(self):
        with self.network("1s", "idle") as network:
            time.sleep(3)
            self.table.at_most("memory of two idle members", network.resident_mb(), "MB", 64)

    def blobs(self):
        t = self.table
        mib = 48
        megabytes = mib * 1.048576
        up, there, down = [], [], []
        with self.network("0", "blobs") as network:
            blobs.upload(network.urls[0], 1)
            for i in range(self.scaled(10, 3)):
                seconds, data = blobs.upload(network.urls[0], mib, b"%08d" % i)
                up.append(seconds)
                began = time.monotonic()
                message = blobs.send_private(network.urls[0], "org_1", data)
                for url in network.urls:
                    blobs.wait_confirmed(url, message)
                there.append(time.monotonic() - began)
                down.append(blobs.download(network.urls[1], data)[0])
        t.at_least("blob of 50 MB: upload, median", megabytes / statistics.median(up), "MB/s", 300)
        t.at_least("  private message with it confirmed at both", megabytes / statistics.median(there), "MB/s", 150)
        t.at_least("  download at the other", megabytes / statistics.median(down), "MB/s", 600)
        mib = self.scaled(1024)
        with self.network("0", "big-blob") as network:
            time.sleep(1)
            idle = network.resident_mb()
            with memory.Watch(network, 0.02) as watch:
                _, data = blobs.upload(network.urls[0], mib)
                message = blobs.send_private(network.urls[0], "org_1", data)
                for url in network.urls:
                    blobs.wait_confirmed(url, message)
                _, count = blobs.download(network.urls[1], data)
            assert count == mib << 20 and data["blob"]["hash"] == blobs.digest(mib)
        t.at_most(f"private blob of {mib} MiB: memory of both members above idle", watch.most() - idle, "MB", 64)

    def start(self):
        t = self.table
        with self.network("1s", "fresh") as network:
            t.at_most("start to ready, two members registered, fresh", network.start_seconds, "s", 1)
        stored = self.scaled(1_000_000)
        with self.network("0", "stored") as network:
            self.stored(network, stored)
        with self.network("0", "stored") as network:
            t.at_most(f"start to ready with {stored:,} messages stored", network.start_seconds, "s", 2)


ROWS = {
    "log": Bench.log,
    "broadcast": messages.broadcast,
    "latency": messages.latency,
    "private": messages.private,
    "unpinned": messages.unpinned,
    "one": messages.one,
    "requests": messages.requests,
    "webhooks": applications.webhooks,
    "dead-webhook": applications.dead_webhook,
    "subscriptions": applications.subscriptions,
    "replay": Bench.replay,
    "rest": Bench.rest,
    "start": Bench.start,
    "memory": Bench.memory,
    "blobs": Bench.blobs,
    "hostile": hostile.run,
}


def machine():
    with open("/proc/cpuinfo") as info:
        model = re.search(r"model name\s*: (.*)", info.read())
    return f"{os.cpu_count()} × {model[1] if model else platform.machine()}, Linux {platform.release()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", choices=[*ROWS, []])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--folder", default="build")
    parser.add_argument("--json", default="build/bench.json")
    options = parser.parse_args()
    bench = Bench(options)
    print(machine(), flush=True)
    try:
        for row in options.rows or ROWS:
            ROWS[row](bench)
    finally:
        shutil.rmtree(bench.folder, ignore_errors=True)
    with open(options.json, "w") as out:
        json.dump({"machine": machine(), "quick": options.quick, "rows": bench.table.rows}, out, indent=1)
    missed = sum(row["reached"] is False for row in bench.table.rows)
    print(f"{len(bench.table.rows)} figures, {missed} missed; JSON in {options.json}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
