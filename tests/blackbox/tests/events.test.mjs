// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Network, until } from '../lib/network.mjs';
import { row } from '../lib/rows.mjs';
import { Socket } from '../lib/socket.mjs';

const net = new Network({ members: 2, interval: '0' });
before(() => net.start());
after(() => net.close());

let serial = 0;
const topicOf = () => `t${Date.now().toString(36)}${serial++}`;
async function send(count, topic, extra = {}) {
  const ids = [];
  for (let i = 0; i < count; i++) ids.push((await net.broadcast({ header: { topics: [topic], ...extra }, data: [{ value: i }] }, { confirm: true })).header.id);
  return ids;
}
async function subscribe(filter, options = {}, name = `s${Date.now().toString(36)}${serial++}`) {
  const res = await net.post('subscriptions', { name, transport: 'websockets', filter, options });
  assert.equal(res.status, 201, res.text);
  return res.body;
}
const newest = async () => (await net.get('events?limit=1')).body[0].sequence;

row('core-E1', 'events are listed newest first and filtered by type, sequence range and count', async () => {
  const topic = topicOf();
  await send(3, topic);
  const all = await net.get(`events?topic=${topic}&type=message_confirmed&count`);
  assert.equal(all.body.total, 3);
  const [c, b, a] = all.body.items;
  assert.ok(c.sequence > b.sequence && b.sequence > a.sequence);
  const range = await net.get(`events?topic=${topic}&sequence=>${a.sequence}&sequence=[<=${b.sequence}`);
  assert.deepEqual(range.body.map((e) => e.id), [b.id]);
  const one = await net.get(`events/${b.id}`);
  assert.equal(one.body.sequence, b.sequence);
});

row('core-E2', 'events carry what they refer to when asked', async () => {
  const [id] = await send(1, topicOf());
  const message = (await net.get(`messages/${id}`)).body;
  for (const [type, key] of [['message_confirmed', 'message'], ['transaction_submitted', 'transaction'], ['blockchain_event_received', 'blockchainEvent'], ['identity_confirmed', 'identity']]) {
    const events = (await net.get(`events?type=${type}&limit=1&fetchreferences=true`)).body;
    assert.equal(events[0].type, type);
    assert.ok(events[0][key], `${type} has ${key}`);
    assert.equal(events[0][key].id ?? events[0][key].header.id, events[0].reference);
  }
  const event = (await net.get(`messages/${id}/events`)).body[0];
  const rich = (await net.get(`events/${event.id}?fetchreference=true`)).body;
  assert.equal(rich.message.hash, message.hash);
});

row('core-E3', 'a durable subscription delivers exactly what was missed, in order', async () => {
  const topic = topicOf();
  const sub = await subscribe({ events: 'message_confirmed', topic: `^${topic}$` });
  const first = await Socket.open(net.ws());
  first.start(sub.name);
  const [warm] = await send(1, topic);
  const frame = await first.next();
  assert.equal(frame.reference, warm);
  first.ack(frame);
  await until(async () => (await net.get(`subscriptions/${sub.id}?fetchstatus`)).body.status.currentOffset >= frame.sequence, 'the position to be stored');
  await first.close();
  const ids = await send(10, topic);
  const second = await Socket.open(net.ws());
  second.start(sub.name);
  for (const id of ids) {
    const next = await second.next();
    assert.equal(next.reference, id);
    assert.deepEqual(next.subscription, { id: sub.id, namespace: 'default', name: sub.name });
    second.ack(next);
  }
  assert.ok(await second.silent());
  await second.close();
});

row('core-E4', 'an ephemeral subscription hears only what is new and leaves nothing behind', async () => {
  const topic = topicOf();
  await send(2, topic);
  const before = (await net.get('subscriptions?limit=1&count')).body.total;
  const socket = await Socket.open(net.ws(0, `/ws?ephemeral&namespace=default&filter.topic=${topic}&filter.events=message_confirmed`));
  await until(async () => (await net.get('/api/v1/websockets')).body.connections.some((c) => c.subscriptions.length > 0), 'the start');
  const [id] = await send(1, topic);
  const frame = await socket.next();
  assert.equal(frame.reference, id);
  socket.ack(frame);
  assert.ok(await socket.silent());
  await socket.close();
  assert.equal((await net.get('subscriptions?limit=1&count')).body.total, before);
});

