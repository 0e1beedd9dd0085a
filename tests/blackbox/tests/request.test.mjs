// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// Requests and their replies: the call returns what the other member's application answers.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before } from 'node:test';
import { Network } from '../lib/network.mjs';
import { row } from '../lib/rows.mjs';

const FireFly = createRequire(import.meta.url)('@hyperledger/firefly-sdk').default;
const net = new Network({ members: 3, interval: '100ms', args: ['--faults'] });
const sockets = [];
let a, b;
before(async () => {
  await net.start();
  a = new FireFly({ host: net.url(0), namespace: 'default' });
  b = new FireFly({ host: net.url(1), namespace: 'default' });
  // Member 1's application: it answers each question with what was asked, and twice.
  await b.replaceSubscription({ name: 'answers', transport: 'websockets', filter: { events: 'message_confirmed', message: { tag: '^ask$' } } });
  sockets.push(b.listen('answers', async (_socket, event) => {
    const { header, data } = event.message;
    const [asked] = await Promise.all(data.map(({ id }) => b.getData(id)));
    if (asked.value === 'say nothing') return;
    for (const turn of [1, 2]) {
      await b.sendPrivateMessage({
        header: { cid: header.id, group: header.group, tag: 'answer', topics: header.topics, txtype: header.txtype },
        data: [{ value: { asked: asked.value, turn } }],
      }, { confirm: turn === 1 });
    }
  }));
});
after(async () => {
  for (const socket of sockets) socket.close();
  await net.close();
});

const question = (value, header = {}) => ({
  header: { tag: 'ask', topics: ['questions'], ...header },
  group: { members: [{ identity: 'org_1' }] },
  data: [{ value }],
});

for (const txtype of ['batch_pin', 'unpinned']) {
  row('core-M15', `a request returns the reply of the other member's application (${txtype})`, async () => {
    const reply = await a.sendPrivateMessage(question({ number: 17 }, { txtype }), { requestReply: true });
    assert.equal(reply.header.tag, 'answer');
    assert.equal(reply.header.author, 'did:firefly:org/org_1');
    assert.equal(reply.header.txtype, txtype);
    assert.equal(reply.state, 'confirmed');
    assert.deepEqual(reply.data.map((d) => d.value), [{ asked: { number: 17 }, turn: 1 }], 'the first reply, with its data');
    assert.match(reply.data[0].hash, /^[0-9a-f]{64}$/);
    const request = await a.getMessage(reply.header.cid);
    assert.equal(request.header.tag, 'ask');
    assert.equal(request.header.group, reply.header.group);
    assert.equal((await net.get(`messages/${reply.header.id}`, { member: 2 })).status, 404, 'nobody else hears of it');
    const event = (await net.get(`messages/${reply.header.id}/events`)).body[0];
    assert.equal(event.correlator, reply.header.cid);
  });
}

row('core-M15', 'many requests at once each get their own reply', async () => {
  const replies = await Promise.all(Array.from({ length: 20 }, (_, i) =>
    a.sendPrivateMessage(question(i, { txtype: i % 2 ? 'unpinned' : 'batch_pin', topics: [`questions-${i % 3}`] }), { requestReply: true })));
  assert.deepEqual(replies.map((reply) => reply.data[0].value.asked), Array.from({ length: 20 }, (_, i) => i));
});

row('core-M15', 'a request needs a tag and recipients, and has no cid', async () => {
  const refused = async (body, code) => {
    const res = await net.post('messages/requestreply', body);
    assert.equal(res.status, 400, res.text);
    assert.match(res.body.error, new RegExp(`^${code}:`));
  };
  await refused(question(1, { tag: '' }), 'FF10261');
  await refused(question(1, { tag: undefined }), 'FF10261');
  await refused(question(1, { cid: '00000000-0000-4000-8000-000000000000' }), 'FF10262');
  await refused({ header: { tag: 'ask' }, data: [{ value: 1 }] }, 'FF10271');
  await refused({ header: { tag: 'ask' }, group: { members: [] }, data: [{ value: 1 }] }, 'FF10271');
});

row('core-A4', 'a request that nobody answers ends with 408 after its Request-Timeout, and is told all the same', async () => {
  const began = Date.now();
  const res = await net.post('messages/requestreply', question('say nothing', { txtype: 'unpinned', topics: ['silence'] }), { headers: { 'request-timeout': '1s' } });
  assert.equal(res.status, 408, res.text);
  assert.match(res.body.error, /^FF10260:/);
  assert.ok(Date.now() - began >= 900);
  const [request] = (await net.get('messages?topics=silence')).body;
  await net.settled(request.header.id, { member: 1 });
});
