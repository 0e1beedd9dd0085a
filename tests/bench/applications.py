# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""Rows of what applications are told: webhooks, and many open subscriptions."""

import memory
from programs import load


def webhooks(bench):
    stored = bench.scaled(30_000)
    with bench.network("0", "webhooks") as network:
        before = network.confirmed()
        load(network, "store", "--count", stored, "--workers", 200)
        network.settle(before + stored)
        one = load(network, "webhooks", "--count", stored, "--readahead", 50)
        many = load(network, "webhooks", "--count", stored, "--readahead", 50, "--fastack")
    t = bench.table
    t.at_least("webhook to a local receiver, one call after the other", one["per_s"], "/s", 3000)
    t.at_least("  calls in parallel (fastack)", many["per_s"], "/s", 3000)
    t.at_most("  not asked for, or twice", one["strange"] + many["strange"], "calls", 0)


def dead_webhook(bench):
    with bench.network("1s", "dead-webhook") as network:
        words = ("--subscriptions", 100, "--rate", 10, "--seconds", 8 if not bench.quick else 2, "--rounds", 3)
        found = load(network, "dead-webhook", *words)
    t = bench.table
    well = found["well_ms"]["p99"]
    bound = max(5, 0.1 * well)
    t.fact("100 webhooks, 10 events a second each, event to call, 99 %", well, "ms")
    for how in ("refusing", "silent"):
        more = found[f"{how}_ms"]["p99"] - well
        t.at_most(f"  99 % of the others while one is {how}, more than that", more, "ms", bound)
    t.at_most("  missing or twice", abs(found["calls"] - found["wanted"]), "calls", 0)


def subscriptions(bench):
    seconds = 60 if not bench.quick else 10
    with bench.network("1s", "subscriptions") as network, memory.Watch(network, 0.1) as watch:
        cpu = network.cpu_seconds()
        found = load(network, "subscriptions", "--subscriptions", 1000, "--rate", 100, "--seconds", seconds)
        cpu = network.cpu_seconds() - cpu
    t = bench.table
    wrong = found["lost"] + found["twice"] + found["strange"]
    t.at_most("1,000 open subscriptions, 1 % of 100 messages a second each: not as asked", wrong, "deliveries", 0)
    t.at_most("  block to delivery, 99 %", found["beyond_block_ms"]["p99"], "ms", 250)
    t.at_most("  memory of both members, at most", watch.most(), "MB", 256)
    t.fact("  block to delivery, median", found["beyond_block_ms"]["p50"], "ms")
    t.fact("  POST to delivery, 99 %", found["from_post_ms"]["p99"], "ms")
    t.fact("  processor time of all but the load", 1000 * cpu / max(1, found["deliveries"]), "ms/delivery")
