// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// Blobs: in and out of a member by the piece, and between members, in broadcasts and in private.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { Network, freePorts, until } from '../lib/network.mjs';
import { proxyOf } from '../lib/proxy.mjs';
import { row } from '../lib/rows.mjs';

const FireFly = createRequire(import.meta.url)('@hyperledger/firefly-sdk').default;
const sha = (bytes) => createHash('sha256').update(bytes).digest('hex');
const MB = 1_000_000;
const net = new Network({ members: 3, interval: '100ms', args: ['--faults', '--processes'] });
let proxy, a, b;
before(async () => {
  const [port, target] = [await freePorts(1), await freePorts(1)];
  proxy = await proxyOf(net.data, 0, port, target).open();
  await net.start();
  a = new FireFly({ host: net.url(0), namespace: 'default' });
  b = new FireFly({ host: net.url(1), namespace: 'default' });
});
after(async () => {
  await net.close();
  await proxy.close();
});

const folder = (member) => join(net.data, `member-${member}`, 'blobs');
const files = (member) => readdirSync(folder(member)).sort();
async function collect(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}
// As a browser sends it.
async function upload(bytes, fields = {}, { member = 0, filename = 'file.bin', status = 201, after: late = {} } = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (bytes !== undefined) form.append('file', new Blob([bytes]), filename);
  for (const [name, value] of Object.entries(late)) form.append(name, value);
  const res = await fetch(`${net.url(member)}/api/v1/data`, { method: 'POST', body: form });
  const text = await res.text();
  assert.equal(res.status, status, text);
  return JSON.parse(text);
}
async function download(id, { member = 0, headers = {} } = {}) {
  const res = await fetch(`${net.url(member)}/api/v1/data/${id}/blob`, { headers });
  return { status: res.status, headers: res.headers, bytes: Buffer.from(await res.arrayBuffer()) };
}

row('core-M4', 'a blob of 10 MB that is broadcast is downloaded at another member, byte for byte, by the official client', async () => {
  const bytes = randomBytes(10 * MB);
  const data = await a.uploadDataBlob(bytes, { filename: 'ten.bin' });
  assert.equal(data.blob.hash, sha(bytes));
  assert.equal(data.blob.size, bytes.length);
  assert.equal(data.blob.name, 'ten.bin');
  assert.equal(data.blob.path, '/');
  assert.equal(data.blob.public, undefined);
  assert.equal(data.value.filename, 'ten.bin');
  assert.equal(data.hash, sha(sha(JSON.stringify(data.value)) + data.blob.hash));
  const sent = await a.sendBroadcast({ header: { topics: ['blobs'] }, data: [{ id: data.id }] }, { confirm: true });
  for (const member of [1, 2]) await net.settled(sent.header.id, { member });

  assert.ok((await collect(await b.getDataBlob(data.id))).equals(bytes));
  const there = await download(data.id, { member: 2 });
  assert.equal(there.status, 200);
  assert.equal(there.headers.get('content-type'), 'application/octet-stream');
  assert.equal(there.headers.get('x-ff-blob-hash-sha256'), sha(bytes));
  assert.equal(there.headers.get('x-ff-blob-size'), String(bytes.length));
  assert.ok(there.bytes.equals(bytes));
  const shown = await Promise.all([0, 1, 2].map(async (member) => (await net.get(`data/${data.id}`, { member })).body));
  assert.ok(shown[0].blob.public);
  assert.deepEqual(shown[1], shown[0]);
  assert.deepEqual(shown[2], shown[0]);
  const operations = (await net.get(`operations?tx=${(await a.getMessage(sent.header.id)).txid}`)).body;
  assert.deepEqual(operations.map((o) => `${o.type} ${o.status}`).sort(), ['blockchain_pin_batch Succeeded', 'sharedstorage_upload_batch Succeeded', 'sharedstorage_upload_blob Succeeded']);
  assert.equal(operations.find((o) => o.type === 'sharedstorage_upload_blob').input.dataId, data.id);
});

