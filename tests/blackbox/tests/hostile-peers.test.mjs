// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// What may come to the port for other members: nothing of it costs the others a message, or this member its memory or
// its descriptors, and the log says what it was.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { Network, until } from '../lib/network.mjs';
import { orders } from '../lib/orders.mjs';
import { Peer, framed, hello, pairOf } from '../lib/peer.mjs';
import { Peak, openFiles } from '../lib/process.mjs';

const data = mkdtempSync(join(tmpdir(), 'lockstep-'));
const config = join(data, 'conf.yaml');
const net = new Network({ data, members: 3, interval: '100ms', level: 'info', args: ['--processes', '--config', config] });
const sent = [];
let port;
let foreign; // keys and certificates of another network, whose nodes have the same names

before(async () => {
  writeFileSync(config, 'peers: {handshakeTimeout: 2s, readTimeout: 1s}\n');
  await net.start();
  port = Number(readFileSync(join(data, 'member-0', 'peer.endpoint'), 'utf8').split(':')[1]);
  foreign = new Network({ members: 2, interval: '100ms' });
  await foreign.start();
  await foreign.stop();
  await traffic(20);
});
after(async () => {
  await net.close();
  await foreign.close();
  rmSync(data, { recursive: true, force: true });
});

const peers = (member) => net.get('/status/stages', { member }).then((res) => res.body.peers, () => []); // it may be starting
const linked = (member, to) => until(async () => (await peers(member)).find((p) => p.id.endsWith(`node_${to}`))?.connected, `member ${member} to be connected with ${to}`, 60);

// The two members that nobody takes for another send to each other, and each message is confirmed at both.
async function traffic(count) {
  for (let i = 0; i < count; i += 2) {
    const ids = await Promise.all([0, 2].map(async (member) => (await net.broadcast({ header: { topics: ['others'] }, data: [{ value: i }] }, { member })).header.id));
    sent.push(...ids);
    await Promise.all([0, 2].flatMap((member) => ids.map((id) => net.settled(id, { member, seconds: 60 }))));
  }
}

// Runs an attack on member 0 while the others go on, and looks at what is left of it.
async function under(t, attack, { says = [], megabytes }) {
  await linked(0, 1);
  await linked(0, 2);
  const pid = net.pids[0];
  const files = openFiles(pid);
  const peak = new Peak(pid);
  net.log = '';
  let over = false;
  const others = (async () => { do { await traffic(4); } while (!over); })();
  try {
    await attack();
    for (const line of [says].flat()) await until(() => line.test(net.log), `the log to say ${line}`, 30);
  } finally {
    over = true;
    await others;
  }
  const more = peak.stop();
  t.diagnostic(`${more.toFixed(1)} MB more memory`);
  assert.ok(more <= megabytes, `${more.toFixed(1)} MB more memory, where ${megabytes} are allowed`);
  await linked(0, 1);
  await linked(1, 0);
  // A few of its own come and go: files of blobs, databases' journals, links that are made anew.
  await until(() => openFiles(pid) <= files + 3, `${files} open files again, not ${openFiles(pid)}`, 60);
  assert.equal(net.pids[0], pid, 'the member is the same process');
}

// A connection in the name of member 1, on which hello was said; closed: resolves when the member ends it.
function knock(options = pairOf(data, 1), first = hello()) {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  const knocked = { socket, answer: Buffer.alloc(0) };
  knocked.closed = new Promise((ok) => socket.once('close', ok));
  knocked.ready = new Promise((ok) => { socket.once('secureConnect', ok); socket.once('close', ok); });
  socket.on('error', () => {});
  socket.on('data', (bytes) => { knocked.answer = Buffer.concat([knocked.answer, bytes]).subarray(-64); });
  if (first) socket.write(first);
  return knocked;
}
// Sends that and waits until the member has had enough.
async function say(bytes, options, first) {
  const { socket, closed, ready } = knock(options, first);
  await ready;
  socket.write(bytes);
  await closed;
}

// Member 1 itself holds still meanwhile: it would come again and again and take its place back.
async function instead(work) {
  process.kill(net.pids[1], 'SIGSTOP');
  try { await work(); } finally { process.kill(net.pids[1], 'SIGCONT'); }
}

test('bytes that are no TLS', { timeout: 180_000 }, (t) => under(t, async () => {
  const one = () => new Promise((ok) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(randomBytes(64 << 10)));
    socket.on('error', () => {});
    socket.on('data', () => {});
    socket.on('close', ok);
  });
  for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 40 }, one));
}, { says: /handshake failed .*error=\S+/, megabytes: 16 }));

test('rubbish under TLS, instead of a hello and after it', { timeout: 180_000 }, (t) => under(t, () => instead(async () => {
  for (let round = 0; round < 3; round++) {
    await say(framed(randomBytes(5000)), undefined, null);
    await say(framed(Buffer.concat([Buffer.from([200 + round]), randomBytes(5000)])));
    await say(randomBytes(5000).fill(255, 0, 1));
  }
}), { says: [/a peer's connection failed .*LS10403/, /a peer breaks the protocol .*code=LS10403 .*type 20\d is not known/, /a peer's connection failed .*LS10402: A frame of \d+ bytes/], megabytes: 16 }));

