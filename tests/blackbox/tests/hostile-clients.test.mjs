// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// Clients that take what they can get: sockets that never read, requests that never end, and crowds that say nothing.
// The others are answered meanwhile, and it costs the member little.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Crowd } from '../lib/crowd.mjs';
import { Network, binary, until } from '../lib/network.mjs';
import { Peak, openFiles } from '../lib/process.mjs';
import { Socket } from '../lib/socket.mjs';

const data = mkdtempSync(join(tmpdir(), 'lockstep-'));
const config = join(data, 'conf.yaml');
const net = new Network({ data, members: 2, interval: '100ms', level: 'info', args: ['--processes', '--config', config] });

before(async () => {
  writeFileSync(config, `
http: {readTimeout: 1s, writeTimeout: 1500ms, limits: {bodyTimeout: 1500ms}}
events: {websockets: {writeTimeout: 1s}}
`);
  await net.start();
});
after(async () => {
  await net.close();
  rmSync(data, { recursive: true, force: true });
});

// What another user sees: an answer, and a message that is confirmed at both.
async function othersGoOn() {
  assert.equal((await net.get('status')).status, 200);
  const { header: { id } } = await net.broadcast({ header: { topics: ['others'] }, data: [{ value: 1 }] });
  await net.settled(id);
  await net.settled(id, { member: 1 });
}

test('a socket that never reads is dropped, and another gets every event', { timeout: 180_000 }, async (t) => {
  const pid = net.pids[0];
  const files = openFiles(pid);
  const start = '/ws?ephemeral&namespace=default&autoack&readahead=50&filter.topic=^large';
  const reader = await Socket.open(net.ws(0, start));
  const deaf = connect(net.port, '127.0.0.1', () => deaf.write(`GET ${start} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${randomBytes(16).toString('base64')}\r\n\r\n`));
  deaf.on('error', () => {});
  await new Promise((ok) => deaf.once('readable', ok)); // and nothing is read, ever
  const sockets = async () => (await net.get('/api/v1/websockets')).body.connections.length;
  await until(async () => (await sockets()) === 2, 'both sockets to be known');

  const peak = new Peak(pid);
  // Ten events, each with a long list of data.
  const topics = Array.from({ length: 10 }, (_, i) => `large${i}`);
  const list = Array.from({ length: 200 }, (_, value) => ({ value }));
  const ids = [];
  while ((await sockets()) === 2) {
    assert.ok(ids.length < 400, 'it is kept though it takes nothing');
    await Promise.all(Array.from({ length: 10 }, async () => { ids.push((await net.broadcast({ header: { topics }, data: list })).header.id); }));
    await othersGoOn();
  }
  const more = peak.stop();
  t.diagnostic(`${more.toFixed(1)} MB more memory`);
  const heard = new Map(ids.map((id) => [id, 0]));
  for (let i = 0; i < 10 * ids.length; i++) {
    const { reference } = await reader.next(30);
    heard.set(reference, heard.get(reference) + 1);
  }
  assert.deepEqual(new Set(heard.values()), new Set([10]), 'the one who reads has heard all');
  assert.match(net.log, /deaf socket dropped .*took nothing within the write timeout/);
  assert.ok(more <= 64, `${more.toFixed(1)} MB more memory`);
  deaf.destroy();
  await reader.close();
  await until(() => openFiles(pid) <= files + 3, 'its descriptors to be given back');
});

// Sends `head`, then a byte now and then for as long as it may; resolves when the member ends it.
function trickle(head, rest) {
  return new Promise((ok) => {
    const socket = connect(net.port, '127.0.0.1', () => socket.write(head));
    let at = 0;
    const timer = setInterval(() => socket.write(rest[at++ % rest.length]), 100);
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.on('close', () => { clearInterval(timer); ok(); });
  });
}

