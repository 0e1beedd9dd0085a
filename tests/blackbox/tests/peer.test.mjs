// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// The link between two members, each of which is reached through a proxy that cuts, garbles and stalls.
import assert from 'node:assert/strict';
import { rmSync, mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { Network, freePorts, until } from '../lib/network.mjs';
import { orders } from '../lib/orders.mjs';
import { framed, hello, pairOf } from '../lib/peer.mjs';
import { proxyOf } from '../lib/proxy.mjs';

const members = [0, 1];
const topics = ['p0', 'p1', 'p2'];
const pause = (ms) => new Promise((ok) => setTimeout(ok, ms));
const data = mkdtempSync(join(tmpdir(), 'lockstep-'));
const net = new Network({ data, interval: '100ms', args: ['--processes'] });
const proxies = [];
let first; // process ids

before(async () => {
  const port = await freePorts(4);
  for (const member of members) {
    proxies.push(await proxyOf(data, member, port + member, port + 2 + member).open());
  }
  await net.start();
  first = [...net.pids];
});
after(async () => {
  await net.close();
  for (const proxy of proxies) await proxy.close();
  rmSync(data, { recursive: true, force: true });
});

const peer = async (member) => (await net.get('/status/stages', { member })).body.peers[0];
const connected = () => until(async () => (await peer(0)).connected && (await peer(1)).connected, 'both links to be up', 40);
const alive = () => {
  assert.equal(net.child.exitCode, null);
  assert.deepEqual(net.pids, first, 'no member was started again');
};
const accepted = []; // ids, over the whole file

// Broadcasts at both members until told to stop: mostly small ones, some that fill many records.
class Load {
  constructor() {
    this.running = true;
    this.ids = [];
    this.jobs = members.map((member) => this.send(member));
  }
  async send(member) {
    for (let i = 0; this.running; i++) {
      const value = { i, text: 'x'.repeat(i % 5 === 4 ? 60_000 : 300) };
      const sent = await net.broadcast({ header: { topics: [topics[i % topics.length]], tag: 'peer' }, data: [{ value }] }, { member });
      this.ids.push(sent.header.id);
      await pause(25);
    }
  }
  async stop() {
    this.running = false;
    await Promise.all(this.jobs);
    accepted.push(...this.ids);
    return this.ids;
  }
}

// Every message that was ever accepted here is confirmed at both members, once, in one order, with one hash.
async function settled(ids) {
  assert.ok(ids.length >= 20, `${ids.length} messages are no load`);
  const confirmed = async (member) => (await net.get('messages?tag=peer&state=confirmed&limit=1&count', { member })).body.total;
  for (const member of members) await until(async () => (await confirmed(member)) >= accepted.length, `${accepted.length} messages to be confirmed at member ${member}`, 60);
  const [a, b] = [await orders(net, 0, topics), await orders(net, 1, topics)];
  assert.deepEqual(a, b, 'one order');
  assert.deepEqual(Object.values(a).flat().sort(), [...accepted].sort(), 'each of them once, and no other');
  for (const id of ids.slice(-5)) {
    const [x, y] = await Promise.all(members.map(async (member) => (await net.get(`messages/${id}?fetchdata`, { member })).body));
    assert.equal(x.hash, y.hash);
    assert.deepEqual(x.data, y.data);
  }
  alive();
}

test('payloads travel over the peer link alone, and arrive when it is back', { timeout: 60_000 }, async () => {
  await connected();
  for (const proxy of proxies) await proxy.close();
  const sent = await net.broadcast({ header: { topics: ['alone'] }, data: [{ value: 'over the link' }] });
  await net.settled(sent.header.id);
  await until(async () => (await net.get('/status/stages', { member: 1 })).body.payloadsWanted === 1, 'member 1 to want the payload');
  assert.equal((await net.get(`messages/${sent.header.id}`, { member: 1 })).status, 404);
  for (const proxy of proxies) await proxy.open();
  await net.settled(sent.header.id, { member: 1, seconds: 30 });
});

for (const kind of ['cut', 'garble']) {
  const what = { cut: 'a link that is cut in the middle of frames', garble: 'a link that garbles bytes' }[kind];
  test(`${what} loses and doubles nothing`, { timeout: 180_000 }, async () => {
    await connected();
    const load = new Load();
    for (let round = 0; round < 6; round++) {
      const proxy = proxies[round % 2];
      const before = proxy.connections;
      // To a member go documents; back come short answers.
      const [direction, longer] = round % 3 === 2 ? ['out', 40] : ['in', round % 4 < 2 ? 200 : 8_000];
      await Promise.race([proxy.strike(kind, direction, longer), pause(20_000).then(() => { throw new Error(`round ${round}: nothing passed that could be hit`); })]);
      await until(() => proxy.connections > before, `round ${round}: a new connection`, 30);
    }
    await settled(await load.stop());
  });
}

test('a link that stalls for a while goes on where it was', { timeout: 120_000 }, async () => {
  await connected();
  const load = new Load();
  for (let round = 0; round < 4; round++) {
    await pause(300);
    const proxy = proxies[round % 2];
    proxy.stall();
    await pause(1500);
    proxy.go();
  }
  await settled(await load.stop());
});

test('a link on which nothing moves any more is given up and made anew', { timeout: 120_000 }, async () => {
  await connected();
  const load = new Load();
  await pause(300);
  const before = proxies.map((proxy) => proxy.connections);
  for (const proxy of proxies) proxy.stall();
  await pause(500);
  await load.stop();
  for (const member of members) await until(() => proxies[member].connections > before[member], `a new connection to member ${member}`, 60);
  await settled(load.ids);
});

// What a stranger at the peer port of member 0 gets: the frames that were answered until it was thrown out.
function knock(options) {
  return new Promise((ok) => {
    const socket = tls.connect({ port: proxies[0].target, host: '127.0.0.1', rejectUnauthorized: false, ...options });
    const answer = [];
    const late = setTimeout(() => { socket.destroy(); ok({ closed: false, answer: Buffer.concat(answer) }); }, 8000);
    socket.on('secureConnect', () => socket.write(hello()));
    socket.on('data', (bytes) => answer.push(bytes));
    socket.on('error', () => {});
    socket.on('close', () => { clearTimeout(late); ok({ closed: true, answer: Buffer.concat(answer) }); });
  });
}
test('who knocks with a certificate of nobody here, or with none, is refused', { timeout: 120_000 }, async () => {
  const foreign = new Network({ members: 2, interval: '100ms' });
  await foreign.start();
  await foreign.stop();
  const strangers = [
    ['with no certificate', {}],
    ['with a self-signed certificate of another network, in the name of node_1', pairOf(foreign.data, 1)],
    ['with the certificate of the member itself', pairOf(data, 0)],
    ['with an older TLS', { ...pairOf(data, 1), maxVersion: 'TLSv1.2' }],
  ];
  await connected();
  const load = new Load();
  for (let round = 0; round < 5; round++) {
    for (const [how, options] of strangers) {
      const { closed, answer } = await knock(options);
      assert.ok(closed, `${how}: the connection was left open`);
      assert.equal(answer.length, 0, `${how}: it was answered`);
    }
  }
  // Bytes that are no TLS, and a crowd that says nothing.
  const rude = await new Promise((ok) => {
    const socket = connect(proxies[0].target, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
    socket.on('error', () => {});
    socket.on('data', () => {});
    socket.on('close', () => ok(true));
    setTimeout(() => { ok(false); socket.destroy(); }, 8000).unref();
  });
  assert.ok(rude, 'a request in clear was left open');
  const silent = Array.from({ length: 30 }, () => connect(proxies[0].target, '127.0.0.1').on('error', () => {}));
  await pause(300);
  assert.ok((await peer(0)).connected && (await peer(1)).connected, 'strangers do not disturb the link');
  await settled(await load.stop());
  for (const socket of silent) socket.destroy();
  await foreign.close();

  // And the peer itself, knocking in the same way, is answered: the refusals were about the certificates.
  const { answer } = await knock(pairOf(data, 1));
  assert.equal(answer.subarray(4, 9).toString('hex'), '014c535058', 'a hello');
});

test('rubbish from a peer with its true certificate ends that connection alone', { timeout: 120_000 }, async () => {
  await connected();
  const load = new Load();
  const rubbish = [
    Buffer.from('ffffffff00', 'hex'), // a frame of 4 GiB
    framed(Buffer.alloc(0)),
    framed(Buffer.from([99, 1, 2, 3])),
    framed(Buffer.from([2, 1, 2, 3])), // a push that is too short for its hash
    framed(Buffer.concat([Buffer.from([2]), Buffer.alloc(32, 7), Buffer.from('not what the hash says')])),
    framed(Buffer.concat([Buffer.from([3]), Buffer.alloc(32, 7), Buffer.from('ffffffff', 'hex')])), // an offer of 4 GiB
    framed(Buffer.concat([Buffer.from([4]), Buffer.alloc(32, 7), Buffer.from('ffffffff', 'hex')])), // a want from beyond
  ];
  for (const bytes of rubbish) {
    await new Promise((ok) => {
      const socket = tls.connect({ port: proxies[0].target, host: '127.0.0.1', rejectUnauthorized: false, ...pairOf(data, 1) });
      socket.on('secureConnect', () => { socket.write(hello()); socket.write(bytes); });
      socket.on('data', () => {});
      socket.on('error', () => {});
      socket.on('close', ok);
      setTimeout(() => socket.destroy(), 400).unref();
    });
  }
  await connected();
  await pause(500);
  await settled(await load.stop());
});

test('somebody in the middle with a certificate of his own gets nothing', { timeout: 120_000 }, async () => {
  await connected();
  const foreign = new Network({ members: 1, interval: '100ms' });
  await foreign.start();
  await foreign.stop();
  const heard = [];
  let tries = 0;
  await proxies[1].close();
  const middle = tls.createServer({ ...pairOf(foreign.data, 0), requestCert: true, rejectUnauthorized: false }, (socket) => {
    tries++;
    socket.on('data', (bytes) => heard.push(bytes));
    socket.on('error', () => {});
  });
  middle.on('tlsClientError', () => { tries++; });
  await new Promise((ok) => middle.listen(proxies[1].port, '127.0.0.1', ok));
  const load = new Load();
  await until(() => tries >= 3, 'member 0 to try', 30);
  assert.equal((await peer(0)).connected, false);
  assert.match((await peer(0)).lastError, /certificate/);
  await new Promise((ok) => middle.close(ok));
  assert.equal(Buffer.concat(heard).length, 0, 'not a byte for him');
  await proxies[1].open();
  await settled(await load.stop());
  await foreign.close();
});