test('a frame that stops in the middle', { timeout: 180_000 }, (t) => under(t, () => instead(async () => {
  const half = Buffer.concat([framed(Buffer.alloc(900_000, 2)).subarray(0, 500_000)]);
  for (let round = 0; round < 3; round++) await say(half);
}), { says: /a peer's connection failed .*fell silent within a frame/, megabytes: 16 }));

test('a frame that claims to have 4 GiB', { timeout: 180_000 }, (t) => under(t, () => instead(async () => {
  for (let round = 0; round < 3; round++) await say(Buffer.concat([Buffer.from('ffffffff', 'hex'), Buffer.alloc(100_000, 2)]));
}), { says: /a peer's connection failed .*LS10402: A frame of 4294967295 bytes is larger than 1048576/, megabytes: 16 }));

const push = (document) => framed(Buffer.concat([Buffer.from([2]), createHash('sha256').update(document).digest(), document]));
const about = (kind, rest) => framed(Buffer.concat([Buffer.from([kind]), randomBytes(32), Buffer.from(rest, 'hex')]));
// As fast as the member takes them. Resolves with how many answers there were of each kind, a refusal as its reason,
// when there are `wanted`, or when the member has ended the connection.
async function flood(count, make, wanted = 0) {
  const peer = await Peer.open(port, pairOf(data, 1));
  const answers = {};
  let heard = 0;
  const all = (async () => {
    while (heard < wanted) {
      while (!peer.frames.length && !peer.closed) await new Promise((ok) => { peer.wake = ok; });
      if (!peer.frames.length) break;
      const frame = peer.frames.shift();
      const kind = frame[0] === 8 ? frame.readUInt16BE(33) : frame[0];
      answers[kind] = (answers[kind] ?? 0) + 1;
      heard++;
    }
  })();
  const closed = new Promise((ok) => peer.socket.once('close', ok));
  for (let i = 0; i < count && !peer.closed; i++) {
    if (!peer.socket.write(make(i))) await Promise.race([closed, new Promise((ok) => peer.socket.once('drain', ok))]);
  }
  await all;
  if (!wanted) peer.socket.end();
  else peer.close();
  await closed;
  return answers;
}
test('a flood of documents that nobody asked for', { timeout: 300_000 }, (t) => under(t, () => instead(async () => {
  // 72 MB, of which 64 may stay.
  const answers = await flood(1200, () => push(randomBytes(60_000)), 1200);
  assert.equal(answers[7] + answers[10405], 1200, `each is answered: ${JSON.stringify(answers)}`);
  assert.ok(answers[10405] > 50, 'what is too much is refused');
}), { megabytes: 48 }));

test('a flood of documents that are not what they are called, of questions and of offers', { timeout: 300_000 }, (t) => under(t, () => instead(async () => {
  const damaged = randomBytes(1_000_000);
  assert.deepEqual(await flood(200, () => framed(Buffer.concat([Buffer.from([2]), randomBytes(32), damaged])), 200), { 10404: 200 });
  assert.deepEqual(await flood(20_000, () => about(4, '00000000'), 20_000), { 6: 20_000 });
  assert.deepEqual(await flood(5_000, () => about(3, '000f0000'), 5_000), { 10405: 5_000 });
  await flood(50_000, () => about(12, ''));
  await flood(5_000, () => about(9, '000000000000000000100000'));
}), { says: [/a peer breaks the protocol .*LS10403 .*too many parts are asked for at once/], megabytes: 48 }));

test('a certificate of somebody else', { timeout: 180_000 }, (t) => under(t, async () => {
  const theirs = pairOf(foreign.data, 1);
  const chain = { key: theirs.key, cert: `${theirs.cert}${pairOf(data, 1).cert}` };
  for (let round = 0; round < 10; round++) {
    for (const options of [theirs, chain]) {
      const knocked = knock(options);
      await knocked.closed;
      assert.equal(knocked.answer.length, 0, 'no answer to a stranger');
    }
  }
  // Under its true certificate with the name of another it stays what its certificate says.
  const name = readFileSync(join(data, 'member-2', 'peer.endpoint'), 'utf8');
  const { socket, closed } = knock(pairOf(data, 1), hello(name.slice(0, 20)));
  await until(() => /a peer has another name than expected .*peer=\S*node_1/.test(net.log), 'the other name to be noticed');
  socket.destroy();
  await closed;
}, { says: /a stranger is refused .*code=LS10401 .*[0-9a-f]{64}/, megabytes: 16 }));

test('a crowd at the door that says nothing does not keep a member out', { timeout: 300_000 }, (t) => under(t, async () => {
  let leaving = false;
  const sockets = new Set();
  const come = () => {
    if (leaving) return;
    const socket = connect(port, '127.0.0.1');
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => { sockets.delete(socket); setTimeout(come, 100); });
  };
  for (let i = 0; i < 400; i++) come();
  await until(() => /handshake failed .*it gave place to a newer one/.test(net.log), 'the crowd to be noticed');
  const pid = net.pids[1];
  process.kill(pid, 'SIGKILL');
  await until(() => net.pids[1] !== pid, 'member 1 to be started again', 60);
  await linked(1, 0);
  leaving = true;
  for (const socket of sockets) socket.destroy();
}, { says: /handshake failed/, megabytes: 24 }));

test('every message that was accepted meanwhile is confirmed at all three, in one order', { timeout: 120_000 }, async () => {
  assert.ok(sent.length > 40, `${sent.length} messages are no load`);
  for (const member of [0, 1, 2]) for (const id of sent.slice(-4)) await net.settled(id, { member, seconds: 60 });
  const [first, ...rest] = (await Promise.all([0, 1, 2].map((member) => orders(net, member, ['others'])))).map((all) => all.others);
  for (const other of rest) assert.deepEqual(other, first, 'in one order');
  assert.deepEqual([...first].sort(), [...sent].sort(), 'all that was sent, and nothing else');
});
