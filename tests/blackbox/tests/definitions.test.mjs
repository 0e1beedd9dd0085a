// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// Datatypes, and identities below organisations: what is defined by one member counts at all, from its place on.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { after, before } from 'node:test';
import { Network, binary, until } from '../lib/network.mjs';
import { row } from '../lib/rows.mjs';

const require = createRequire(import.meta.url);
const FireFly = require('@hyperledger/firefly-sdk').default;
const Ajv = require('ajv/dist/2020.js').default;
const sha = (text) => createHash('sha256').update(text).digest('hex');

const net = new Network({ members: 3, interval: '100ms', args: ['--faults', '--accounts', '4'] });
const everybody = [0, 1, 2];
let a, accounts;
before(async () => {
  await net.start();
  a = new FireFly({ host: net.url(0), namespace: 'default' });
  accounts = everybody.map((member) => execFileSync(binary, ['accounts', '--data', net.data, '--member', String(member)], { encoding: 'utf8' }).trim().split('\n'));
});
after(() => net.close());

const widget = { type: 'object', properties: { id: { type: 'string' }, n: { type: 'number' } }, required: ['id'], additionalProperties: false };
const typed = (name, value, topics = ['typed']) => ({ header: { topics }, data: [{ datatype: { name, version: '1.0' }, value }] });
const fault = async (body) => assert.equal((await net.post('/dev/faults', body)).status, 200);
const eventsOf = async (id, member) => (await net.get(`messages/${id}/events`, { member })).body.map((e) => [e.type, e.topic]);
async function refused(call, status, code) {
  const res = await call;
  assert.equal(res.status, status, res.text);
  assert.ok(res.body.error.startsWith(`${code}:`), res.text);
  return res.body.error;
}
async function settledEverywhere(id, state) {
  return Promise.all(everybody.map((member) => net.settled(id, { member, state })));
}

row('core-M16', 'a datatype is defined once for all members, and values are checked against it when they are sent', async () => {
  const made = await a.createDatatype({ name: 'widget', version: '1.0', value: widget }, { confirm: true });
  assert.equal(made.hash, sha(JSON.stringify(widget)));
  assert.equal(made.validator, 'json');
  for (const member of everybody) {
    const there = await until(async () => (await net.get('datatypes/widget/1.0', { member })).body?.id && (await net.get('datatypes/widget/1.0', { member })).body, 'the datatype');
    assert.deepEqual(there, made);
    assert.equal((await net.get(`messages/${made.message}`, { member })).body.header.topics[0], sha('datatypewidget'));
    const [event] = (await net.get(`events?type=datatype_confirmed&reference=${made.id}&fetchreferences=true`, { member })).body;
    assert.equal(event.topic, 'ff_definition');
    assert.deepEqual(event.datatype, made);
  }
  assert.deepEqual((await a.getDatatypes({ name: 'widget' })).map((d) => d.id), [made.id]);
  assert.equal((await net.get('datatypes?name=widget&version=2.0')).body.length, 0);

  const sent = await net.broadcast(typed('widget', { id: 'w1', n: 1.5 }), { member: 1 });
  await settledEverywhere(sent.header.id, 'confirmed');
  const error = await refused(net.post('messages/broadcast', typed('widget', { id: 5 })), 400, 'FF10198');
  assert.match(error, /widget\/1\.0.*'\/id'/);
  await refused(net.post('messages/broadcast', typed('nope', 1)), 400, 'FF10195');
  await refused(net.post('messages/broadcast', { data: [{ datatype: { name: 'widget' }, value: 1 }] }), 400, 'FF10195');
  await refused(net.post('data', { datatype: { name: 'widget', version: '1.0' }, value: { id: 'w', more: 1 } }), 400, 'FF10198');
  const group = { members: [{ identity: 'org_1' }] };
  await refused(net.post('messages/private', { group, ...typed('widget', {}) }), 400, 'FF10198');
  await net.broadcast({ data: [{ validator: 'none', datatype: { name: 'nope', version: '1' }, value: 1 }] }, { confirm: true });

  await refused(net.post('datatypes', { name: 'x', version: '1', value: { type: 'nope' } }), 400, 'FF10196');
  await refused(net.post('datatypes', { name: 'x', version: '1', value: { $ref: 'https://example.com/schema' } }), 400, 'FF10196');
  const again = await net.post('datatypes', { name: 'widget', version: '1.0', value: {} });
  assert.equal(again.status, 202, again.text);
  const rejected = await settledEverywhere(again.body.message, 'rejected');
  assert.ok(rejected.every((m) => m.rejectReason === rejected[0].rejectReason && m.rejectReason.startsWith('FF10407:')));
  assert.match(await refused(net.post('datatypes?confirm=true', { name: 'widget', version: '1.0', value: {} }), 500, 'FF10269'), /FF10407/);
});