row('core-E5', 'firstEvent oldest, newest and a number begin where they say', async () => {
  const topic = topicOf();
  const ids = await send(3, topic);
  const events = (await net.get(`events?topic=${topic}&type=message_confirmed&sort=sequence&ascending`)).body;
  const listen = async (firstEvent) => {
    const sub = await subscribe({ events: 'message_confirmed', topic }, { firstEvent });
    const socket = await Socket.open(net.ws());
    socket.start(sub.name);
    return socket;
  };
  const oldest = await listen('oldest');
  assert.equal((await oldest.next()).reference, ids[0]);
  await oldest.close();
  const number = await listen(String(events[0].sequence));
  assert.equal((await number.next()).reference, ids[1]);
  await number.close();
  const latest = await listen('newest');
  assert.ok(await latest.silent());
  const [id] = await send(1, topic);
  assert.equal((await latest.next()).reference, id);
  await latest.close();
  for (const bad of ['sometime', '-2']) {
    const res = await net.post('subscriptions', { name: `bad${serial++}`, options: { firstEvent: bad } });
    assert.equal(res.status, 400);
    assert.match(res.body.error, /^FF1019[12]:/);
  }
});

row('core-E6', 'the position is fixed when the subscription is created', async () => {
  const topic = topicOf();
  const sub = await subscribe({ events: 'message_confirmed', topic }, { firstEvent: 'newest' });
  const [id] = await send(1, topic);
  const socket = await Socket.open(net.ws());
  socket.start(sub.name);
  assert.equal((await socket.next()).reference, id);
  await socket.close();
});

row('core-E7', 'each filter is an unanchored regular expression', async () => {
  const topic = topicOf();
  const ids = await send(1, `${topic}-orders`, { tag: 'Invoice' });
  await send(1, `${topic}-other`, { tag: 'Else' });
  const heard = async (filter) => {
    const sub = await subscribe(filter, { firstEvent: 'oldest' });
    const events = (await net.get(`subscriptions/${sub.id}/events?startsequence=0&endsequence=${(await newest()) + 1}&limit=1000`)).body;
    return (events.items ?? events).filter((e) => e.topic?.startsWith(topic)).map((e) => e.reference);
  };
  assert.deepEqual(await heard({ events: 'message_confirmed', topic: `${topic}-ord` }), ids);
  assert.deepEqual(await heard({ events: 'confirmed', message: { tag: 'voi' }, topic }), ids);
  assert.deepEqual(await heard({ events: 'confirmed', message: { author: 'org_0$' }, topic: `${topic}-orders` }), ids);
  assert.deepEqual(await heard({ events: 'confirmed', message: { author: 'org_1' }, topic }), []);
  assert.deepEqual(await heard({ events: 'confirmed', message: { group: '^$' }, topic: `${topic}-orders` }), ids);
  assert.deepEqual(await heard({ events: 'message', transaction: { type: 'x' }, topic }), []);
  assert.deepEqual(await heard({ topics: `${topic}-ord`, tag: 'Inv', author: 'firefly:org', group: '^$', events: 'sage_conf' }), ids);
  assert.deepEqual(await heard({ topic: `${topic}-ord`, topics: 'nothing', events: 'message_confirmed' }), ids);
  // Objects that only events of other types have; those before this test are of no interest.
  const since = await newest();
  const [last] = await send(1, topic);
  const types = async (filter) => {
    const sub = await subscribe(filter);
    const events = (await net.get(`subscriptions/${sub.id}/events?startsequence=${since + 1}&endsequence=${(await newest()) + 1}`)).body;
    return [...new Set((events.items ?? events).map((e) => e.type))].sort();
  };
  assert.deepEqual(await types({ transaction: { type: 'atch_pi' } }), ['transaction_submitted']);
  assert.deepEqual(await types({ transaction: { type: '^contract' } }), []);
  const [{ id }] = (await net.get(`messages/${last}/transaction`).then((r) => net.get(`transactions/${r.body.id}/blockchainevents`))).body;
  const { name } = (await net.get(`blockchainevents/${id}`)).body;
  assert.deepEqual(await types({ blockchainevent: { name: name.slice(1, -1) } }), ['blockchain_event_received']);
  assert.deepEqual(await types({ blockchainevent: { name: `^${name}x` } }), []);
  assert.deepEqual(await types({ events: 'chain|submit' }), ['blockchain_event_received', 'transaction_submitted']);
  assert.deepEqual(await types({ events: 'blockchain', blockchainevent: { listener: '^$' } }), ['blockchain_event_received']);
  assert.deepEqual(await types({ blockchainevent: { listener: '[0-9a-f]' } }), []);
  const bad = await net.post('subscriptions', { name: `bad${serial++}`, filter: { events: '((' } });
  assert.equal(bad.status, 400);
  assert.match(bad.body.error, /^FF10171:/);
});

