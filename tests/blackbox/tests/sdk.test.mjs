// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// The official client, unmodified.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before } from 'node:test';
import { Network, until } from '../lib/network.mjs';
import { row } from '../lib/rows.mjs';

const FireFly = createRequire(import.meta.url)('@hyperledger/firefly-sdk').default;
const net = new Network({ members: 2, interval: '100ms' });
let a, b;
const sockets = [];
before(async () => {
  await net.start();
  a = new FireFly({ host: net.url(0), namespace: 'default' });
  b = new FireFly({ host: net.url(1), namespace: 'default' });
});
after(async () => {
  for (const socket of sockets) socket.close(); // else the client goes on connecting for ever
  await net.close();
});

row('core-A8', 'the Node SDK does all that exists here', async () => {
  const status = await a.getStatus();
  assert.equal(status.org.registered, true);
  assert.equal((await a.getOrganizations()).length, 2);
  assert.equal((await a.getNodes()).length, 2);
  assert.equal((await a.getIdentities()).length, 4);
  assert.ok((await a.getVerifiers()).length >= 2);

  const data = await a.uploadData({ value: { from: 'sdk' } });
  assert.deepEqual((await a.findData({ id: data.id }))[0].value, { from: 'sdk' });
  const sent = await a.sendBroadcast({ header: { tag: 'sdk', topics: ['sdk'] }, data: [{ id: data.id }, { value: 'second' }] }, { confirm: true });
  assert.equal(sent.state, 'confirmed');
  await until(async () => (await b.getMessage(sent.header.id))?.state === 'confirmed', 'the other member');
  assert.equal((await b.getMessages({ tag: 'sdk' })).length, 1);
  assert.equal((await b.getMessages({ topics: 'sdk', tag: '^sd' })).length, 1);
  assert.equal((await net.get(`messages/${sent.header.id}/data`, { member: 1 })).body[1].value, 'second');
  assert.equal((await a.getBatches({ id: sent.batch })).length, 1);
  assert.ok((await a.getTransaction(sent.txid)).blockchainIds.length === 1);
  assert.ok((await a.getOperations({ tx: sent.txid })).length >= 2);
  assert.equal((await net.get(`events?type=message_confirmed&reference=${sent.header.id}`)).body.length, 1);
  assert.ok((await a.getBlockchainEvents({ 'tx.id': sent.txid })).length === 1);
  assert.equal(await a.getMessage('00000000-0000-4000-8000-000000000000'), undefined);

  await assert.rejects(async () => {
    await a.sendBroadcast({ idempotencyKey: 'sdk-1', data: [{ value: 1 }] });
    await a.sendBroadcast({ idempotencyKey: 'sdk-1', data: [{ value: 1 }] });
  }, (error) => error.constructor.name === 'FireFlyIdempotencyError');

  const sub = await a.replaceSubscription({ name: 'sdk-sub', transport: 'websockets', filter: { events: 'message_confirmed', topic: 'sdk-live' }, options: { firstEvent: 'newest' } });
  const replaced = await a.replaceSubscription({ name: 'sdk-sub', transport: 'websockets', filter: { events: 'message_confirmed', topic: '^sdk-live$' } });
  assert.equal(replaced.id, sub.id);
  assert.ok((await a.getSubscriptions({ name: 'sdk-sub' })).length === 1);
  const heard = [];
  const socket = a.listen('sdk-sub', async (_socket, event) => { heard.push(event); });
  sockets.push(socket);
  for (let i = 0; i < 3; i++) await b.sendBroadcast({ header: { topics: ['sdk-live'] }, data: [{ value: i }] }, { confirm: true });
  await until(() => heard.length === 3, 'three events');
  assert.ok(heard.every((e) => e.type === 'message_confirmed' && e.message.header.topics[0] === 'sdk-live'));
  await until(async () => ((await net.get(`subscriptions/${sub.id}?fetchstatus`)).body.status.currentOffset >= heard[2].sequence), 'the acknowledgements');
  socket.close();

  const live = [];
  const ephemeral = a.listen({ namespace: 'default', filter: { events: 'message_confirmed' } }, async (_socket, event) => { live.push(event); });
  sockets.push(ephemeral);
  await until(async () => (await net.get('/api/v1/websockets')).body.connections.some((c) => c.subscriptions.some((s) => s.ephemeral)), 'the ephemeral start');
  const last = await a.sendBroadcast({ data: [{ value: 'live' }] }, { confirm: true });
  await until(() => live.some((e) => e.reference === last.header.id), 'the live event');
  ephemeral.close();
  await a.deleteSubscription(sub.id);
  assert.equal((await a.getSubscriptions({ name: 'sdk-sub' })).length, 0);
});