const post = (path, type, length) => `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`;
for (const [what, count, head, says] of [
  ['headers', 300, 'GET /api/v1/namespaces/default/status HTTP/1.1\r\nx-a: ', /too slow .*header of its request/],
  ['bodies', 100, post('/api/v1/messages/broadcast', 'application/json', 10_000_000), /too slow .*body of its request/],
  ['uploads', 50, `${post('/api/v1/data', 'multipart/form-data; boundary=b', 100_000_000)}--b\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\n`, /too slow .*next piece of its body/],
]) {
  test(`${what} that never end are given up`, { timeout: 180_000 }, async (t) => {
    const pid = net.pids[0];
    const files = openFiles(pid);
    const peak = new Peak(pid);
    net.log = '';
    let over = false;
    const slow = Promise.all(Array.from({ length: count }, () => trickle(head, '   '))).then(() => { over = true; });
    do { await othersGoOn(); } while (!over);
    await slow;
    assert.match(net.log, says);
    const more = peak.stop();
    t.diagnostic(`${more.toFixed(1)} MB more memory`);
    assert.ok(more <= 32, `${more.toFixed(1)} MB more memory`);
    await until(() => openFiles(pid) <= files + 3, 'their descriptors to be given back');
  });
}

test('ten thousand idle sockets', { timeout: 180_000 }, async (t) => {
  assert.match(net.lines.join('\n'), /^open files: at most \d+ in a process/m);
  const hard = Number(execFileSync('sh', ['-c', 'ulimit -H -n'], { encoding: 'utf8' }).replace('unlimited', 'Infinity'));
  if (hard < 13_000) return t.skip(`${hard} open files are all that the system allows`);
  const pid = net.pids[0];
  const files = openFiles(pid);
  const peak = new Peak(pid);
  const crowd = await Crowd.gather(net.port, 10_000);
  try {
    assert.equal(crowd.open, 10_000, 'all of them stand');
    await until(() => openFiles(pid) >= files + 10_000, 'all of them to be taken in');
    for (let i = 0; i < 5; i++) await othersGoOn();
    const more = peak.stop();
    t.diagnostic(`${more.toFixed(1)} MB more memory`);
    assert.ok(more <= 128, `${more.toFixed(1)} MB more memory`);
  } finally {
    await crowd.leave();
  }
  await until(() => openFiles(pid) <= files + 3, 'their descriptors to be given back');
  await othersGoOn();
});

test('more sockets than there may be open files leave databases and peers theirs', { timeout: 180_000 }, async () => {
  const poor = new Network({ members: 2, interval: '100ms', args: ['--processes'], command: ['sh', '-c', 'ulimit -n 400; exec "$0" "$@"', binary] });
  await poor.start();
  assert.ok(poor.lines.some((line) => line.startsWith('open files: at most 400 in a process')));
  // Whoever is in stays in.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (method, path, body) => new Promise((ok, no) => {
    const asked = request({ agent, port: poor.port, host: '127.0.0.1', method, path: `/api/v1/namespaces/default/${path}`, headers: { 'content-type': 'application/json' } }, (res) => {
      let text = '';
      res.on('data', (more) => { text += more; }).on('end', () => ok({ status: res.statusCode, body: JSON.parse(text) }));
    });
    asked.on('error', no).end(body && JSON.stringify(body));
  });
  assert.equal((await ask('GET', 'status')).status, 200);
  const crowd = await Crowd.gather(poor.port, 700);
  await until(() => /a connection is refused .*too_many="?open files"? limit=\d+/.test(poor.log), 'the log to say so');
  assert.doesNotMatch(poor.log, /accept failed/);
  for (let i = 0; i < 5; i++) {
    const sent = await ask('POST', 'messages/broadcast', { data: [{ value: i }] });
    assert.equal(sent.status, 202);
    await poor.settled(sent.body.header.id, { member: 1 });
  }
  await crowd.leave();
  await until(async () => (await poor.get('status').catch(() => undefined))?.status === 200, 'others to find a place again');
  agent.destroy();
  await poor.close();
});
