# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""What others feel of an attack: the same user's requests without it and with it, in turns, in one run.

The attackers live in processes of their own. `python3 hostile.py ATTACK …` is one; it says "ready" when it is under
way, and ends when its standard input does.
"""

import base64
import hashlib
import http.client
import json
import os
import pathlib
import resource
import select
import socket
import ssl
import struct
import subprocess
import sys
import time
import urllib.parse

import memory
from surroundings import percentile

STATUS = "/api/v1/namespaces/default/status"
BROADCAST = "/api/v1/namespaces/default/messages/broadcast"


# ---- the user ----


class User:
    """One connection, one request after the other: milliseconds of each."""

    def __init__(self, url):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, method, path, body, status):
        began = time.perf_counter()
        self.connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = self.connection.getresponse()
        answer.read()
        assert answer.status == status, answer.status
        return 1000 * (time.perf_counter() - began)

    def status(self):
        return self.ask("GET", STATUS, None, 200)

    def post(self):
        return self.ask("POST", BROADCAST, b'{"header":{"topics":["users"]},"data":[{"value":1}]}', 202)


def felt(url, seconds):
    """Sorted milliseconds of GET status and of POST, one of each in turn with a pause."""
    user = User(url)
    gets, posts = [], []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        gets.append(user.status())
        posts.append(user.post())
        time.sleep(0.003)
    return gets, posts


class Compared:
    """Rounds without and with an attack, in turns, so that what the machine does to one it does to the other."""

    def __init__(self, url, rounds, seconds, attack):
        self.without, self.under = ([], []), ([], [])
        for _ in range(rounds):
            self.add(self.without, felt(url, seconds))
            with attack():
                self.add(self.under, felt(url, seconds))

    @staticmethod
    def add(to, found):
        for all_of, some in zip(to, found):
            all_of.extend(some)

    def rows(self, what, table):
        for name, usual, now in zip(("GET status", "POST accepted"), self.without, self.under):
            usual, now = sorted(usual), sorted(now)
            for share, label in ((0.5, "median"), (0.99, "99 %")):
                before, after = percentile(usual, share), percentile(now, share)
                says = f"{what}: others' {name}, {label}; without {before:.3g} ms"
                if label == "99 %":
                    table.at_most(says, after, "ms", max(2 * before, 5.0))
                else:
                    table.fact(says, after, "ms")


# ---- the attackers ----


class Attack:
    """One in a process of its own, for as long as the with lasts."""

    def __init__(self, *words):
        self.words = words

    def __enter__(self):
        command = [sys.executable, __file__, *map(str, self.words)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line == "ready\n", f"the attack {self.words[0]} did not begin: {line}"
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(60)


class Stop:
    """Set when whoever started us lets go."""

    def __init__(self):
        print("ready", flush=True)

    def __bool__(self):
        return bool(select.select([sys.stdin], [], [], 0)[0])

    def wait(self, seconds=None):
        return bool(select.select([sys.stdin], [], [], seconds)[0])


def connect(port):
    made = socket.create_connection(("127.0.0.1", port))
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # gone at once when closed
    return made


def raise_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def idle(port, count):
    raise_limit()
    crowd = [connect(int(port)) for _ in range(int(count))]
    Stop().wait()
    for one in crowd:
        one.close()


def slow_loris(port, count):
    """Headers that come byte by byte; whoever is given up comes again."""
    head = b"GET /api/v1/status HTTP/1.1\r\nhost: x\r\nx-a: "

    def begin():
        made = connect(int(port))
        made.sendall(head)
        made.setblocking(False)
        return made

    raise_limit()
    crowd = [begin() for _ in range(int(count))]
    stop = Stop()
    while not stop.wait(0.5):
        for i, one in enumerate(crowd):
            try:
                one.send(b"a")
            except BlockingIOError:
                pass
            except OSError:
                one.close()
                crowd[i] = begin()


def deaf(port, count):
    """Sockets that subscribe to everything and never read."""
    crowd = []
    for _ in range(int(count)):
        key = base64.b64encode(os.urandom(16)).decode()
        made = connect(int(port))
        path = "/ws?ephemeral&namespace=default&autoack&readahead=50&filter.topic=^large"
        made.sendall(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        crowd.append(made)
    # What they do not read is large.
    user = User(f"http://127.0.0.1:{port}")
    topics = [f"large{i}" for i in range(10)]  # an event each, with a long list of data
    body = json.dumps({"header": {"topics": topics}, "data": [{"value": i} for i in range(200)]})
    stop = Stop()
    while not stop.wait(0.1):
        user.ask("POST", BROADCAST, body, 202)


def flood(port, keys):
    """A peer with its true keys that sends as fast as it is read: documents, damaged ones, questions."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(os.path.join(keys, "peer.cert.pem"), os.path.join(keys, "peer.key.pem"))

    def framed(data):
        return struct.pack(">I", len(data)) + data

    def frames():
        for i in range(10_000_000):
            document = os.urandom(60_000)
            if i % 3 == 0:
                yield framed(b"\2" + hashlib.sha256(document).digest() + document)
            elif i % 3 == 1:
                yield framed(b"\2" + bytes(32) + document)
            else:
                yield b"".join(framed(b"\4" + os.urandom(32) + bytes(4)) for _ in range(20))

    def begin():
        link = context.wrap_socket(socket.create_connection(("127.0.0.1", int(port))))
        link.sendall(framed(b"\1LSPX\0\1\0\4peer"))
        link.setblocking(False)
        return link

    def send(link, data):
        """All of it, reading whatever is answered meanwhile: whoever does not read is not read."""
        while data:
            try:
                data = data[link.send(data) :]
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                select.select([link], [link], [], 1)
            try:
                while link.recv(1 << 16):
                    pass
                raise ConnectionError("the member has closed")
            except ssl.SSLWantReadError:
                pass

    link = begin()
    stop = Stop()
    for frame in frames():
        if stop:
            break
        try:
            send(link, frame)
        except OSError:  # the peer itself has come and taken its place
            link.close()
            link = begin()


# ---- the row ----


def run(bench):
    table = bench.table
    rounds, seconds = (2, 1) if bench.quick else (6, 4)
    with bench.network("200ms", "hostile") as network:
        api = urllib.parse.urlsplit(network.urls[0]).port
        folder = pathlib.Path(network.data)
        peer = (folder / "member-0" / "peer.endpoint").read_text().strip().split(":")[1]
        felt(network.urls[0], 2)
        idle_mb = network.resident_mb()
        attacks = {
            "10,000 idle sockets": ("idle", api, 10_000),
            "slow-loris, 500 sockets": ("slow_loris", api, 500),
            "a peer that floods": ("flood", peer, folder / "member-1" / "keys"),
            "3 sockets that never read": ("deaf", api, 3),
        }
        for what, words in attacks.items():
            with memory.Watch(network, 0.1) as watch:
                Compared(network.urls[0], rounds, seconds, lambda: Attack(*words)).rows(what, table)
            table.at_most("  memory of both members above idle", watch.most() - idle_mb, "MB", 192)


if __name__ == "__main__":
    {"idle": idle, "slow_loris": slow_loris, "deaf": deaf, "flood": flood}[sys.argv[1]](*sys.argv[2:])