row('core-M17', 'a value against its datatype is rejected by every member, also by its sender, and the topic goes on', async () => {
  await a.createDatatype({ name: 'strict', version: '1.0', value: widget }, { confirm: true });
  await fault({ skipValidation: 2 });
  const bad = await net.broadcast(typed('strict', { id: 7 }, ['seventeen']), { member: 2 });
  const unknown = await net.broadcast(typed('never', 1, ['seventeen']), { member: 2 });
  await fault({ validate: 2 });
  await refused(net.post('messages/broadcast', typed('strict', { id: 7 }), { member: 2 }), 400, 'FF10198');
  const next = await net.broadcast(typed('strict', { id: 'good' }, ['seventeen']), { member: 2 });
  await settledEverywhere(next.header.id, 'confirmed');
  for (const [message, code] of [[bad, 'FF10198'], [unknown, 'FF10195']]) {
    const there = await settledEverywhere(message.header.id, 'rejected');
    for (const one of there) assert.equal(one.rejectReason, there[0].rejectReason);
    assert.ok(there[0].rejectReason.startsWith(`${code}:`), there[0].rejectReason);
    for (const member of everybody) assert.deepEqual(await eventsOf(message.header.id, member), [['message_rejected', 'seventeen']]);
  }
  const orders = await Promise.all(everybody.map(async (member) => (await net.get('events?topic=seventeen&sort=sequence', { member })).body.map((e) => [e.type, e.reference])));
  assert.equal(orders[0].length, 3);
  for (const order of orders) assert.deepEqual(order, orders[0]);
});

row('core-M17', 'a private value against its datatype is rejected by the whole group', async () => {
  await a.createDatatype({ name: 'secret', version: '1.0', value: widget }, { confirm: true });
  const group = { name: 'typed', members: [{ identity: 'org_1' }] };
  await fault({ skipValidation: 0 });
  const bad = (await net.post('messages/private', { group, ...typed('secret', { id: 7 }, ['hush']) })).body;
  await fault({ validate: 0 });
  const good = (await net.post('messages/private', { group, ...typed('secret', { id: 'x' }, ['hush']) })).body;
  for (const member of [0, 1]) {
    await net.settled(good.header.id, { member });
    assert.match((await net.settled(bad.header.id, { member, state: 'rejected' })).rejectReason, /^FF10198:/);
  }
});

row('core-M18', 'a message in the name of somebody else is rejected with its reason at every member', async () => {
  await fault({ skipValidation: 1 });
  const forged = await net.broadcast({ header: { topics: ['forged'], author: 'org_0', key: accounts[1][0] }, data: [{ value: 'not mine' }] }, { member: 1 });
  await fault({ validate: 1 });
  assert.equal(forged.header.author, 'did:firefly:org/org_0');
  const next = await net.broadcast({ header: { topics: ['forged'] }, data: [{ value: 'mine' }] }, { member: 1 });
  await settledEverywhere(next.header.id, 'confirmed');
  const there = await settledEverywhere(forged.header.id, 'rejected');
  for (const one of there) {
    assert.ok(one.rejectReason.startsWith('FF10453:'), one.rejectReason);
    assert.equal(one.rejectReason, there[0].rejectReason);
  }
  for (const member of everybody) assert.deepEqual(await eventsOf(forged.header.id, member), [['message_rejected', 'forged']]);
  await refused(net.post('messages/broadcast', { header: { author: 'org_0', key: accounts[1][0] }, data: [] }, { member: 1 }), 400, 'FF10206');
});