row('core-E8', 'readAhead 3 has exactly four events under way, and each ack lets one more through', async () => {
  const topic = topicOf();
  const sub = await subscribe({ events: 'message_confirmed', topic }, { readAhead: 3 });
  await send(8, topic);
  const socket = await Socket.open(net.ws());
  socket.start(sub.name);
  const held = [];
  for (let i = 0; i < 4; i++) held.push(await socket.next());
  assert.ok(await socket.silent());
  for (let i = 0; i < 4; i++) {
    socket.ack(held[i]);
    held.push(await socket.next());
    assert.ok(await socket.silent(150), `one more after ack ${i}`);
  }
  assert.equal(new Set(held.map((frame) => frame.id)).size, 8);
  await socket.close();
});

row('core-E9', 'what was not acknowledged comes first on the next connection', async () => {
  const topic = topicOf();
  const sub = await subscribe({ events: 'message_confirmed', topic }, { readAhead: 2 });
  const ids = await send(4, topic);
  const first = await Socket.open(net.ws());
  first.start(sub.name);
  first.ack(await first.next());
  await first.next();
  await first.close();
  const second = await Socket.open(net.ws());
  second.start(sub.name);
  const got = [];
  for (let i = 0; i < 3; i++) {
    const frame = await second.next();
    got.push(frame.reference);
    second.ack(frame);
  }
  assert.deepEqual(got, ids.slice(1));
  await second.close();
});

row('core-E9', 'what was acknowledged does not come again, even when the member was killed meanwhile', async () => {
  const own = new Network({ members: 1, interval: '0' });
  await own.start();
  try {
    const sub = (await own.post('subscriptions', { name: 'survivor', transport: 'websockets', filter: { events: 'message_confirmed' }, options: { firstEvent: 'newest', readAhead: 9 } })).body;
    const ids = [];
    for (let i = 0; i < 4; i++) ids.push((await own.broadcast({ data: [{ value: i }] }, { confirm: true })).header.id);
    const socket = await Socket.open(own.ws());
    socket.start(sub.name);
    const frames = [];
    for (let i = 0; i < 4; i++) frames.push(await socket.next());
    // The third before the second: the position stays at the first.
    for (const i of [0, 2]) socket.ack(frames[i]);
    await until(async () => (await own.get(`subscriptions/${sub.id}?fetchstatus`)).body.status.currentOffset >= frames[0].sequence, 'the position to be stored');
    await own.kill();
    await own.start();
    const again = await Socket.open(own.ws());
    again.start(sub.name);
    for (const id of ids.slice(1)) {
      const frame = await again.next();
      assert.equal(frame.reference, id);
      again.ack(frame);
    }
    assert.ok(await again.silent());
    await again.close();
  } finally {
    await own.close();
  }
});

row('core-E10', 'one connection at a time is served, and the other takes over', async () => {
  const topic = topicOf();
  const sub = await subscribe({ events: 'message_confirmed', topic });
  const [a, b] = [await Socket.open(net.ws()), await Socket.open(net.ws())];
  a.start(sub.name);
  await until(async () => (await net.get('/api/v1/websockets')).body.connections.some((c) => c.subscriptions.some((s) => s.name === sub.name)), 'the first start');
  b.start(sub.name);
  const [one] = await send(1, topic);
  const frame = await a.next();
  assert.equal(frame.reference, one);
  a.ack(frame);
  assert.ok(await b.silent());
  await a.close();
  const [two] = await send(1, topic);
  let next = await b.next();
  if (next.reference === one) { b.ack(next); next = await b.next(); }
  assert.equal(next.reference, two);
  await b.close();
});

