// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before } from 'node:test';
import { Network, until } from '../lib/network.mjs';
import { row } from '../lib/rows.mjs';

const sha = (x) => createHash('sha256').update(x).digest('hex');
const net = new Network({ members: 2 });
before(() => net.start());
after(() => net.close());

row('core-M1', 'a JSON broadcast is confirmed at both members with equal hashes', async () => {
  const sent = await net.broadcast({ data: [{ value: { hello: 'world', n: 1.0 } }] });
  const a = await net.settled(sent.header.id);
  const b = await net.settled(sent.header.id, { member: 1 });
  assert.equal(a.hash, b.hash);
  assert.deepEqual(a.header, b.header);
  assert.deepEqual(a.data, b.data);
  const data = await net.get(`data/${a.data[0].id}`, { member: 1 });
  assert.equal(data.body.hash, a.data[0].hash);
  assert.equal(data.body.hash, sha('{"hello":"world","n":1}'));
});

row('core-M2', 'several data items come back in their order', async () => {
  const sent = await net.broadcast({ data: [{ value: 'one' }, { value: 2 }, { value: { three: [3] } }] });
  await net.settled(sent.header.id, { member: 1 });
  const data = await net.get(`messages/${sent.header.id}/data`, { member: 1 });
  assert.deepEqual(data.body.map((d) => d.value), ['one', 2, { three: [3] }]);
});

row('core-M3', 'data that was uploaded before is broadcast by its id', async () => {
  const data = await net.post('data', { value: { uploaded: true } });
  assert.equal(data.status, 201);
  const sent = await net.broadcast({ data: [{ id: data.body.id, hash: data.body.hash }] });
  assert.deepEqual(sent.data, [{ id: data.body.id, hash: data.body.hash }]);
  const b = await net.settled(sent.header.id, { member: 1 });
  assert.equal(b.data[0].id, data.body.id);
  const there = await net.get(`data/${data.body.id}/value`, { member: 1 });
  assert.deepEqual(there.body, { uploaded: true });
});

row('core-M10', 'no topic is the default topic, and two topics are two events of one message', async () => {
  const plain = await net.broadcast({ data: [{ value: 1 }] });
  assert.deepEqual(plain.header.topics, ['default']);
  const two = await net.broadcast({ header: { topics: ['red', 'blue'] }, data: [{ value: 2 }] });
  await net.settled(two.header.id, { member: 1 });
  const events = await net.get(`messages/${two.header.id}/events`, { member: 1 });
  assert.deepEqual(events.body.map((e) => e.topic).sort(), ['blue', 'red']);
  assert.ok(events.body.every((e) => e.reference === two.header.id && e.type === 'message_confirmed'));
});

row('core-M11', 'tag, cid, author and key arrive as they were sent', async () => {
  const status = await net.get('status');
  const cid = '5b0f6a0e-6c0c-4c5a-9a4f-3f5f0b1f2a3b';
  const sent = await net.broadcast({ header: { tag: 'order', cid, author: 'org_0' }, data: [{ value: 1 }] });
  const b = await net.settled(sent.header.id, { member: 1 });
  assert.equal(b.header.tag, 'order');
  assert.equal(b.header.cid, cid);
  assert.equal(b.header.author, 'did:firefly:org/org_0');
  assert.equal(b.header.key, status.body.org.verifiers[0].value);
});

row('core-M12', 'a key that was used is refused with 409 FF10430, naming the message', async () => {
  const body = { idempotencyKey: `once-${Date.now()}`, data: [{ value: 1 }] };
  const first = await net.broadcast(body);
  const again = await net.post('messages/broadcast', body);
  assert.equal(again.status, 409);
  assert.match(again.body.error, /^FF10430:/);
  assert.ok(again.body.error.includes(first.header.id));
  const both = await Promise.all([1, 2, 3, 4].map(() => net.post('messages/broadcast', { ...body, idempotencyKey: `${body.idempotencyKey}-x` })));
  assert.deepEqual(both.map((r) => r.status).sort(), [202, 409, 409, 409]);
});

