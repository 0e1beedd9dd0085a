// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Network, until } from '../lib/network.mjs';
import { row } from '../lib/rows.mjs';

const net = new Network({ members: 3, interval: '100ms' });
before(() => net.start());
after(() => net.close());

row('core-N1', 'organisations and nodes are registered, and every member lists all of them alike', async () => {
  for (const member of [0, 1, 2]) {
    const status = (await net.get('status', { member })).body;
    assert.equal(status.org.registered, true);
    assert.equal(status.org.did, `did:firefly:org/org_${member}`);
    assert.equal(status.node.registered, true);
    assert.equal(status.multiparty.enabled, true);
    const { peers } = (await net.get('/status/stages', { member })).body;
    assert.equal(peers.length, 2);
    assert.ok(peers.every((peer) => peer.connected), JSON.stringify(peers));
  }
  const listed = async (path, member) => (await net.get(`${path}?sort=did`, { member })).body.map((i) => [i.id, i.did, i.type, i.parent ?? '']).sort();
  for (const path of ['network/organizations', 'network/nodes', 'identities']) {
    const a = await listed(path, 0);
    assert.equal(a.length, path === 'identities' ? 6 : 3);
    assert.deepEqual(a, await listed(path, 1));
    assert.deepEqual(a, await listed(path, 2));
  }
  const org = await net.get('network/organizations/org_1');
  assert.equal(org.body.name, 'org_1');
  const node = await net.get('network/nodes/node_1');
  assert.equal(node.body.parent, org.body.id);
});

row('core-N4', 'verifiers and DID documents are as the original has them', async () => {
  const status = (await net.get('status')).body;
  const id = status.org.id;
  const verifiers = (await net.get(`identities/${id}/verifiers`)).body;
  assert.equal(verifiers.length, 1);
  assert.equal(verifiers[0].type, 'ethereum_address');
  assert.match(verifiers[0].value, /^0x[0-9a-f]{40}$/);
  const { createHash } = await import('node:crypto');
  assert.equal(verifiers[0].hash, createHash('sha256').update(`default${verifiers[0].type}${verifiers[0].value}`).digest('hex'));
  for (const path of [`identities/${id}/did`, `network/diddocs/${status.org.did}`]) {
    const doc = (await net.get(path)).body;
    assert.equal(doc.id, status.org.did);
    assert.deepEqual(doc.authentication, [`#${verifiers[0].hash}`]);
    assert.equal(doc.verificationMethod[0].blockchainAcountId, verifiers[0].value);
  }
  const node = (await net.get('network/nodes/node_0')).body;
  const doc = (await net.get(`identities/${node.id}/did`)).body;
  assert.equal(doc.verificationMethod[0].type, 'FireFlyDataExchangePeerIdentity');
  assert.equal(doc.verificationMethod[0].dataExchangePeerID, node.profile.id);
  const resolved = await net.post('verifiers/resolve', { value: verifiers[0].value.toUpperCase().replace('0X', '0x') });
  assert.equal(resolved.body.value, verifiers[0].value);
});

row('core-N8', 'status/multiparty goes from unregistered over registering to registered', async () => {
  const bare = new Network({ members: 1, interval: '100ms', args: ['--no-register', '--faults'] });
  await bare.start();
  try {
    const status = async () => (await bare.get('status/multiparty')).body;
    assert.equal((await status()).org.status, 'unregistered');
    await bare.post('/dev/faults', { pauseLedger: true });
    await bare.post('network/organizations/self', {});
    const registering = await status();
    assert.equal(registering.org.status, 'registering');
    assert.ok(registering.org.pendingRegistrationMessageId);
    await bare.post('/dev/faults', { pauseLedger: false });
    await until(async () => (await status()).org.status === 'registered', 'the organisation');
    const node = await bare.post('network/nodes/self?confirm=true', {});
    assert.equal(node.status, 200, node.text);
    assert.equal((await status()).node.status, 'registered');
    assert.equal((await bare.get('status')).body.org.registered, true);
  } finally {
    await bare.close();
  }
});

row('core-A9', 'members with a process each do the same, and come back with what they had', async () => {
  const apart = new Network({ members: 2, interval: '100ms', args: ['--processes'] });
  await apart.start();
  try {
    assert.equal(apart.pids.filter(Boolean).length, 2);
    const first = await apart.broadcast({ data: [{ value: 1 }] }, { confirm: true });
    process.kill(apart.pids[1], 'SIGKILL');
    const second = await apart.broadcast({ data: [{ value: 2 }] }, { confirm: true });
    for (const m of [first, second]) {
      await until(async () => (await apart.get(`messages/${m.header.id}`, { member: 1 }).catch(() => undefined))?.body?.state === 'confirmed', 'the killed member to have it', 30);
    }
  } finally {
    await apart.close();
  }
});