row('core-E11', 'batches are arrays, acknowledged at once', async () => {
  const topic = topicOf();
  const sub = await subscribe({ events: 'message_confirmed', topic }, { batch: true, readAhead: 4, batchTimeout: '100ms' });
  const ids = await send(6, topic);
  const socket = await Socket.open(net.ws());
  socket.start(sub.name);
  const first = await socket.next();
  assert.equal(first.type, 'event_batch');
  assert.deepEqual(first.events.map((e) => e.reference), ids.slice(0, first.events.length));
  assert.ok(first.events.length <= 4);
  socket.ack(first);
  const second = await socket.next();
  assert.equal(first.events.length + second.events.length, 6);
  socket.ack(second);
  assert.ok(await socket.silent());
  await socket.close();
});

row('core-E12', 'PUT changes the filter and keeps the position', async () => {
  const topic = topicOf();
  const sub = await subscribe({ events: 'message_confirmed', topic: `^${topic}a$` });
  const [settled, waiting] = await send(2, `${topic}a`);
  const first = await Socket.open(net.ws());
  first.start(sub.name);
  const frame = await first.next();
  assert.equal(frame.reference, settled);
  first.ack(frame);
  await until(async () => (await net.get(`subscriptions/${sub.id}?fetchstatus`)).body.status.currentOffset >= frame.sequence, 'the position to be stored');
  await first.close();
  const [other] = await send(1, `${topic}b`);
  const res = await net.call('PUT', 'subscriptions', { name: sub.name, transport: 'websockets', filter: { events: 'message_confirmed', topic: `^${topic}[ab]$` } });
  assert.equal(res.status, 200);
  assert.equal(res.body.id, sub.id);
  assert.ok(res.body.updated);
  const socket = await Socket.open(net.ws());
  socket.start(sub.name);
  for (const id of [waiting, other]) {
    const next = await socket.next();
    assert.equal(next.reference, id);
    socket.ack(next);
  }
  assert.ok(await socket.silent());
  await socket.close();
});

row('core-E13', 'a deleted subscription is gone, and a new one of its name begins anew', async () => {
  const topic = topicOf();
  const sub = await subscribe({ events: 'message_confirmed', topic });
  await send(1, topic);
  assert.equal((await net.call('DELETE', `subscriptions/${sub.id}`)).status, 204);
  assert.equal((await net.get(`subscriptions/${sub.id}`)).status, 404);
  assert.equal((await net.call('DELETE', `subscriptions/${sub.id}`)).status, 404);
  const again = await subscribe({ events: 'message_confirmed', topic }, { firstEvent: 'newest' }, sub.name);
  assert.notEqual(again.id, sub.id);
  const socket = await Socket.open(net.ws());
  socket.start(sub.name);
  assert.ok(await socket.silent());
  await socket.close();
  const twice = await net.post('subscriptions', { name: sub.name });
  assert.equal(twice.status, 409);
  assert.match(twice.body.error, /^FF10193:/);
});

row('core-E14', 'fetchstatus shows the position as it moves', async () => {
  const topic = topicOf();
  const sub = await subscribe({ events: 'message_confirmed', topic });
  await send(2, topic);
  const socket = await Socket.open(net.ws());
  socket.start(sub.name);
  const position = async () => (await net.get(`subscriptions/${sub.id}?fetchstatus`)).body.status.currentOffset;
  for (let i = 0; i < 2; i++) {
    const frame = await socket.next();
    assert.ok((await position()) < frame.sequence, 'not before it is acknowledged');
    socket.ack(frame);
    await until(async () => (await position()) >= frame.sequence, 'the position');
  }
  await socket.close();
});

row('core-E15', 'past events can be asked for through the filter', async () => {
  const topic = topicOf();
  const ids = await send(3, topic);
  const sub = await subscribe({ events: 'message_confirmed', topic });
  const end = await newest();
  const res = await net.get(`subscriptions/${sub.id}/events?startsequence=${end - 30}&endsequence=${end}`);
  assert.equal(res.status, 200, res.text);
  const items = res.body.items ?? res.body;
  assert.deepEqual(items.map((e) => e.reference).sort(), [...ids].sort());
  const far = await net.get(`subscriptions/${sub.id}/events?startsequence=0&endsequence=100000`);
  assert.equal(far.status, 400);
  assert.match(far.body.error, /^FF10463:/);
});

