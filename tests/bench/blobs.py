# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
"""The client side of the blob rows: bytes that cost nothing to make, over plain sockets."""

import hashlib
import http.client
import json
import time
import urllib.parse

PIECE = bytes(range(256)) * 4096  # 1 MiB
HEAD = b'--bench\r\nContent-Disposition: form-data; name="file"; filename="bench.bin"\r\n\r\n'
TAIL = b"\r\n--bench--\r\n"


def digest(mib):
    found = hashlib.sha256()
    for _ in range(mib):
        found.update(PIECE)
    return found.hexdigest()


def connect(url):
    return http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=600)


def upload(url, mib, mark=b""):
    """Seconds, and the data that was stored. `mark` makes it another blob."""
    first = mark + PIECE[len(mark) :]
    connection = connect(url)
    began = time.monotonic()
    connection.putrequest("POST", "/api/v1/data")
    connection.putheader("Content-Type", "multipart/form-data; boundary=bench")
    connection.putheader("Content-Length", str(len(HEAD) + mib * len(PIECE) + len(TAIL)))
    connection.endheaders(HEAD)
    connection.send(first)
    for _ in range(mib - 1):
        connection.send(PIECE)
    connection.send(TAIL)
    answer = connection.getresponse()
    data = json.loads(answer.read())
    assert answer.status == 201, data
    return time.monotonic() - began, data


def send_private(url, to, data):
    body = {"header": {"topics": ["bench"]}, "group": {"members": [{"identity": to}]}, "data": [{"id": data["id"]}]}
    connection = connect(url)
    connection.request("POST", "/api/v1/messages/private", json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    message = json.loads(answer.read())
    assert answer.status == 202, message
    return message["header"]["id"]


def wait_confirmed(url, message):
    connection = connect(url)
    while True:
        connection.request("GET", f"/api/v1/messages/{message}")
        answer = connection.getresponse()
        body = json.loads(answer.read())
        if answer.status == 200 and body["state"] == "confirmed":
            return
        time.sleep(0.002)


def download(url, data):
    """Seconds, and bytes."""
    connection = connect(url)
    room = bytearray(1 << 20)
    began = time.monotonic()
    connection.request("GET", f"/api/v1/data/{data['id']}/blob")
    answer = connection.getresponse()
    assert answer.status == 200
    count = 0
    while got := answer.readinto(room):
        count += got
    return time.monotonic() - began, count