row('core-M4', 'forms are taken as the original takes them', async () => {
  const { uploads } = JSON.parse(readFileSync(new URL('../../vectors/firefly/uploads.json', import.meta.url)));
  for (const known of uploads) {
    if (known.fields['datatype.name']) continue; // its datatype is not defined here
    const got = await upload(Buffer.from(known.bytes_base64, 'base64'), known.fields, { filename: known.filename });
    const expected = JSON.parse(known.text);
    assert.deepEqual(got.blob, expected.blob, known.name);
    assert.equal(got.validator, expected.validator);
    // The text of numbers stays as it came (1.10), where the original writes them anew (1.1).
    assert.deepEqual(got.value, expected.value, known.name);
    if (!known.fields.metadata?.includes('1.10')) assert.equal(got.hash, expected.hash, known.name);
  }
  const named = await upload('x', { metadata: '{"path":"/in/some","filename":"place"}' });
  assert.equal(named.blob.name, '/in/some/place');
  assert.equal(named.blob.path, '/in/some');
  assert.deepEqual((await net.get('datasubpaths/in')).body, ['/in/some']);
  assert.equal((await net.get('data?blob.name=/in/some/place')).body.length, 1);

  const code = (body) => body.error.slice(0, 7);
  assert.equal(code(await upload('x', {}, { status: 400, after: { autometa: 'true' } })), 'FF00163');
  assert.equal(code(await upload(undefined, { autometa: 'true' }, { status: 400 })), 'FF00161');
  assert.equal(code(await upload('x', { validator: 'xml' }, { status: 400 })), 'FF00108');
  const raw = (type, body) => net.post('data', body, { headers: { 'content-type': type } });
  for (const [type, body] of [['multipart/form-data', '--x'], ['multipart/form-data; boundary=x', ''], ['multipart/form-data; boundary=x', '--x\r\n\r\n--x--'], ['multipart/form-data; boundary=x', `--x\r\nContent-Disposition: form-data; name="${'n'.repeat(20_000)}`]]) {
    const res = await raw(type, body);
    assert.deepEqual([res.status, code(res.body)], [400, 'FF00161'], type + body.slice(0, 50));
  }
  const big = await upload('x', { metadata: 'm'.repeat(1_100_000) }, { status: 400 });
  assert.equal(code(big), 'FF00161');
  assert.ok(files(0).every((name) => !name.endsWith('.part')), 'what was refused is not kept');
});

row('core-M4', 'a range of a blob is answered alone', async () => {
  const bytes = randomBytes(1000);
  const { id } = await upload(bytes);
  const part = await download(id, { headers: { range: 'bytes=100-199' } });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get('content-range'), 'bytes 100-199/1000');
  assert.ok(part.bytes.equals(bytes.subarray(100, 200)));
  assert.equal((await download(id, { headers: { range: 'bytes=1000-' } })).status, 416);
  assert.equal((await download(id, { headers: { range: 'lines=1-2' } })).status, 200);
});

row('core-M4', 'a blob goes with the last data that has it', async () => {
  const bytes = randomBytes(3000);
  const hash = sha(bytes);
  const [one, two] = [await upload(bytes), await upload(bytes)];
  assert.notEqual(one.id, two.id);
  assert.equal(files(0).filter((name) => name === hash).length, 1);
  const again = await net.post('data', { value: 1, blob: { hash } });
  assert.equal(again.status, 201, again.text);
  assert.equal(again.body.blob.size, 3000);
  assert.equal((await net.post('data', { blob: { hash: sha('nobody has this') } })).status, 404);
  for (const id of [one.id, two.id]) {
    assert.equal((await net.call('DELETE', `data/${id}`)).status, 204);
    assert.ok(files(0).includes(hash));
  }
  await a.deleteData(again.body.id);
  assert.ok(!files(0).includes(hash));
  assert.equal((await download(one.id)).status, 404);

  const used = await upload(randomBytes(10));
  await a.sendBroadcast({ data: [{ id: used.id }] }, { confirm: true });
  const refused = await net.call('DELETE', `data/${used.id}`);
  assert.equal(refused.status, 409);
  assert.equal((await download(used.id)).status, 200);
});

row('core-M8', 'a private blob is at the members of its group and nowhere else', async () => {
  const bytes = randomBytes(5 * MB);
  const data = await a.uploadDataBlob(bytes, { filename: 'secret.bin' });
  const sent = await a.sendPrivateMessage({ header: { topics: ['secret-blobs'] }, group: { members: [{ identity: 'org_1' }] }, data: [{ id: data.id }, { value: 'and this' }] });
  await net.settled(sent.header.id, { member: 1 });
  const here = await net.settled(sent.header.id);
  assert.ok((await collect(await b.getDataBlob(data.id))).equals(bytes));
  const there = (await net.get(`data/${data.id}`, { member: 1 })).body;
  assert.deepEqual(there, (await net.get(`data/${data.id}`)).body);
  assert.equal(there.blob.public, undefined);
  const operations = await until(async () => {
    const all = (await net.get(`operations?tx=${here.txid}`)).body;
    return all.every((o) => o.status === 'Succeeded') && all;
  }, 'every operation to succeed');
  const send = operations.filter((o) => o.type === 'dataexchange_send_blob');
  assert.equal(send.length, 1);
  const node = (await net.get('network/nodes')).body.find((n) => n.name === 'node_1').id;
  assert.deepEqual(send[0].input, { node, hash: sha(bytes), data_id: data.id });

  const open = await a.sendBroadcast({ header: { topics: ['secret-blobs'] }, data: [{ value: 1 }] });
  await net.settled(open.header.id, { member: 2 });
  assert.ok(files(1).includes(sha(bytes)));
  assert.ok(!existsSync(join(folder(2), sha(bytes))));
  assert.ok(!existsSync(join(folder(2), `${sha(bytes)}.part`)));

  // The same blob again: nothing has to travel, and the operation succeeds all the same.
  const before = proxy.bytes.out + proxy.bytes.in;
  const again = await a.sendPrivateMessage({ header: { topics: ['secret-blobs'], txtype: 'unpinned' }, group: { members: [{ identity: 'org_1' }] }, data: [{ id: data.id }] });
  await net.settled(again.header.id, { member: 1 });
  const { txid } = await net.settled(again.header.id);
  await until(async () => (await net.get(`operations?tx=${txid}`)).body.every((o) => o.status === 'Succeeded'), 'every operation to succeed');
  assert.ok(proxy.bytes.out + proxy.bytes.in - before < MB);
});

