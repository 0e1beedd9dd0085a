// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// A TCP proxy on the way to a member's peer port. It sees TLS records: a type, a version, a length, so many
// bytes. A fault is armed and strikes the next record of application data that is long enough, in the
// direction that was asked for: 'in' is to the member, 'out' is from it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { join } from 'node:path';

const header = 5;
const applicationData = 23;

class Pipe {
  constructor(proxy, direction, from, to, pair) {
    Object.assign(this, { proxy, direction, from, to, pair, left: 0, head: Buffer.alloc(0) });
    from.on('data', (bytes) => this.push(bytes));
    from.on('error', () => {});
    from.on('close', () => to.destroy());
  }
  forward(bytes) {
    this.proxy.bytes[this.direction] += bytes.length;
    if (!this.to.destroyed && !this.to.write(bytes)) {
      this.from.pause();
      this.to.once('drain', () => { if (!this.pair.stalled) this.from.resume(); });
    }
  }
  push(bytes) {
    while (bytes.length > 0) {
      if (this.left > 0) {
        const part = bytes.subarray(0, this.left);
        bytes = bytes.subarray(part.length);
        this.left -= part.length;
        if (this.strike(part)) return;
        continue;
      }
      const need = header - this.head.length;
      this.head = Buffer.concat([this.head, bytes.subarray(0, need)]);
      bytes = bytes.subarray(need);
      if (this.head.length < header) return;
      this.left = this.head.readUInt16BE(3);
      this.inside = this.head[0] === applicationData ? this.left : 0;
      this.forward(this.head);
      this.head = Buffer.alloc(0);
    }
  }
  // A part of a record goes through, or the armed fault takes it. True when the connection is over.
  strike(part) {
    const fault = this.proxy.armed;
    const hit = fault && fault.direction === this.direction && this.inside >= fault.longer;
    if (!hit) {
      this.forward(part);
      return false;
    }
    this.proxy.armed = undefined;
    if (fault.kind === 'garble') {
      const bad = Buffer.from(part);
      bad[bad.length >> 1] ^= 0x40;
      this.forward(bad);
      fault.done();
      return false;
    }
    this.forward(part.subarray(0, part.length >> 1));
    // What was forwarded should arrive, so that the cut is in the middle and not before.
    setTimeout(() => { this.pair.destroy(); fault.done(); }, 20);
    this.from.pause();
    return true;
  }
}

export class Proxy {
  constructor(port, target) {
    Object.assign(this, { port, target, bytes: { in: 0, out: 0 }, pairs: new Set(), connections: 0 });
  }
  async open() {
    this.server = createServer((client) => this.accept(client));
    await new Promise((ok, no) => { this.server.once('error', no); this.server.listen(this.port, '127.0.0.1', ok); });
    return this;
  }
  accept(client) {
    this.connections++;
    const member = connect(this.target, '127.0.0.1');
    const pair = { client, member, stalled: false, destroy() { client.destroy(); member.destroy(); } };
    this.pairs.add(pair);
    client.once('close', () => this.pairs.delete(pair));
    new Pipe(this, 'in', client, member, pair);
    new Pipe(this, 'out', member, client, pair);
    client.setNoDelay(true);
    member.setNoDelay(true);
  }
  // Arms a fault: 'cut' or 'garble' inside the next record of at least `longer` bytes. Resolves once it struck.
  strike(kind, direction, longer = 200) {
    return new Promise((done) => { this.armed = { kind, direction, longer, done }; });
  }
  // The connections that are open stay open, and nothing moves on them until go().
  stall() {
    for (const pair of this.pairs) { pair.stalled = true; pair.client.pause(); pair.member.pause(); }
  }
  go() {
    for (const pair of this.pairs) { pair.stalled = false; pair.client.resume(); pair.member.resume(); }
  }
  // Ends what is open and refuses what is new.
  async close() {
    for (const pair of this.pairs) pair.destroy();
    if (this.server) await new Promise((ok) => this.server.close(ok));
    this.server = undefined;
  }
}

// For a member that has not been started yet: the others will find it at `port`, and it will listen at `target`.
export function proxyOf(data, member, port, target) {
  const folder = join(data, `member-${member}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'peer.endpoint'), `127.0.0.1:${port}\n`);
  writeFileSync(join(folder, 'peer.listen'), `127.0.0.1:${target}\n`);
  return new Proxy(port, target);
}
