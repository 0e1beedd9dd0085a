# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""What the machine does to whoever waits for it: figures in milliseconds mean little without it."""

import os
import random
import time


def percentile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))]


def sync_milliseconds(folder, rounds=200, piece=16 << 10, pause=0.03):
    """(median, 99 %) of writing over old bytes and syncing them, now and then, as one user's commits come."""
    path = os.path.join(folder, "syncs")
    taken = []
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        for _ in range(rounds):
            os.write(file, bytes(piece))
        os.fsync(file)
        fresh = os.urandom(piece)
        for round_ in range(rounds):
            time.sleep(2 * pause * random.random())
            begin = time.perf_counter()
            os.pwrite(file, fresh, round_ * piece)
            os.fdatasync(file)
            taken.append(1000 * (time.perf_counter() - begin))
    finally:
        os.close(file)
        os.unlink(path)
    taken.sort()
    return percentile(taken, 0.5), percentile(taken, 0.99)


class Stolen:
    """Of the processor time that was wanted since it was made, the part that the host gave to others."""

    def __init__(self):
        self.begin = self.now()

    @staticmethod
    def now():
        with open("/proc/stat") as file:
            user, nice, system, _idle, _wait, irq, soft, steal = map(int, file.readline().split()[1:9])
        return user + nice + system + irq + soft, steal

    def percent(self):
        used, steal = (after - before for after, before in zip(self.now(), self.begin))
        return 100 * steal / max(1, used + steal)