row(['core-M8', 'core-M9'], 'an unpinned message with a blob is told of when the blob is there', async () => {
  const bytes = randomBytes(2 * MB);
  const { id } = await upload(bytes);
  const sent = await a.sendPrivateMessage({ header: { txtype: 'unpinned', topics: ['loose-blobs'] }, group: { members: [{ identity: 'org_1' }] }, data: [{ id }] });
  await net.settled(sent.header.id, { member: 1 });
  assert.ok((await download(id, { member: 1 })).bytes.equals(bytes));
});

row(['core-M4', 'core-O4'], 'a blob that cannot come holds up its own topic alone, until it comes', async () => {
  const { id } = await upload(randomBytes(MB));
  await net.post('/dev/faults', { withhold: 0 });
  const first = await a.sendBroadcast({ header: { topics: ['held'] }, data: [{ id }] });
  const second = await b.sendBroadcast({ header: { topics: ['held'] }, data: [{ value: 2 }] });
  const free = await b.sendBroadcast({ header: { topics: ['free'] }, data: [{ value: 3 }] });
  await net.settled(free.header.id, { member: 1 });
  await net.settled(second.header.id, { member: 0 });
  const state = async (message) => (await net.get(`messages/${message.header.id}`, { member: 1 })).body.state;
  assert.equal(await state(second), 'sent');
  await net.post('/dev/faults', { release: 0 });
  await net.settled(second.header.id, { member: 1 });
  await net.settled(first.header.id, { member: 1 });
  assert.equal((await download(id, { member: 1 })).status, 200);
});

row(['core-M8', 'core-O8'], 'a receiver that is killed in the middle of a blob goes on where it was', async () => {
  const bytes = randomBytes(120 * MB);
  const hash = sha(bytes);
  const { id } = await upload(bytes);
  const began = proxy.bytes.out;
  const sent = await a.sendPrivateMessage({ header: { topics: ['killed'] }, group: { members: [{ identity: 'org_1' }] }, data: [{ id }] });
  await until(() => proxy.bytes.out - began > 30 * MB, 'a part of the blob');
  proxy.stall();
  process.kill(net.pids[1], 'SIGKILL');
  const part = join(folder(1), `${hash}.part`);
  const had = statSync(part).size;
  assert.ok(had > MB && had < bytes.length, `${had} bytes were there`);
  proxy.go();
  await until(async () => (await net.settled(sent.header.id, { member: 1, seconds: 60 }).catch(() => undefined)), 'the message', 90);
  assert.ok((await download(id, { member: 1 })).bytes.equals(bytes));
  assert.ok(!existsSync(part));
  const carried = proxy.bytes.out - began;
  assert.ok(carried < bytes.length + 40 * MB, `${carried} bytes were carried`);
  const { txid } = await net.settled(sent.header.id);
  await until(async () => (await net.get(`operations?tx=${txid}`)).body.every((o) => o.status === 'Succeeded'), 'every operation to succeed');
});

row('core-M4', 'an upload that breaks off leaves nothing, and a member that is killed cleans up', async () => {
  const before = files(0);
  const broken = async () => {
    const req = request(`${net.url(0)}/api/v1/data`, { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x', 'content-length': 50 * MB } });
    req.on('error', () => {});
    req.write(`--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n${'x'.repeat(MB)}`);
    await until(() => files(0).some((name) => name.startsWith('upload-')), 'the draft');
    return req;
  };
  (await broken()).destroy();
  await until(() => files(0).length === before.length, 'the draft to go');
  const req = await broken();
  process.kill(net.pids[0], 'SIGKILL');
  await new Promise((ok) => req.once('close', ok));
  await until(async () => (await net.get('status').catch(() => undefined))?.status === 200, 'the member to be back', 60);
  await until(() => files(0).length === before.length, 'the draft to go');
  assert.deepEqual(files(0), before);
});
