// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Network, freePorts, until } from '../lib/network.mjs';
import { Peer, pairOf } from '../lib/peer.mjs';
import { proxyOf } from '../lib/proxy.mjs';
import { row } from '../lib/rows.mjs';

const net = new Network({ members: 2, interval: '100ms', args: ['--faults', '--confirmations', '2'] });
before(() => net.start());
after(() => net.close());

const fault = async (body) => {
  const res = await net.post('/dev/faults', body);
  assert.equal(res.status, 200, res.text);
};
async function order(topic, count, member) {
  const list = await until(async () => {
    const refs = [];
    for (let skip = 0; skip < count; skip += 500) {
      const page = (await net.get(`events?topic=${topic}&type=message_confirmed&sort=sequence&ascending&limit=500&skip=${skip}`, { member })).body;
      refs.push(...page.map((e) => e.reference));
    }
    return refs.length >= count ? refs : undefined;
  }, `${count} events on ${topic} at member ${member}`, 60);
  return list;
}

row('core-O1', 'a thousand interleaved messages of two members have one order at both', async () => {
  const all = [];
  for (let round = 0; round < 20; round++) {
    const jobs = [];
    for (let i = 0; i < 25; i++) for (const member of [0, 1]) jobs.push(net.broadcast({ header: { topics: ['o1'] }, data: [{ value: round * 100 + i }] }, { member }));
    all.push(...(await Promise.all(jobs)).map((m) => m.header.id));
  }
  const [a, b] = [await order('o1', 1000, 0), await order('o1', 1000, 1)];
  assert.equal(a.length, 1000);
  assert.deepEqual(a, b);
  assert.deepEqual(new Set(a), new Set(all));
});

row(['core-O2', 'core-O4'], 'behind a payload that is late a topic waits, other topics go on, and then all come in chain order', async () => {
  await fault({ withhold: 0 });
  const late = await net.broadcast({ header: { topics: ['o2'] }, data: [{ value: 'late' }] });
  await net.settled(late.header.id);
  const behind = [];
  for (let i = 0; i < 6; i++) {
    behind.push(await net.broadcast({ header: { topics: ['o2'] }, data: [{ value: i }] }, { member: 1 }));
    if (i % 3 === 2) await net.settled(behind[i].header.id); // in blocks of their own
  }
  const free = await net.broadcast({ header: { topics: ['o4'] }, data: [{ value: 'free' }] }, { member: 1 });
  await net.settled(free.header.id, { member: 1 });
  for (const message of behind) assert.equal((await net.get(`messages/${message.header.id}`, { member: 1 })).body.state, 'sent');
  assert.equal((await net.get('events?topic=o2&type=message_confirmed', { member: 1 })).body.length, 0);
  await fault({ release: 0 });
  await net.settled(behind[5].header.id, { member: 1 });
  const [a, b] = [await order('o2', 7, 0), await order('o2', 7, 1)];
  assert.deepEqual(a, [late, ...behind].map((message) => message.header.id));
  assert.deepEqual(b, a);
});

row('core-O9', 'blocks that the ledger tells again make no event twice', async () => {
  const sent = await net.broadcast({ header: { topics: ['o9'] }, data: [{ value: 1 }] }, { confirm: true });
  await net.settled(sent.header.id, { member: 1 });
  const before = (await net.get('events?limit=1')).body[0].sequence;
  await fault({ replay: 10 });
  const next = await net.broadcast({ header: { topics: ['o9'] }, data: [{ value: 2 }] }, { confirm: true });
  await net.settled(next.header.id, { member: 1 });
  for (const member of [0, 1]) assert.equal((await order('o9', 2, member)).length, 2);
  const events = (await net.get(`events?sequence=>${before}&limit=100`)).body;
  assert.deepEqual(events.map((e) => e.type).sort(), ['blockchain_event_received', 'message_confirmed', 'transaction_submitted']);
});

row('core-O9', 'a fork no deeper than the confirmations changes nothing', async () => {
  const ids = [];
  for (let i = 0; i < 10; i++) {
    ids.push((await net.broadcast({ header: { topics: ['fork'] }, data: [{ value: i }] }, { member: i % 2 })).header.id);
    if (i % 3 === 0) await net.post('/dev/faults', { fork: 2 });
  }
  const [a, b] = [await order('fork', 10, 0), await order('fork', 10, 1)];
  assert.deepEqual(a, b);
  assert.deepEqual(new Set(a), new Set(ids));
  const deep = await net.post('/dev/faults', { fork: 3 });
  assert.equal(deep.status >= 400, true);
});

row('core-O10', 'a message of an identity that is not known yet waits for its claim', async () => {
  const bare = new Network({ members: 2, interval: '100ms', args: ['--no-register'] });
  const port = await freePorts(4);
  // As long as they are closed the members exchange nothing but what this test carries over.
  const proxies = [0, 1].map((member) => proxyOf(bare.data, member, port + member, port + 2 + member));
  await bare.start();
  try {
    const refused = await bare.post('messages/broadcast', { data: [{ value: 1 }] });
    assert.equal(refused.status, 400);
    const org = await bare.post('network/organizations/self', {});
    assert.equal(org.status, 202, org.text);
    const sent = await bare.broadcast({ header: { topics: ['o10'] }, data: [{ value: 'early' }] });
    const early = await bare.settled(sent.header.id);
    const upload = (await bare.get(`transactions/${early.txid}/operations?type=sharedstorage_upload_batch`)).body[0];
    const { payloadRef } = upload.output;

    const from = await Peer.open(port + 2, pairOf(bare.data, 1));
    const document = await from.pull(payloadRef);
    const to = await Peer.open(port + 3, pairOf(bare.data, 0));
    await to.push(payloadRef, document);
    for (const peer of [from, to]) peer.close();
    await until(async () => (await bare.get(`messages/${early.header.id}`, { member: 1 })).status === 200, 'the message to be there without the claim');
    await new Promise((ok) => setTimeout(ok, 500));
    assert.equal((await bare.get(`messages/${early.header.id}`, { member: 1 })).body.state, 'pending');
    assert.equal((await bare.get('events?topic=o10', { member: 1 })).body.length, 0);
    assert.equal((await bare.get('/status/stages', { member: 1 })).body.payloadsWanted, 1);

    for (const proxy of proxies) await proxy.open();
    await bare.settled(early.header.id, { member: 1 });
    const at = (id, type) => bare.get(`events?reference=${id}&type=${type}`, { member: 1 }).then((r) => r.body[0].sequence);
    assert.ok((await at(org.body.id, 'identity_confirmed')) < (await at(early.header.id, 'message_confirmed')));
  } finally {
    await bare.close();
    for (const proxy of proxies) await proxy.close();
  }
});
