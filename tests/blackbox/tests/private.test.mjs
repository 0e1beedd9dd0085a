// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// Private messages among three members: who gets what, in which order, and what of it is on the ledger.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before } from 'node:test';
import { Network, until } from '../lib/network.mjs';
import { orders } from '../lib/orders.mjs';
import { row } from '../lib/rows.mjs';

const sha = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};
const net = new Network({ members: 3, interval: '100ms', args: ['--faults', '--processes'] });
before(() => net.start());
after(() => net.close());

const to = (...names) => ({ members: names.map((identity) => ({ identity })) });
async function tell(body, { member = 0, status = 202 } = {}) {
  const res = await net.post('messages/private', { data: [{ value: 1 }], ...body }, { member });
  assert.equal(res.status, status, res.text);
  return res.body;
}
// The hash of a group, once all of these members know it.
async function groupOf(body, ...members) {
  const sent = await tell(body);
  for (const member of members) await net.settled(sent.header.id, { member });
  return sent.header.group;
}
const fault = (body) => net.post('/dev/faults', body);
// What the original writes on the ledger for this message (firefly-core.md 2.9).
function pin(topic, group, author, nonce) {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(nonce));
  return sha(topic, Buffer.from(group, 'hex'), author, number);
}

row(['core-M5', 'core-M6'], 'a group is made from names, is the same at its members, and is defined once', async () => {
  const first = await tell({ group: { name: 'gold', ...to('org_1') }, data: [{ value: { secret: [1] } }] });
  const hash = first.header.group;
  const there = await net.settled(first.header.id, { member: 1 });
  const here = await net.settled(first.header.id);
  assert.equal(here.hash, there.hash);
  assert.deepEqual(here.header, there.header);
  assert.deepEqual(here.pins, there.pins);
  assert.deepEqual((await net.get(`data/${there.data[0].id}/value`, { member: 1 })).body, { secret: [1] });
  const groups = await Promise.all([0, 1].map(async (member) => (await net.get(`groups/${hash}`, { member })).body));
  assert.deepEqual(groups[0], groups[1]);
  const { namespace, name, members } = groups[0];
  assert.equal(hash, sha(JSON.stringify({ namespace, name, members })));
  assert.deepEqual(members.map((m) => m.identity), ['did:firefly:org/org_0', 'did:firefly:org/org_1']);

  const nodes = (await net.get('network/nodes', { member: 1 })).body;
  for (const group of [undefined, { name: 'gold', ...to('did:firefly:org/org_1') }, { name: 'gold', ...to('org_0', 'org_1') },
    { name: 'gold', members: [{ identity: 'org_1', node: 'node_1' }] }, { name: 'gold', members: [{ node: nodes.find((n) => n.name === 'node_1').id }] }]) {
    const again = await tell(group ? { group } : { header: { group: hash } });
    assert.equal(again.header.group, hash, JSON.stringify(group));
    await net.settled(again.header.id, { member: 1 });
  }
  const answer = await tell({ header: { group: hash } }, { member: 1 });
  await net.settled(answer.header.id);
  for (const member of [0, 1]) {
    const definitions = (await net.get(`messages?type=groupinit&group=${hash}`, { member })).body;
    assert.equal(definitions.length, 1);
    assert.equal(definitions[0].id ?? definitions[0].header.id, groups[0].message);
  }
});

row('core-M7', 'a member that is not in the group has masked pins of it and nothing else', async () => {
  const sent = await tell({ header: { topics: ['of-two'] }, group: { name: 'two', ...to('org_1') } });
  const settled = await net.settled(sent.header.id, { member: 1 });
  const open = await net.broadcast({ header: { topics: ['of-two'] }, data: [{ value: 'for all' }] });
  await net.settled(open.header.id, { member: 2 });
  assert.equal((await net.get(`messages/${sent.header.id}`, { member: 2 })).status, 404);
  assert.equal((await net.get(`batches/${settled.batch}`, { member: 2 })).status, 404);
  assert.equal((await net.get(`groups/${sent.header.group}`, { member: 2 })).status, 404);
  assert.equal((await net.get(`data/${sent.data[0].id}`, { member: 2 })).status, 404);
  const pins = (await net.get(`pins?batch=${settled.batch}`, { member: 2 })).body;
  assert.ok(pins.length >= 1);
  assert.ok(pins.every((p) => p.masked && !p.dispatched));
  const known = (await net.get(`pins?batch=${settled.batch}`, { member: 1 })).body;
  assert.deepEqual(known.map((p) => p.hash), pins.map((p) => p.hash));
  assert.ok(known.every((p) => p.masked && p.dispatched));
});

row('core-M9', 'an unpinned message is confirmed at both sides, without the ledger', async () => {
  const sent = await tell({ header: { txtype: 'unpinned', topics: ['loose'] }, group: { name: 'loose', ...to('org_1') } });
  assert.equal(sent.header.txtype, 'unpinned');
  const here = await net.settled(sent.header.id);
  const there = await net.settled(sent.header.id, { member: 1 });
  assert.equal(here.hash, there.hash);
  assert.equal(there.pins, undefined);
  const status = (await net.get(`transactions/${here.txid}`)).body;
  assert.equal(status.type, 'unpinned');
  assert.equal(status.blockchainIds, undefined);
  assert.deepEqual((await net.get(`pins?batch=${here.batch}`)).body, []);
  for (const member of [0, 1]) {
    const events = (await net.get(`messages/${sent.header.id}/events`, { member })).body;
    assert.deepEqual(events.map((e) => [e.type, e.topic]), [['message_confirmed', 'loose']]);
  }
});

