// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// What waits is told with its reason, and what can be done about it works.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { after, before } from 'node:test';
import { promisify } from 'node:util';
import { Network, binary, until } from '../lib/network.mjs';
import { row } from '../lib/rows.mjs';

const net = new Network({ members: 3, interval: '100ms', args: ['--faults', '--accounts', '2'] });
before(() => net.start());
after(() => net.close());

const fault = async (body) => assert.equal((await net.post('/dev/faults', body)).status, 200);
const blocked = async (member) => (await net.get('status/blocked', { member })).body.blocked;
const waiting = (member, wanted) => until(async () => (await blocked(member)).find(wanted), `member ${member} to tell what waits`);
const nothingWaits = (member) => until(async () => (await blocked(member)).length === 0, `nothing to wait at member ${member}`);
const act = (action, options) => net.call(action.method, action.path, action.body ?? {}, options);
const cli = (...args) => promisify(execFile)(binary, ['blocked', '--url', net.url(1), ...args]);

row(['core-O7', 'core-O6', 'core-B5'], 'a broadcast whose document is missing is told, and comes when it is tried again', async () => {
  for (const member of [0, 1, 2]) assert.deepEqual(await blocked(member), []);
  assert.match((await cli()).stdout, /^nothing waits$/m);
  await fault({ withhold: 0 });
  const sent = await net.broadcast({ header: { topics: ['held'] }, data: [{ value: 1 }] });
  const line = await waiting(1, (l) => l.kind === 'context');
  const { batch } = await net.settled(sent.header.id);
  assert.equal(line.reason, 'batch');
  assert.match(line.missing, /^[0-9a-f]{64}$/);
  assert.ok(line.detail.includes(batch));
  assert.ok(Date.parse(line.since) <= Date.now());
  assert.equal(line.behind, 0);
  const behind = await net.broadcast({ header: { topics: ['held'] }, data: [{ value: 2 }] }, { member: 1 });
  await until(async () => (await blocked(1)).find((l) => l.id === line.id)?.behind === 1, 'the next message to wait behind it');
  assert.equal((await waiting(1, (l) => l.id === line.id)).topic, 'held', 'known by the message behind it');

  const [pin] = (await net.get(`pins?batch=${batch}`, { member: 1 })).body;
  const bySequence = await net.post('pins/rewind', { sequence: pin.sequence }, { member: 1 });
  assert.deepEqual([bySequence.status, bySequence.body], [200, { sequence: pin.sequence, batch }]);
  const byBatch = await net.post('pins/rewind', { batch }, { member: 1 });
  assert.deepEqual([byBatch.status, byBatch.body], [200, { batch }]);
  assert.deepEqual(line.actions.map((a) => a.name), ['rewind', 'retry']);
  for (const action of line.actions) assert.ok([200, 202].includes((await act(action, { member: 1 })).status), action.name);
  const reject = await net.post(`status/blocked/context/${line.id}/reject`, { reason: 'too late' }, { member: 1 });
  assert.equal(reject.status, 409, 'another member may have it');
  assert.match(reject.body.error, /^LS10705:/);
  assert.ok((await cli('--do', 'retry', '--id', line.id)).stdout.includes(line.id));
  await assert.rejects(cli('--do', 'retry', '--id', '0'.repeat(64)));
  const told = (await cli()).stdout;
  assert.match(told, new RegExp(`^context ${line.id}\n +topic +held\n +waits +for batch: .*${batch}`, 'm'));
  assert.equal(JSON.parse((await cli('--json')).stdout).blocked[0].id, line.id);

  const download = async () => (await net.get('operations?type=sharedstorage_download_batch&sort=created', { member: 1 })).body.filter((o) => o.input.payloadRef === line.missing);
  const [operation] = await download();
  assert.equal(operation.status, 'Pending');
  const retried = await net.post(`operations/${operation.id}/retry`, {}, { member: 1 });
  assert.equal(retried.status, 202, retried.text);
  assert.notEqual(retried.body.id, operation.id);
  const again = (await net.post(`operations/${operation.id}/retry`, {}, { member: 1 })).body;
  const chain = await download();
  assert.deepEqual(chain.map((o) => [o.id, o.retry]), [[operation.id, retried.body.id], [retried.body.id, again.id], [again.id, undefined]]);
  assert.equal((await net.get(`messages/${sent.header.id}`, { member: 1 })).status, 404);

  await fault({ release: 0 });
  assert.equal((await net.post(`operations/${operation.id}/retry`, {}, { member: 1 })).status, 202);
  for (const id of [sent.header.id, behind.header.id]) await net.settled(id, { member: 1 });
  await until(async () => (await download()).every((o) => o.status === 'Succeeded' && o.output.batch === batch), 'the operations to succeed');
  const done = (await net.post(`operations/${operation.id}/retry`, {}, { member: 1 })).body;
  assert.equal(done.status, 'Succeeded', 'nothing is left to be done');
  for (const member of [0, 1, 2]) await nothingWaits(member);
  assert.equal((await net.post('pins/rewind', { batch }, { member: 1 })).status, 200, 'what is settled stays so');
  const events = (await net.get(`messages/${sent.header.id}/events`, { member: 1 })).body;
  assert.equal(events.length, 1);
});

