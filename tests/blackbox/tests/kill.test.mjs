// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// kill -9 under load. KILL_ROUNDS (20) says how often; half of the rounds kill everything, half one member
// of --processes while the others go on sending.
import assert from 'node:assert/strict';
import { Network, until } from '../lib/network.mjs';
import { orders } from '../lib/orders.mjs';
import { row } from '../lib/rows.mjs';
import { Socket } from '../lib/socket.mjs';

const rounds = Number(process.env.KILL_ROUNDS ?? 20);
const topics = ['k0', 'k1', 'k2', 'k3'];
const pause = (ms) => new Promise((ok) => setTimeout(ok, ms));

class Load {
  constructor(net) {
    this.net = net;
    this.accepted = new Map(); // id: topic
    this.running = true;
    this.heard = [];
    this.serial = 0;
    this.doubtful = [];
  }
  async send(member) {
    while (this.running) {
      const topic = topics[this.serial % 4];
      const body = { header: { topics: [topic], tag: 'kill' }, idempotencyKey: `k${member}-${this.serial++}-${Math.random()}`, data: [{ value: { n: this.serial, text: 'x'.repeat(200) } }] };
      // What was not answered is tried again with the same key, as an application would.
      while (this.running) {
        const res = await this.net.post('messages/broadcast', body, { member }).catch(() => undefined);
        if (res?.status === 202) { this.accepted.set(res.body.header.id, topic); break; }
        if (res?.status === 409) {
          const found = await this.net.get(`messages?idempotencykey=${encodeURIComponent(body.idempotencyKey)}`, { member }).catch(() => undefined);
          if (found?.body?.[0]) { this.accepted.set(found.body[0].header.id, topic); break; }
        }
        if (res && res.status < 500 && res.status !== 409) throw new Error(`${res.status} ${res.text}`);
        await pause(30);
      }
    }
  }
  // The durable subscription of member 1: what came, in the order in which it came for the first time.
  async listen() {
    let highest = -1;
    while (this.running || this.draining) {
      const socket = await Socket.open(this.net.ws(1)).catch(() => undefined);
      if (!socket) { await pause(50); continue; }
      socket.start('killed');
      try {
        for (;;) {
          const frame = await socket.next(2);
          if (frame.sequence > highest) {
            highest = frame.sequence;
            this.heard.push(frame.reference);
          }
          socket.ack(frame);
        }
      } catch { /* closed, or silent for a while: connect again */ }
      socket.ws.terminate();
      if (!this.running && this.draining && (await this.complete())) return;
    }
  }
  async complete() {
    const total = (await this.net.get('events?type=message_confirmed&topic=^k&limit=1&count', { member: 1 }).catch(() => undefined))?.body?.total;
    return total !== undefined && this.heard.length >= total;
  }
}

async function survive(name, args, count, kill) {
  const net = new Network({ members: 2, interval: '100ms', args });
  await net.start();
  await net.post('subscriptions', { name: 'killed', transport: 'websockets', filter: { events: 'message_confirmed', topic: '^k' }, options: { firstEvent: 'oldest', readAhead: 20 } }, { member: 1 });
  const load = new Load(net);
  load.draining = true;
  const jobs = [];
  for (const member of [0, 1]) for (let i = 0; i < 4; i++) jobs.push(load.send(member));
  const listener = load.listen();
  for (let round = 0; round < count; round++) {
    await pause(400 + Math.random() * 600);
    await kill(net, round);
  }
  await pause(500);
  load.running = false;
  await Promise.all(jobs);
  const ids = [...load.accepted.keys()];
  await until(async () => {
    for (const member of [0, 1]) {
      const res = await net.get('messages?tag=kill&state=confirmed&limit=1&count', { member }).catch(() => undefined);
      if (!(res?.body?.total >= ids.length)) return false;
    }
    const [x, y] = [await net.get('messages?tag=kill&state=confirmed&limit=1&count'), await net.get('messages?tag=kill&state=confirmed&limit=1&count', { member: 1 })];
    return x.body.total === y.body.total;
  }, `${name}: ${ids.length} messages to be confirmed at both`, 60);
  const [a, b] = [await orders(net, 0, topics), await orders(net, 1, topics)];
  assert.deepEqual(a, b, 'the order is the same at both');
  const all = Object.values(a).flat();
  assert.equal(new Set(all).size, all.length, 'nothing twice');
  const known = new Set(all);
  assert.deepEqual(ids.filter((id) => !known.has(id)), [], 'nothing lost');
  await Promise.race([listener, pause(30_000)]);
  load.draining = false;
  const expected = [];
  for (let after = -1;;) {
    const page = (await net.get(`events?type=message_confirmed&sequence=>${after}&sort=sequence&ascending&limit=1000`, { member: 1 })).body;
    if (!page.length) break;
    expected.push(...page.filter((e) => /^k\d$/.test(e.topic)).map((e) => e.reference));
    after = page.at(-1).sequence;
  }
  assert.deepEqual(load.heard, expected, 'the durable subscription heard everything, in order');
  console.log(`# ${name}: ${count} kills, ${ids.length} accepted, ${all.length} confirmed once at both`);
  await net.close();
}

row('core-O8', 'kill -9 of the whole, again and again', () =>
  survive('whole', [], Math.ceil(rounds / 2), async (net) => {
    await net.kill();
    await net.start();
  }), { timeout: 600_000 });

row('core-O8', 'kill -9 of one member while the other goes on', () =>
  survive('one member', ['--processes'], Math.floor(rounds / 2), async (net, round) => {
    const member = round % 2;
    const pid = net.pids[member];
    process.kill(pid, 'SIGKILL');
    await until(() => net.pids[member] !== pid, 'the member to be started again');
  }), { timeout: 600_000 });