row('core-N2', 'a custom identity and a child organisation are claimed, verified, and speak for themselves', async () => {
  const org = await a.getOrganization('org_0');
  const clerk = await a.createIdentity({ name: 'clerk', parent: org.id, key: accounts[0][1], description: 'a clerk', profile: { desk: 7 } }, { confirm: true });
  assert.equal(clerk.did, 'did:firefly:clerk');
  assert.equal(clerk.parent, org.id);
  const res = await net.post('network/organizations?confirm=true', { name: 'dept', parent: org.did, key: accounts[0][2] });
  assert.equal(res.status, 200, res.text);
  assert.equal(res.body.did, 'did:firefly:org/dept');
  for (const member of everybody) {
    for (const [did, key] of [[clerk.did, accounts[0][1]], [res.body.did, accounts[0][2]]]) {
      const there = await until(async () => {
        const found = await net.get(`identities/${did}?fetchverifiers`, { member });
        return found.status === 200 && found.body;
      }, `${did} at member ${member}`);
      assert.ok(there.messages.claim && there.messages.verification);
      assert.deepEqual(there.verifiers, [{ type: 'ethereum_address', value: key }]);
      const claim = (await net.get(`messages/${there.messages.claim}`, { member })).body;
      assert.equal(claim.header.author, did);
      assert.equal(claim.header.topics[0], sha(did));
      assert.equal((await net.get(`messages/${there.messages.verification}`, { member })).body.header.author, org.did);
      assert.equal((await net.get(`events?type=identity_confirmed&reference=${there.id}`, { member })).body[0].topic, 'ff_definition');
      const doc = (await net.get(`identities/${there.id}/did`, { member })).body;
      assert.equal(doc.verificationMethod[0].blockchainAcountId, key);
    }
  }
  const said = await net.broadcast({ header: { topics: ['desk'], author: 'did:firefly:clerk' }, data: [{ value: 'next please' }] });
  assert.equal(said.header.key, accounts[0][1]);
  for (const one of await settledEverywhere(said.header.id, 'confirmed')) assert.equal(one.header.author, clerk.did);
  const byKey = await net.broadcast({ header: { topics: ['desk'], key: accounts[0][2] }, data: [{ value: 'memo' }] });
  assert.equal(byKey.header.author, 'did:firefly:org/dept');
  await settledEverywhere(byKey.header.id, 'confirmed');

  const body = { name: 'second', parent: org.id, key: accounts[0][3] };
  await refused(net.post('identities', { ...body, parent: undefined }), 400, 'FF00124');
  await refused(net.post('identities', { ...body, parent: '00000000-0000-4000-8000-000000000000' }), 500, 'FF10214');
  await refused(net.post('identities', { ...body, key: undefined }), 400, 'FF10352');
  await refused(net.post('identities', { ...body, key: accounts[1][1] }), 400, 'LS10503');
  await refused(net.post('identities', { ...body, parent: 'org_1' }), 400, 'LS10503');
  await refused(net.post('identities', { ...body, type: 'org', parent: clerk.did }), 400, 'FF10365');
  assert.match(await refused(net.post('identities?confirm=true', { ...body, key: accounts[0][1] }), 500, 'FF10269'), /FF10453/);
});

row('core-N2', 'a message of an identity that is not known yet waits for it', async () => {
  const early = await net.broadcast({ header: { topics: ['patience'], author: 'did:firefly:org/org_0', key: accounts[0][3] }, data: [{ value: 1 }] });
  const after = await net.broadcast({ header: { topics: ['patience'] }, data: [{ value: 2 }] }, { member: 1 });
  await net.settled(early.header.id, { member: 1, state: 'pending' });
  // Its key turns out to be somebody else's: now it is known what to make of it.
  await a.createIdentity({ name: 'late', parent: 'did:firefly:org/org_0', key: accounts[0][3] }, { confirm: true });
  for (const one of await settledEverywhere(early.header.id, 'rejected')) assert.match(one.rejectReason, /^FF10453:/);
  await settledEverywhere(after.header.id, 'confirmed');
});

