# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""Rows of messages that are said and told: broadcasts, private ones with and without the ledger, requests."""

import memory
import surroundings
from programs import load


def sustained(bench, kind, what, per_s, workers):
    """A crowd for a minute, each of whom waits until his message is confirmed at both. What the load found, and its
    processor time in ms a message."""
    seconds = 60 if not bench.quick else 10
    with bench.network("1s", f"sustained-{kind}") as network, memory.Watch(network) as watch:
        cpu = network.cpu_seconds()
        found = load(network, "confirm", "--kind", kind, "--workers", workers, "--seconds", seconds, "--warmup", 5)
        cpu = network.cpu_seconds() - cpu
    t = bench.table
    t.at_least(what, found["per_s"], "/s", per_s)
    t.at_most("  lost or rejected", found["lost"] + found["rejected"], "messages", 0)
    return found, 1000 * cpu / max(1, found["confirmed"]), watch.growth()


def broadcast(bench):
    what = "broadcast confirmed at both, 4,000 in flight, blocks of 1 s"
    found, cpu, growth = sustained(bench, "broadcast", what, 2000, 4000)
    t = bench.table
    t.at_most("  processor time of all but the load", cpu, "ms/message", 0.4)
    t.at_most("  memory at the end beside that after 20 s", growth, "times", 1.1)
    t.fact("  confirmed at both, median", found["both_confirmed_ms"]["p50"], "ms")


def private(bench):
    what = "private pinned confirmed at both, 4,000 in flight, blocks of 1 s"
    found, cpu, growth = sustained(bench, "private", what, 1500, 4000)
    t = bench.table
    t.at_most("  memory at the end beside that after 20 s", growth, "times", 1.1)
    t.fact("  processor time of all but the load", cpu, "ms/message")
    t.fact("  confirmed at both, median", found["both_confirmed_ms"]["p50"], "ms")


def unpinned(bench):
    found, cpu, growth = sustained(bench, "unpinned", "private unpinned confirmed at both, 1,000 in flight", 3000, 1000)
    t = bench.table
    t.fact("  memory at the end beside that after 20 s", growth, "times")
    t.fact("  processor time of all but the load", cpu, "ms/message")
    t.fact("  confirmed at both, median", found["both_confirmed_ms"]["p50"], "ms")


def latency(bench):
    samples = bench.scaled(200, 20)
    with bench.network("1s", "latency-1s") as network:
        slow = load(network, "latency", "--samples", samples // 2)
    stolen = surroundings.Stolen()
    sync, slow_sync = surroundings.sync_milliseconds(bench.folder)
    with bench.network("0", "latency-0") as network:
        fast = load(network, "latency", "--samples", samples)
    t = bench.table
    t.fact("one sync of 16 KiB now and then, this disk, median", sync, "ms")
    t.fact("  99 %", slow_sync, "ms")
    t.fact("  processor time that the host gave to others, then and below", stolen.percent(), "%")
    t.at_most("one user, blocks of 1 s, POST to confirmed at both, median", slow["both_ms"]["p50"], "ms", 600)
    t.at_most("  longest", slow["both_ms"]["max"], "ms", 1300)
    t.at_most("one user, a block at once, POST to event at the other, median", fast["at_other_ms"]["p50"], "ms", 15)
    t.at_most("  99 %", fast["at_other_ms"]["p99"], "ms", 60)
    t.at_most("POST accepted (202, durable), median", fast["accepted_ms"]["p50"], "ms", 2)
    t.at_most("  99 %", fast["accepted_ms"]["p99"], "ms", 8)


def one(bench):
    """One user and the other member, without the ledger between them."""
    samples = bench.scaled(110, 20)
    sync, slow_sync = surroundings.sync_milliseconds(bench.folder)
    stolen = surroundings.Stolen()
    with bench.network("1s", "one") as network:
        found = load(network, "latency", "--kind", "unpinned", "--samples", samples)
    t = bench.table
    t.fact("one sync of 16 KiB now and then, this disk, median", sync, "ms")
    t.fact("  99 %", slow_sync, "ms")
    t.fact("  processor time that the host gave to others, below", stolen.percent(), "%")
    t.at_most("one user, unpinned private, POST to event at the other, median", found["at_other_ms"]["p50"], "ms", 10)
    t.at_most("  99 %", found["at_other_ms"]["p99"], "ms", 40)


def requests(bench):
    with bench.network("1s", "requests") as network:
        found = load(network, "ask", "--samples", bench.scaled(100, 20))
    t = bench.table
    t.at_most("request and reply through both, unpinned, one user, median", found["reply_ms"]["p50"], "ms", 25)
    t.fact("  99 %", found["reply_ms"]["p99"], "ms")
