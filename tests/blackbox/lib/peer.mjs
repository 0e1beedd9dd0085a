// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// Speaks the peer protocol (src/swarm/README.md) in the name of a member whose keys lie in a data folder.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';

const kinds = { hello: 1, push: 2, want: 4, chunk: 5, ack: 7 };

export function pairOf(data, member) {
  const read = (name) => readFileSync(join(data, `member-${member}`, 'keys', name));
  return { key: read('peer.key.pem'), cert: read('peer.cert.pem') };
}

export function framed(bytes) {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(bytes.length);
  return Buffer.concat([out, bytes]);
}

export function hello(name = 'somebody') {
  const head = Buffer.from([kinds.hello, 0x4c, 0x53, 0x50, 0x58, 0, 1, 0, name.length]);
  return framed(Buffer.concat([head, Buffer.from(name)]));
}

export class Peer {
  // Connected to that port, with hello said and heard.
  static async open(port, pair) {
    const peer = new Peer();
    peer.frames = [];
    peer.wake = () => {};
    peer.socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...pair });
    let bytes = Buffer.alloc(0);
    peer.socket.on('data', (more) => {
      bytes = Buffer.concat([bytes, more]);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
        const end = 4 + bytes.readUInt32BE(0);
        peer.frames.push(bytes.subarray(4, end));
        bytes = bytes.subarray(end);
      }
      peer.wake();
    });
    peer.socket.on('error', () => {});
    peer.socket.on('close', () => { peer.closed = true; peer.wake(); });
    peer.socket.write(hello());
    await peer.next(kinds.hello);
    return peer;
  }
  // The next frame of that kind; others are passed over.
  async next(kind) {
    for (;;) {
      while (this.frames.length) {
        const frame = this.frames.shift();
        if (frame[0] === kind) return frame;
      }
      if (this.closed) throw new Error('the member has closed the peer link');
      await new Promise((ok) => { this.wake = ok; });
    }
  }
  async pull(hash) {
    this.socket.write(framed(Buffer.concat([Buffer.from([kinds.want]), Buffer.from(hash, 'hex'), Buffer.alloc(4)])));
    let document = Buffer.alloc(0);
    for (;;) {
      const chunk = await this.next(kinds.chunk);
      document = Buffer.concat([document, chunk.subarray(41)]);
      if (document.length >= chunk.readUInt32BE(33)) return document;
    }
  }
  async push(hash, document) {
    this.socket.write(framed(Buffer.concat([Buffer.from([kinds.push]), Buffer.from(hash, 'hex'), document])));
    await this.next(kinds.ack);
  }
  close() { this.socket.destroy(); }
}