row('core-N3', 'an update replaces description and profile at every member', async () => {
  const org = await a.getOrganization('org_0');
  const updated = await a.updateIdentity(org.id, { description: 'promoted', profile: { floor: 'ü', n: 1.5 } }, { confirm: true });
  assert.equal(updated.description, 'promoted');
  for (const member of everybody) {
    await until(async () => (await net.get(`identities/${org.id}`, { member })).body.messages.update === updated.messages.update, 'the update');
    const there = (await net.get(`identities/${org.id}`, { member })).body;
    assert.deepEqual([there.description, there.profile], ['promoted', { floor: 'ü', n: 1.5 }]);
    const [event] = (await net.get(`events?type=identity_updated&reference=${org.id}&fetchreferences=true`, { member })).body;
    assert.equal(event.topic, 'ff_definition');
    assert.equal(event.identity.did, org.did);
  }
  const node = await a.getNode('node_0');
  await a.updateIdentity(node.id, { profile: { place: 'cellar' } }, { confirm: true });
  const after = await a.getNode('node_0');
  assert.deepEqual(after.profile, { id: node.profile.id, place: 'cellar' });
  await refused(net.call('PATCH', `identities/${org.id}`, { description: 'x' }), 400, 'FF10480');
  await refused(net.call('PATCH', `identities/${org.id}`, { profile: 5 }), 400, 'LS10502');
  await refused(net.call('PATCH', 'identities/00000000-0000-4000-8000-000000000000', { profile: {} }), 404, 'FF10143');
  await refused(net.call('PATCH', `identities/${org.id}`, { profile: {} }, { member: 1 }), 400, 'LS10503');
});

row('core-M16', 'values are judged as an independent validator judges them', async () => {
  const cases = [
    [{ type: ['integer', 'null'], minimum: -2, exclusiveMaximum: 5 }, [null, -2, 4, 4.5, 5, -3, '1']],
    [{ enum: [1, 'a', { x: [1, 2] }] }, [1, 'a', { x: [1, 2] }, { x: [2, 1] }, 2]],
    [{ minLength: 2, maxLength: 3, pattern: '^[a-zé]+$' }, ['ab', 'éé', 'a', 'abcd', 'AB', 5]],
    [{ prefixItems: [{ type: 'string' }], items: { type: 'number' }, minItems: 1, uniqueItems: true }, [[], ['a'], ['a', 1, 2], ['a', 1, 1], [1], ['a', 'b'], {}]],
    [{ contains: { const: 1 }, minContains: 1, maxContains: 2 }, [[1], [2], [1, 1, 1], [1, 2, 1]]],
    [{ properties: { a: { type: 'number' } }, patternProperties: { '^x': { type: 'string' } }, additionalProperties: { type: 'boolean' } }, [{ a: 1, x: 's', b: true }, { a: 's' }, { x: 1 }, { b: 1 }]],
    [{ propertyNames: { maxLength: 2 }, minProperties: 1, maxProperties: 2 }, [{}, { a: 1 }, { abc: 1 }, { a: 1, b: 1, c: 1 }]],
    [{ dependentRequired: { a: ['b'] }, dependentSchemas: { c: { required: ['d'] } } }, [{ a: 1 }, { a: 1, b: 1 }, { c: 1 }, { c: 1, d: 1 }, {}]],
    [{ oneOf: [{ multipleOf: 2 }, { multipleOf: 3 }], not: { const: 9 } }, [2, 3, 6, 9, 5]],
    [{ if: { required: ['a'] }, then: { required: ['b'] }, else: { required: ['c'] } }, [{ a: 1 }, { a: 1, b: 1 }, { c: 1 }, {}]],
    [{ $defs: { tree: { properties: { v: { type: 'number' }, next: { $ref: '#/$defs/tree' } }, required: ['v'] } }, $ref: '#/$defs/tree' }, [{ v: 1 }, { v: 1, next: { v: 2 } }, { v: 1, next: {} }]],
    [{ allOf: [{ properties: { a: true } }], anyOf: [{ properties: { b: { const: 1 } }, required: ['b'] }, { properties: { c: true } }], unevaluatedProperties: false }, [{ a: 1 }, { b: 1 }, { b: 2 }, { c: 1, b: 1 }, { d: 1 }]],
    [{ allOf: [{ prefixItems: [true] }], unevaluatedItems: { type: 'number' } }, [[[], 1], [[], 's'], ['s']]],
  ];
  const ajv = new Ajv({ strict: false });
  for (const [i, [schema, values]] of cases.entries()) {
    const made = await net.post('datatypes?confirm=true', { name: `case-${i}`, version: '1', value: schema });
    assert.equal(made.status, 200, made.text);
    const agrees = ajv.compile(schema);
    for (const value of values) {
      if (value === null) continue; // no value at all, for the original: FF10199
      const res = await net.post('data', { datatype: { name: `case-${i}`, version: '1' }, value });
      assert.equal(res.status === 201, agrees(value), `${JSON.stringify(schema)} ${JSON.stringify(value)} ${res.text}`);
    }
  }
});