row(['core-O7', 'core-B5'], 'a peer that is cut off is told with what waits for it, and what waits at the other side too', async () => {
  const group = { members: [{ identity: 'org_1' }] };
  const first = (await net.post('messages/private', { header: { topics: ['cut'] }, group, data: [{ value: 0 }] })).body;
  await net.settled(first.header.id, { member: 1 });
  await fault({ cut: [0, 1] });
  const sent = (await net.post('messages/private', { header: { topics: ['cut'] }, group, data: [{ value: 1 }] })).body;
  const peer = await waiting(0, (l) => l.kind === 'peer');
  assert.match(peer.id, /node_1$/);
  assert.equal(peer.reason, 'peer');
  assert.match(peer.missing, /^127\.0\.0\.1:\d+$/);
  assert.ok(peer.behind >= 1);
  const context = await waiting(1, (l) => l.kind === 'context');
  assert.equal(context.reason, 'batch');
  assert.equal(context.topic, 'cut', 'whose turn it is says the topic, though the message is not here');
  assert.equal(context.group, sent.header.group);
  assert.deepEqual((await blocked(2)).filter((l) => l.kind === 'context'), [], 'who is not in the group waits for nothing');
  for (const action of peer.actions) assert.equal((await act(action)).status, 202);
  for (const action of context.actions) assert.ok([200, 202].includes((await act(action, { member: 1 })).status));
  const { batch, txid } = await net.settled(sent.header.id);
  assert.equal((await net.post('pins/rewind', { batch }, { member: 1 })).status, 200);
  const sends = (await net.get(`transactions/${txid}/operations?type=dataexchange_send_batch&status=Pending`)).body;
  assert.equal(sends.length, 1);
  assert.equal((await net.post(`operations/${sends[0].id}/retry`, {})).status, 202);

  await fault({ heal: [0, 1] });
  await net.settled(sent.header.id, { member: 1 });
  await until(async () => (await net.get(`transactions/${txid}/operations?type=dataexchange_send_batch`)).body.every((o) => o.status === 'Succeeded'), 'both operations to succeed');
  for (const member of [0, 1]) await nothingWaits(member);
});

row('core-B5', 'pins that no block takes are told by their signer', async () => {
  await fault({ pauseLedger: true });
  const sent = await net.broadcast({ header: { topics: ['paused'] }, data: [{ value: 1 }] });
  const line = await waiting(0, (l) => l.kind === 'signer');
  assert.equal(line.id, sent.header.key);
  assert.deepEqual([line.reason, line.behind], ['pin', 1]);
  assert.equal((await act(line.actions[0])).status, 202);
  const [operation] = (await net.get('operations?type=blockchain_pin_batch&status=Pending')).body;
  assert.equal((await net.post(`operations/${operation.id}/retry`, {})).status, 202);
  await fault({ pauseLedger: false });
  await net.settled(sent.header.id, { member: 2 });
  await nothingWaits(0);
  const pins = (await net.get('pins?limit=1000')).body.filter((p) => p.batch === operation.input.batch);
  assert.ok(pins.length <= 1, 'sending twice pins once');
});

row(['core-O7', 'core-B5', 'core-N2'], 'what a key of nobody has pinned is rejected by every member when one of them says why', async () => {
  const accounts = execFileSync(binary, ['accounts', '--data', net.data, '--member', '2'], { encoding: 'utf8' }).trim().split('\n');
  await fault({ skipValidation: 2 });
  const strange = await net.broadcast({ header: { topics: ['street'], author: 'org_2', key: accounts[1] }, data: [{ value: 'who am I' }] }, { member: 2 });
  await fault({ validate: 2 });
  const next = await net.broadcast({ header: { topics: ['street'] }, data: [{ value: 'next' }] });
  const line = await waiting(1, (l) => l.topic === 'street' && l.behind === 1);
  assert.deepEqual([line.reason, line.missing], ['identity', accounts[1]]);
  const action = line.actions.find((a) => a.name === 'reject');
  const empty = await act(action, { member: 1 });
  assert.deepEqual([empty.status, empty.body.error.slice(0, 8)], [400, 'FF00112:']);
  await assert.rejects(cli('--do', 'reject', '--id', line.id), /--reason/);
  await cli('--do', 'reject', '--id', line.id, '--reason', 'nobody of ours');
  for (const member of [0, 1, 2]) {
    const { rejectReason } = await net.settled(strange.header.id, { member, state: 'rejected' });
    assert.match(rejectReason, new RegExp(`^LS10901:.*${accounts[1]}.*org_1.*nobody of ours`));
    await net.settled(next.header.id, { member });
    await nothingWaits(member);
  }
  const again = await act(action, { member: 1 });
  assert.equal(again.status, 400, 'a reason is asked for first');
  assert.equal((await net.call(action.method, action.path, { reason: 'r' }, { member: 1 })).status, 404, 'nothing waits there any more');
});

row(['core-O7', 'core-B5'], 'what is not there cannot be tried again', async () => {
  const nobody = '00000000-0000-4000-8000-000000000000';
  const refused = async (path, body, status, code) => {
    const res = await net.post(path, body);
    assert.equal(res.status, status, res.text);
    assert.match(res.body.error, new RegExp(`^${code}:`));
  };
  await refused('pins/rewind', {}, 400, 'LS10704');
  await refused('pins/rewind', { batch: nobody }, 404, 'FF10109');
  await refused('pins/rewind', { batch: 'x' }, 400, 'FF00138');
  await refused('pins/rewind', { sequence: 999999999999 }, 404, 'FF10109');
  await refused(`operations/${nobody}/retry`, {}, 404, 'FF10109');
  await refused('operations/x/retry', {}, 400, 'FF00138');
  for (const [kind, id] of [['context', '0'.repeat(64)], ['context', 'x'], ['peer', 'x'], ['signer', '0x00'], ['weather', 'x']]) await refused(`status/blocked/${kind}/${id}/retry`, {}, 404, 'FF10109');
});
