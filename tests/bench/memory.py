# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""The memory of a network while something lasts."""

import threading


class Watch:
    def __init__(self, network, interval=1.0):
        self.network, self.interval = network, interval
        self.samples, self.done = [], threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    def watch(self):
        while not self.done.wait(self.interval):
            self.samples.append(self.network.resident_mb())

    def most(self):
        return max(self.samples)

    def growth(self):
        """How often what it was after 20 seconds it is at the end."""
        return self.samples[-1] / self.samples[min(20, len(self.samples) // 3)]