row('core-M13', 'a message beyond the batch limit is refused with FF10327', async () => {
  const res = await net.post('messages/broadcast', { data: [{ value: 'x'.repeat(900_000) }] });
  assert.equal(res.status, 400);
  assert.match(res.body.error, /^FF10327:/);
});

row('core-M14', 'confirm=true answers with the confirmed message', async () => {
  const res = await net.post('messages/broadcast?confirm=true', { data: [{ value: 1 }] });
  assert.equal(res.status, 200);
  assert.equal(res.body.state, 'confirmed');
  assert.ok(res.body.confirmed);
});

row('core-M19', '500 messages within a second need at most 4 batches', async () => {
  const slow = new Network({ members: 2, interval: '1s' });
  await slow.start();
  try {
    const before = (await slow.get('batches?limit=1&count')).body.total;
    const began = Date.now();
    const ids = (await Promise.all(Array.from({ length: 500 }, (_, i) => slow.broadcast({ header: { topics: ['burst'] }, data: [{ value: i }] })))).map((m) => m.header.id);
    const seconds = Math.max(1, (Date.now() - began) / 1000); // more than one on a machine that is busy
    await until(async () => {
      const res = await slow.get('messages?tag=&topics=burst&state=confirmed&limit=1&count');
      return res.body.total === ids.length;
    }, 'all 500 to be confirmed', 30);
    const after = (await slow.get('batches?limit=1&count')).body.total;
    assert.ok(after - before <= 4 * seconds, `${after - before} batches of what came in ${seconds} s`);
  } finally {
    await slow.close();
  }
});

row('core-M22', 'message, data, manifest and batch hash as the rules say', async () => {
  const text = '{"a":[1.0,1e400,"\\u0041<&>"],"a":2}';
  const res = await net.call('POST', 'messages/broadcast?confirm=true', `{"header":{"topics":["t1","t2"],"tag":"x"},"data":[{"value":${text}}]}`);
  assert.equal(res.status, 200);
  const header = /"header":(\{.*?\}),"localNamespace"/.exec(res.text)[1];
  assert.equal(res.body.hash, sha(header));
  const refs = /"data":(\[.*?\])/.exec(res.text)[1];
  assert.equal(res.body.header.datahash, sha(refs));
  assert.equal(res.body.data[0].hash, sha('{"a":[1.0,1e400,"\\u0041\\u003c\\u0026\\u003e"],"a":2}'));
  await net.settled(res.body.header.id, { member: 1 });
  const batch = await net.get(`batches/${res.body.batch}`, { member: 1 });
  const manifest = /"manifest":(\{.*\}),"tx"/.exec(batch.text)[1];
  assert.equal(batch.body.hash, sha(manifest));
  const pins = await net.get(`pins?batch=${res.body.batch}&sort=index&ascending`, { member: 1 });
  assert.deepEqual(pins.body.slice(0, 2).map((p) => p.hash), [sha('t1'), sha('t2')]);

  // What the original gives (2.12).
  for (const [value, hash] of [['{}', '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'], ['"<a>"', 'e173ee4bb5aa45c097a9a7ee22e6d649a7d6e46058c41853a71832817fcbb001']]) {
    assert.equal((await net.call('POST', 'data', `{"value":${value}}`)).body.hash, hash, value);
  }
  const vector = await net.broadcast({ header: { topics: ['topic1'] } }, { confirm: true });
  assert.equal(vector.header.datahash, '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945');
  await net.settled(vector.header.id, { member: 1 });
  for (const member of [0, 1]) assert.equal((await net.get(`pins?batch=${vector.batch}`, { member })).body[0].hash, '9e065a7cbddfc57be742bc32956674c3c389521ac2bbb1dce0500d5131fede75');
});
