// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// kill -9 under load. KILL_ROUNDS (20) says how often; half of the rounds kill everything, half one member
// of --processes while the others go on sending. Members 0 and 1 talk, in public and with each other; 2 hears what is
// public.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Listener } from '../lib/listener.mjs';
import { kinds, Load, sha, tag } from '../lib/load.mjs';
import { Network, until } from '../lib/network.mjs';
import { orders } from '../lib/orders.mjs';
import { row } from '../lib/rows.mjs';

const rounds = Number(process.env.KILL_ROUNDS ?? 20);
const members = [0, 1, 2];
const sorted = (lists) => Object.values(lists).flat().sort();

// Who has how many, once no member has anything that waits; otherwise nothing.
async function counts(net) {
  const total = async (member, filter) => (await net.get(`messages?tag=${tag}&limit=1&count&${filter}`, { member })).body.total;
  const out = {};
  for (const member of members) {
    if (await total(member, 'state=!confirmed')) return undefined;
    out[member] = { broadcast: await total(member, 'type=broadcast'), private: await total(member, 'type=private') };
  }
  return out;
}

async function settled(net, load) {
  await until(async () => {
    const have = await counts(net).catch(() => undefined);
    return have && have[0].broadcast >= load.ids('broadcast').length && have[0].private >= load.ids('pinned', 'unpinned').length &&
      have[0].broadcast === have[1].broadcast && have[0].broadcast === have[2].broadcast && have[0].private === have[1].private;
  }, `${load.accepted.length} messages to be confirmed everywhere`, 60);
}

async function checkMessages(net, load) {
  for (const [kind, { topics }] of Object.entries(kinds)) {
    const [a, b, c] = await Promise.all(members.map((member) => orders(net, member, topics)));
    if (kind === 'unpinned') assert.deepEqual(sorted(a), sorted(b), 'the same at both');
    else assert.deepEqual(a, b, `${kind}: the order is the same at both`);
    assert.deepEqual(c, kind === 'broadcast' ? a : Object.fromEntries(topics.map((topic) => [topic, []])), `${kind}: what the third hears`);
    const all = sorted(a);
    const known = new Set(all);
    assert.equal(known.size, all.length, `${kind}: nothing twice`);
    assert.deepEqual(load.ids(kind).filter((id) => !known.has(id)), [], `${kind}: nothing lost`);
  }
}

async function checkBlobs(net, load) {
  const whole = async ({ id, hash }, member, what) => {
    const res = await fetch(`${net.url(member)}/api/v1/data/${id}/blob`);
    assert.equal(res.status, 200, `${what} ${id} at member ${member}`);
    assert.equal(sha(Buffer.from(await res.arrayBuffer())), hash, `${what} ${id} at member ${member}`);
  };
  for (const blob of load.blobs) await whole(blob, blob.member, 'an upload');
  for (const { kind, blob } of load.accepted) {
    if (!blob) continue;
    for (const member of kind === 'broadcast' ? members : [0, 1]) await whole(blob, member, `a blob, ${kind},`);
    if (kind === 'broadcast') continue;
    assert.equal((await net.get(`data/${blob.id}`, { member: 2 })).status, 404);
    const strange = readdirSync(join(net.data, 'member-2', 'blobs')).filter((name) => name.includes(blob.hash));
    assert.deepEqual(strange, [], 'no piece of a private blob is at the third');
  }
}

async function checkHeard(net, listener) {
  const expected = [];
  for (let after = -1;;) {
    const page = (await net.get(`events?type=message_confirmed&sequence=>${after}&sort=sequence&ascending&limit=1000`, { member: 1 })).body;
    if (!page.length) break;
    expected.push(...page.filter((e) => /^[kpu]\d$/.test(e.topic)).map((e) => e.reference));
    after = page.at(-1).sequence;
  }
  await listener.count(expected.length);
  assert.deepEqual(listener.heard, expected, 'the durable subscription heard everything, in order');
}

async function survive(name, args, count, kill) {
  const net = new Network({ members: members.length, interval: '100ms', args });
  const load = new Load(net);
  let listener;
  try {
    await net.start();
    await net.post('subscriptions', { name: 'killed', transport: 'websockets', filter: { events: 'message_confirmed', topic: '^[kpu]\\d$' }, options: { firstEvent: 'oldest', readAhead: 20 } }, { member: 1 });
    listener = new Listener(net, 1, 'killed');
    load.start();
    for (let round = 0; round < count; round++) {
      await load.more(100 + Math.floor(Math.random() * 300));
      await kill(net, round);
    }
    await load.complete();
    await load.stop();
    await settled(net, load);
    await checkMessages(net, load);
    await checkBlobs(net, load);
    await checkHeard(net, listener);
    const told = Object.keys(kinds).map((kind) => `${load.ids(kind).length} ${kind}`).join(', ');
    console.log(`# ${name}: ${count} kills, accepted and confirmed once: ${told}; blobs: ${load.blobs.length}`);
  } finally {
    load.running = false;
    await listener?.close();
    await net.close();
  }
}

row('core-O8', 'kill -9 of the whole, again and again', () =>
  survive('whole', [], Math.ceil(rounds / 2), async (net) => {
    await net.kill();
    await net.start();
  }), { timeout: 600_000 });

row('core-O8', 'kill -9 of one member while the others go on', () =>
  survive('one member', ['--processes'], Math.floor(rounds / 2), async (net, round) => {
    const member = round % members.length;
    const pid = net.pids[member];
    process.kill(pid, 'SIGKILL');
    await until(() => net.pids[member] !== pid, 'the member to be started again');
  }), { timeout: 600_000 });