row('core-O5', 'nonces count up message by message, and pins are what the formula says', async () => {
  const group = await groupOf({ header: { topics: ['counted'] }, group: { name: 'counted', ...to('org_1') } }, 1);
  const all = [];
  for (let i = 0; i < 3; i++) all.push(await tell({ header: { group, topics: ['counted', 'other'] } }));
  all.push(await tell({ header: { group, topics: ['counted'] } }, { member: 1 }));
  for (const message of all) for (const member of [0, 1]) await net.settled(message.header.id, { member });
  const author = 'did:firefly:org/org_0';
  for (let i = 0; i < 3; i++) {
    const { pins } = (await net.get(`messages/${all[i].header.id}`, { member: 1 })).body;
    assert.deepEqual(pins, [[`counted`, i + 1], ['other', i]].map(([topic, nonce]) => `${pin(topic, group, author, nonce)}:${String(nonce).padStart(16, '0')}`));
  }
  const context = sha('counted', Buffer.from(group, 'hex'));
  for (const member of [0, 1]) {
    const next = (await net.get(`nextpins?context=${context}&sort=identity`, { member })).body;
    assert.deepEqual(next.map((n) => [n.identity, n.nonce, n.hash]), [[author, 4, pin('counted', group, author, 4)],
      ['did:firefly:org/org_1', 1, pin('counted', group, 'did:firefly:org/org_1', 1)]]);
  }
});

row('core-O3', 'two authors in one group have one order at both, also while a link is slow or cut', async () => {
  const topics = ['red', 'blue'];
  const group = await groupOf({ header: { topics }, group: { name: 'ordered', ...to('org_1') } }, 1);
  const ids = [];
  const talk = async (member, count) => {
    for (let i = 0; i < count; i++) ids.push((await tell({ header: { group, topics: i % 3 ? [topics[i % 2]] : topics } }, { member })).header.id);
  };
  await fault({ delayMs: 150, link: [0, 1] });
  await Promise.all([talk(0, 40), talk(1, 40)]);
  await fault({ cut: [0, 1] });
  await Promise.all([talk(0, 40), talk(1, 40)]);
  await fault({ heal: [0, 1] });
  await fault({ delayMs: 0, link: [0, 1] });
  await Promise.all([talk(0, 20), talk(1, 20)]);
  for (const id of ids) for (const member of [0, 1]) await net.settled(id, { member, seconds: 60 });
  const [a, b] = [await orders(net, 0, topics), await orders(net, 1, topics)];
  assert.deepEqual(a, b);
  assert.ok(a.red.length > 90 && a.blue.length > 90, `${a.red.length} and ${a.blue.length}`);
});

row('core-M5', 'a member that was away gets everything when it is back, in order, and nobody else waits for it', async () => {
  const all = await groupOf({ group: { name: 'all', ...to('org_1', 'org_2') } }, 1, 2);
  const two = await groupOf({ group: { name: 'without', ...to('org_1') } }, 1);
  await fault({ cut: [0, 2] });
  await fault({ cut: [1, 2] });
  const ids = [];
  for (let i = 0; i < 30; i++) ids.push((await tell({ header: { group: all, topics: ['away'] } }, { member: i % 2 })).header.id);
  const other = await tell({ header: { group: two } });
  for (const id of [...ids, other.header.id]) await net.settled(id, { member: 1 });
  assert.equal((await net.get(`messages/${ids[0]}`, { member: 2 })).status, 404);
  process.kill(net.pids[0], 'SIGKILL');
  await until(async () => (await net.get('/status/ready').catch(() => ({}))).status === 200, 'member 0 to be back', 60);
  await fault({ heal: [0, 2] });
  await fault({ heal: [1, 2] });
  for (const id of ids) await net.settled(id, { member: 2, seconds: 60 });
  const [b, c] = [await orders(net, 1, ['away']), await orders(net, 2, ['away'])];
  assert.deepEqual(b, c);
  assert.equal(c.away.length, ids.length);
});

row('core-M5', 'what cannot be delivered is refused with its number', async () => {
  for (const [body, status, code] of [
    [{}, 400, 'FF00115'], [{ group: { members: [] } }, 400, 'FF00115'], [{ group: 5 }, 400, 'LS10502'],
    [{ group: { members: [7] } }, 400, 'LS10502'], [{ group: to('nobody') }, 500, 'FF10277'],
    [{ header: { group: '11'.repeat(32) } }, 404, 'FF10226'],
    [{ group: { members: [{ identity: 'org_1', node: 'did:firefly:node/node_0' }] } }, 500, 'FF10422'],
    [{ group: { members: [{ identity: 'org_1', node: 'nope' }] } }, 400, 'FF10224'],
  ]) {
    const res = await net.post('messages/private', { data: [{ value: 1 }], ...body });
    assert.equal(res.status, status, JSON.stringify(body) + res.text);
    assert.ok(res.body.error.startsWith(`${code}:`), res.text);
  }
});