row('core-E16', '500 subscriptions are served on one member', async () => {
  const topic = topicOf();
  const names = [];
  for (let i = 0; i < 500; i++) names.push((await subscribe({ events: 'message_confirmed', topic }, {}, `${topic}-${i}`)).name);
  const sockets = [];
  for (let i = 0; i < 10; i++) {
    const socket = await Socket.open(net.ws());
    for (const name of names.slice(i * 50, i * 50 + 50)) socket.start(name);
    sockets.push(socket);
  }
  const [id] = await send(1, topic);
  for (const socket of sockets) {
    const heard = new Set();
    for (let i = 0; i < 50; i++) {
      const frame = await socket.next(30);
      assert.equal(frame.reference, id);
      heard.add(frame.subscription.name);
      socket.ack(frame);
    }
    assert.equal(heard.size, 50);
    await socket.close();
  }
});

row('core-E22', 'acks that fit nothing, and acks under autoack, end the socket with their codes', async () => {
  const case1 = await Socket.open(net.ws());
  case1.send({ type: 'ack', id: '00000000-0000-4000-8000-000000000000' });
  assert.match((await case1.next()).error, /^FF10176: .*FF10175:/);
  assert.equal(await case1.closed, 1006);
  const case2 = await Socket.open(net.ws(0, '/ws?namespace=default&ephemeral&autoack'));
  case2.send({ type: 'ack', id: '00000000-0000-4000-8000-000000000000' });
  assert.match((await case2.next()).error, /^FF10176: .*FF10180:/);
  assert.equal(await case2.closed, 1006);
  const case3 = await Socket.open(net.ws());
  case3.send({ type: 'sing' });
  assert.match((await case3.next()).error, /^FF10176: .*FF10177:/);
  const case4 = await Socket.open(net.ws());
  case4.send({ type: 'start', namespace: 'default' });
  assert.match((await case4.next()).error, /^FF10176: .*FF10178:/);
  const case5 = await Socket.open(net.ws());
  case5.send('{nonsense');
  assert.match((await case5.next()).error, /^FF10176:/);
});

row('core-E23', 'the socket of a namespace refuses another one', async () => {
  const socket = await Socket.open(net.ws(0, '/api/v1/namespaces/default/ws'));
  socket.send({ type: 'start', namespace: 'nope', name: 'x' });
  assert.match((await socket.next()).error, /^FF10176: .*FF10462:/);
  await assert.rejects(Socket.open(net.ws(0, '/api/v1/namespaces/nope/ws')), /404/);
  // None is its own.
  const own = await Socket.open(net.ws(0, '/api/v1/namespaces/default/ws'));
  own.send({ type: 'start', ephemeral: true, filter: { events: 'message_confirmed' }, options: { firstEvent: 'oldest' } });
  await send(1, topicOf());
  assert.equal((await own.next()).type, 'message_confirmed');
  await own.close();
});

row('core-E24', 'sockets and what they started are listed', async () => {
  const sub = await subscribe({ events: '.*' });
  const socket = await Socket.open(net.ws(), { headers: { 'user-agent': 'row-E24' } });
  socket.start(sub.name);
  const listed = await until(async () => (await net.get('/api/v1/websockets')).body.connections.find((c) => c.userAgent === 'row-E24' && c.subscriptions.length === 1), 'the socket to be listed');
  assert.equal(listed.subscriptions[0].name, sub.name);
  assert.equal(listed.subscriptions[0].ephemeral, false);
  assert.match(listed.remoteAddress, /^127\.0\.0\.1:/);
  await socket.close();
});

row('core-E26', 'a live event is on the socket in less than 50 ms, with default options', async () => {
  const topic = topicOf();
  const sub = await subscribe({ events: 'message_confirmed', topic });
  const socket = await Socket.open(net.ws());
  socket.start(sub.name);
  const took = [];
  for (let i = 0; i < 21; i++) {
    await send(1, topic);
    const frame = await socket.next();
    took.push(Date.now() - Date.parse(frame.created));
    socket.ack(frame);
  }
  // How often it is as fast is for the benchmark to say: a busy machine delays many, a timer delays all.
  assert.ok(Math.min(...took) < 50, `took ${took} ms`);
  await socket.close();
});
