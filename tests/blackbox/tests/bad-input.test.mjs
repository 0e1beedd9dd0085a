// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// Everything that should not come, over HTTP and over the WebSocket: it is answered, as chapter 15 has it, while
// others go on working, and nothing of theirs is lost.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { Network, until } from '../lib/network.mjs';
import { orders } from '../lib/orders.mjs';
import { row } from '../lib/rows.mjs';
import { Socket } from '../lib/socket.mjs';

const net = new Network({ members: 2, interval: '100ms', args: ['--processes'] });
const zero = '00000000-0000-4000-8000-000000000000';
const accepted = [];
const heard = [];
let running = true;
let jobs;
let pids;
let listener;

before(async () => {
  await net.start();
  pids = [...net.pids];
  await net.post('subscriptions', { name: 'all-along', transport: 'websockets', filter: { events: 'message_confirmed', topic: '^good$' }, options: { firstEvent: 'oldest' } });
  listener = await Socket.open(net.ws());
  listener.ws.on('message', (text) => {
    const frame = JSON.parse(text);
    heard.push(frame.reference);
    listener.ack(frame);
  });
  listener.start('all-along');
  jobs = [0, 1].map(async (member) => {
    while (running) {
      accepted.push((await net.broadcast({ header: { topics: ['good'] }, data: [{ value: accepted.length }] }, { member })).header.id);
      await new Promise((ok) => setTimeout(ok, 20));
    }
  });
});
after(() => net.close());

const shown = (text) => (text === undefined ? '' : text.length > 90 ? `${text.slice(0, 90)}…` : text);
// Status and code; what is refused says so in a JSON object with the one member error.
function judge(what, res, status, code) {
  assert.equal(res.status, status, `${what}: ${res.status} ${shown(res.text)}`);
  if (status < 400) return;
  assert.deepEqual(Object.keys(res.body ?? {}), ['error'], `${what}: ${shown(res.text)}`);
  assert.match(res.body.error, /^(FF|LS)\d{5}: ./, what);
  if (code) assert.ok(res.body.error.startsWith(`${code}: `), `${what}: ${res.body.error}`);
}

row('core-A3', 'every route that takes a body refuses what is no JSON object', async () => {
  const deep = 100_000;
  const bodies = {
    'nothing': ['', 'LS10103'], 'white space': [' \n', 'LS10103'],
    'no JSON': ['{nonsense', 'LS10100'], 'half of it': ['{"a":1', 'LS10100'], 'two of them': ['{} {}', 'LS10100'], 'a trailing comma': ['{"a":1,}', 'LS10100'],
    'single quotes': ["{'a':1}", 'LS10100'], 'NaN': ['{"a":NaN}', 'LS10100'], 'a leading zero': ['{"a":01}', 'LS10100'], 'a bad escape': ['{"a":"\\x"}', 'LS10100'],
    'a control character': ['{"a":"\u0001"}', 'LS10100'], 'a byte order mark': ['\ufeff{}', 'LS10100'], 'a comment': ['{/* */}', 'LS10100'],
    'null': ['null', 'LS10702'], 'an array': ['[]', 'LS10702'], 'a number': ['7', 'LS10702'], 'a string': ['"x"', 'LS10702'], 'true': ['true', 'LS10702'],
    'deep objects': ['{"a":'.repeat(deep) + '1' + '}'.repeat(deep), 'LS10101'], 'deep arrays': [`{"a":${'['.repeat(deep)}${']'.repeat(deep)}}`, 'LS10101'],
    'depth that does not end': ['['.repeat(deep), 'LS10101'],
  };
  const doc = (await net.get('/api/openapi.json')).body;
  let routes = 0;
  for (const [path, methods] of Object.entries(doc.paths)) {
    for (const method of Object.keys(methods).filter((m) => ['post', 'put', 'patch'].includes(m))) {
      const full = `/api/v1${path.replace('{ns}', 'default').replace(/\{[^}]*\}/g, zero)}`;
      routes++;
      for (const [name, [body, code]] of Object.entries(bodies)) judge(`${method} ${full}: ${name}`, await net.call(method.toUpperCase(), full, body), 400, code);
      judge(`${method} ${full}: XML`, await net.call(method.toUpperCase(), full, '<a/>', { headers: { 'content-type': 'application/xml' } }), 415, 'FF00162');
    }
  }
  assert.ok(routes >= 10, `${routes} routes`);
});

row('core-A3', 'a member of the wrong type is refused by name, and null is as if it were not there', async () => {
  const broadcast = [
    ['{"header":5}', 'LS10502'], ['{"header":[]}', 'LS10502'], ['{"header":"x"}', 'LS10502'], ['{"header":{"cid":5}}', 'LS10502'], ['{"header":{"cid":"x"}}', 'FF00138'],
    ['{"header":{"type":5}}', 'LS10502'], ['{"header":{"txtype":5}}', 'LS10502'], ['{"header":{"author":5}}', 'LS10502'], ['{"header":{"key":{}}}', 'LS10502'],
    ['{"header":{"tag":[]}}', 'LS10502'], ['{"header":{"group":5}}', 'LS10502'], ['{"header":{"group":"zz"}}', 'FF00107'], ['{"header":{"created":"x"}}', 'FF00136'],
    ['{"header":{"topics":5}}', 'LS10502'], ['{"header":{"topics":[5]}}', 'LS10502'], ['{"header":{"topics":[null]}}', 'LS10502'], ['{"header":{"topics":{}}}', 'LS10502'],
    ['{"header":{"topics":[""]}}', 'FF00140'], ['{"data":5}', 'LS10502'], ['{"data":{}}', 'LS10502'], ['{"data":[5]}', 'LS10502'], ['{"data":[null]}', 'LS10502'], ['{"data":[[]]}', 'LS10502'],
    ['{"data":[{"id":5}]}', 'LS10502'], ['{"data":[{"id":"x"}]}', 'FF00138'], ['{"data":[{"hash":5}]}', 'LS10502'], ['{"data":[{"hash":"zz"}]}', 'FF00107'],
    ['{"data":[{"validator":5}]}', 'LS10502'], ['{"data":[{"datatype":5,"value":1}]}', 'LS10502'], ['{"data":[{"datatype":{"name":5},"value":1}]}', 'LS10502'],
    ['{"data":[{"value":null}]}', 'FF10205'], ['{"data":[{"value":1,"blob":5}]}', 'LS10502'], ['{"data":[{"blob":{"hash":"zz"}}]}', 'FF00107'], ['{"idempotencyKey":5}', 'LS10502'], ['{"idempotencyKey":{}}', 'LS10502'],
    [`{"idempotencyKey":"${'k'.repeat(257)}"}`, 'LS10502'],
  ];
  for (const [body, code] of broadcast) judge(body, await net.call('POST', 'messages/broadcast', body), 400, code);
  const nulls = '{"header":{"cid":null,"tag":null,"topics":null,"author":null,"group":null,"created":null},"idempotencyKey":null,"data":[{"id":null,"validator":null,"datatype":null,"blob":null,"value":0}]}';
  judge(nulls, await net.call('POST', 'messages/broadcast', nulls), 202);
  judge('header null', await net.call('POST', 'messages/broadcast', '{"header":null,"data":null}'), 202);

  const subscription = [
    ['"name":5', 400, 'FF10189'], ['"name":null', 400, 'FF00140'], [`"name":"${'n'.repeat(65)}"`, 400, 'FF00140'], ['"transport":5', 400, 'FF10189'], ['"transport":"pigeon"', 500, 'FF10172'],
    ['"transport":"system"', 500, 'FF10266'], ['"transport":"webhooks"', 400, 'FF10242'], ['"filter":5', 400, 'FF10189'], ['"filter":{"events":5}', 400, 'FF10189'],
    ['"filter":{"events":"(("}', 400, 'FF10171'], ['"filter":{"message":5}', 400, 'FF10189'], ['"filter":{"message":{"tag":5}}', 400, 'FF10189'], ['"options":5', 400, 'FF10189'],
    ['"options":{"readAhead":"3"}', 400, 'FF10189'], ['"options":{"readAhead":-1}', 400, 'FF10189'], ['"options":{"readAhead":1.5}', 400, 'FF10189'],
    ['"options":{"firstEvent":5}', 400, 'FF10189'], ['"options":{"firstEvent":"9223372036854775808"}', 400, 'FF10191'], ['"options":{"firstEvent":"1e3"}', 400, 'FF10191'],
    ['"options":{"firstEvent":"-2"}', 400, 'FF10192'], ['"options":{"withData":"yes"}', 400, 'FF10189'], ['"options":{"batch":5}', 400, 'FF10189'], ['"options":{"batchTimeout":5}', 400, 'FF10189'],
  ];
  for (const [members, status, code] of subscription) {
    const body = members.startsWith('"name"') ? `{${members}}` : `{"name":"bad",${members}}`;
    for (const method of ['POST', 'PUT']) judge(`${method} ${body}`, await net.call(method, 'subscriptions', body), status, code);
  }
  assert.equal((await net.get('subscriptions?name=bad')).body.length, 0);
});

row('core-A3', 'unknown members are passed over, and of two of one name the last counts', async () => {
  const body = '{"junk":{"x":[1,null]},"header":{"tag":"first","other":5,"tag":"last"},"header2":1,"data":[{"value":"kept","more":[{}]}]}';
  const res = await net.call('POST', 'messages/broadcast', body);
  judge(body, res, 202);
  assert.equal(res.body.header.tag, 'last');
  assert.equal(res.body.junk, undefined);
  const twice = await net.call('POST', 'messages/broadcast', '{"data":[],"data":[{"value":2}]}');
  assert.equal(twice.body.data.length, 1);
  const there = await net.post('subscriptions', { name: 'unknown-members', unknown: [1, { x: null }], filter: { nothing: 1 }, options: { other: 1 } });
  judge('a subscription with unknown members', there, 201);
});

row('core-A3', 'numbers beyond 2^53, odd strings and doubled names come out as they went in', async () => {
  // As written, except that HTML's signs are escaped and bytes that are no UTF-8 become U+FFFD, as the original has it.
  const values = [
    ['9007199254740993'], ['-9223372036854775809'], ['1180591620717411303424'], ['1e400'], ['1.0'], ['-0'], ['0.1e-999'], ['{"a":1,"a":2}'], ['"\\ud800"'], ['"\\u0000"'],
    ['[null,true,{"":{}}]'], [`[${'['.repeat(900)}${']'.repeat(900)}]`], ['"<&>"', '"\\u003c\\u0026\\u003e"'], [Buffer.from([0x22, 0xff, 0xfe, 0x22]), '"\\ufffd\\ufffd"'], [Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), undefined],
  ];
  for (const [value, expected = typeof value === 'string' ? value : undefined] of values) {
    const body = Buffer.concat([Buffer.from('{"data":[{"value":'), Buffer.from(value), Buffer.from('}]}')]);
    const res = await fetch(`${net.url()}/api/v1/messages/broadcast?confirm=true`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    assert.equal(res.status, 200, String(value));
    const sent = await res.json();
    const read = async (member) => (await net.get(`data/${sent.data[0].id}/value`, { member })).text.trim();
    await net.settled(sent.header.id, { member: 1 });
    const here = await read(0);
    if (expected) assert.equal(here, expected);
    assert.equal(await read(1), here);
  }
});

row('core-A3', 'queries and paths that make no sense', async () => {
  const cases = [
    ['messages?limit=9223372036854775808', 400, 'FF00192'], ['messages?skip=1001', 400, 'FF00191'],
    ...['9223372036854775808', '>99999999999999999999999', '1.5', 'abc', '0x10', '%20', ''].map((v) => [`events?sequence=${v}`, 400, 'FF00143']), ['events?sequence=9007199254740993', 200],
    ['messages?created=abc', 400, 'FF00143'], ['messages?created=99999999999999999999', 400, 'FF00143'], ['messages?id=abc', 400, 'FF00143'], ['messages?id=@abc', 400, 'FF00145'],
    ['messages?hash=zz', 400, 'FF00143'], ['messages?tag=%00', 400, 'FF00143'], ['messages?tag=%ff%fe', 400, 'FF00143'], ['messages?sequence=!>1', 400, 'FF00193'],
    ["messages?tag=a';drop%20table%20messages;--", 200], ['messages?sort=,-,,', 200], ['messages?%zz=1', 200], [`messages?tag=${'t'.repeat(20_000)}`, 200],
    [`messages?${Array.from({ length: 2000 }, (_, i) => `tag=${i}`).join('&')}`, 200], [`messages?${Array.from({ length: 2000 }, (_, i) => `tag=[!${i}`).join('&')}`, 200], [`messages?sort=${'created,'.repeat(3000)}`, 200],
    ['events/5', 400, 'FF00138'], ['events/%zz', 404, 'FF10109'], ['messages/%00', 400, 'FF00138'], ['data/x/value', 400, 'FF00138'], [`data/${zero}/value`, 404], ['identities/did:firefly:org/nobody', 404],
    ['network/diddocs/x', 400, 'FF10349'], ['verifiers/zz', 400, 'FF00107'], ['charts/histogram/events', 400, 'FF10299'], ['charts/histogram/events?startTime=1&endTime=2&buckets=-1', 400, 'FF10298'],
    ['nothing/at/all', 404, 'FF10109'], ['/api/v1/', 404, 'FF10109'], ['/api/v2/messages', 404, 'FF10109'], ['/api/v1/namespaces/%zz/messages', 404, 'FF10109'], ['/api/v1/namespaces/nope/messages', 404, 'FF10436'],
    ['/../../etc/passwd', 404, 'FF10109'], ['/%2e%2e/%2e%2e/etc/passwd', 404, 'FF10109'],
  ];
  for (const [path, status, code] of cases) {
    judge(shown(path), await net.get(path), status, code);
  }
  for (const [method, path] of [['DELETE', 'messages'], ['PUT', 'messages/broadcast'], ['PATCH', 'data'], ['POST', 'events'], ['FOO', 'messages'], ['POST', '/status/live'], ['DELETE', '/api']]) {
    const res = await net.call(method, path, method === 'DELETE' ? undefined : '{}');
    assert.equal(res.status, 405, `${method} ${path}`);
    assert.equal(res.text, '');
  }
  for (const [type, status] of [['', 415], ['json', 415], ['application/octet-stream', 415], ['multipart/form-data; boundary=x', 415], ['text/plain', 202], ['APPLICATION/JSON', 202], ['application/json;;;', 202]]) {
    judge(`content type '${type}'`, await net.call('POST', 'messages/broadcast', '{"data":[{"value":1}]}', { headers: { 'content-type': type } }), status, status === 415 ? 'FF00162' : undefined);
  }
  for (const time of ['abc', '1e9', '99999999999999999999', '5x']) assert.equal((await net.get('status', { headers: { 'request-timeout': time } })).status, 200, `Request-Timeout: ${time}`);
});

// What comes back for these bytes, until the member closes or is silent for a while after an answer.
function raw(bytes, { port = net.port, patience = 5000 } = {}) {
  return new Promise((ok) => {
    let answer = Buffer.alloc(0);
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const late = setTimeout(() => { socket.destroy(); ok({ text: answer.toString('latin1'), bytes: answer, closed: false }); }, patience);
    socket.on('data', (d) => { answer = Buffer.concat([answer, d]); });
    socket.on('error', () => {});
    socket.on('close', () => { clearTimeout(late); ok({ text: answer.toString('latin1'), bytes: answer, closed: true }); });
  });
}
const post = 'POST /api/v1/messages/broadcast HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';

row('core-A3', 'requests that are no HTTP, or too much of it', async () => {
  const cases = [
    ['rubbish', 'complete rubbish\r\n\r\n', /^HTTP\/1\.1 400/], ['another version', 'GET / HTTP/3.7\r\nhost: x\r\n\r\n', /^HTTP\/1\.[01] (400|505)/], ['a header without a colon', 'GET / HTTP/1.1\r\nhost: x\r\nnonsense\r\n\r\n', /^HTTP\/1\.1 400/],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nhost: x\r\nx: a\0b\r\n\r\n', /^HTTP\/1\.1 400/], ['a long header', `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'y'.repeat(100_000)}\r\n\r\n`, /^HTTP\/1\.1 431/],
    ['many headers', `GET / HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(20_000)}\r\n`, /^HTTP\/1\.1 431/], ['a long path', `GET /${'y'.repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, /^HTTP\/1\.1 (414|431)/],
    ['a negative length', `${post}content-length: -5\r\n\r\n{}`, /^HTTP\/1\.1 400/], ['a length that is no number', `${post}content-length: many\r\n\r\n{}`, /^HTTP\/1\.1 400/],
    ['two lengths', `${post}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, /^HTTP\/1\.1 400/], ['length and chunks', `${post}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, /^HTTP\/1\.1 400/],
    ['a chunk of no size', `${post}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n`, /^HTTP\/1\.1 400/], ['a chunk of all sizes', `${post}transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}`, /^HTTP\/1\.1 (400|413)/],
    ['a body that is said to be 20 MB', `${post}content-length: 20000000\r\n\r\n`, /^HTTP\/1\.1 413/], ['a body that is said to be 2^64', `${post}content-length: 18446744073709551616\r\n\r\n`, /^HTTP\/1\.1 (400|413)/],
    ['20 MB in chunks', `${post}transfer-encoding: chunked\r\n\r\n${`100000\r\n${'x'.repeat(1 << 20)}\r\n`.repeat(20)}0\r\n\r\n`, /^HTTP\/1\.1 413/],
  ];
  for (const [name, bytes, expected] of cases) {
    const { text, closed } = await raw(bytes);
    assert.match(text, expected, `${name}: ${shown(text)}`);
    assert.ok(closed, `${name}: the connection stays open`);
  }
  // A good request on the same connection is answered, a body that never comes harms nobody.
  const two = await raw('GET /status/live HTTP/1.1\r\nhost: x\r\n\r\nDELETE /api/v1/messages HTTP/1.1\r\nhost: x\r\n\r\nGET /status/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  assert.deepEqual(two.text.match(/^HTTP\/1\.1 \d+/gm), ['HTTP/1.1 200', 'HTTP/1.1 405', 'HTTP/1.1 200']);
  const never = Array.from({ length: 50 }, () => connect(net.port, '127.0.0.1', function () { this.write(`${post}content-length: 100\r\n\r\n{"da`); }).on('error', () => {}));
  assert.equal((await net.get('status')).status, 200);
  for (const socket of never) socket.destroy();
});

row(['core-A3', 'core-E22'], 'messages on the socket that cannot be used are refused with FF10176 and end that socket', async () => {
  const deep = 100_000;
  const start = (members) => `{"type":"start","namespace":"default",${members}}`;
  const cases = [
    ['', ''], ['{nonsense', 'LS10100'], ['null', 'FF10177'], ['[]', ''], ['5', ''], ['"start"', ''], ['{}', 'FF10177'], ['{"type":null}', 'FF10177'], ['{"type":5}', ''], ['{"type":"sing"}', 'FF10177'],
    ['{"type":"start","type":"sing"}', 'FF10177'], ['['.repeat(deep), 'LS10101'], [`{"type":${'['.repeat(deep)}${']'.repeat(deep)}}`, 'LS10101'], ['{"type":"start"}', 'FF10436'], ['{"type":"start","namespace":"default"}', 'FF10178'],
    ['{"type":"start","namespace":5}', ''], ['{"type":"start","namespace":"nope","name":"x"}', 'FF10436'], [start('"name":5'), ''], [start('"name":null'), 'FF10178'], [start('"ephemeral":"yes"'), ''],
    [start('"ephemeral":true,"autoack":"yes"'), ''], [start('"ephemeral":true,"filter":5'), ''], [start('"ephemeral":true,"filter":{"events":5}'), ''], [start('"ephemeral":true,"filter":{"events":"(("}'), 'FF10171'],
    [start('"ephemeral":true,"options":5'), ''], [start('"ephemeral":true,"options":{"readAhead":-1}'), ''], [start('"ephemeral":true,"options":{"readAhead":1.5}'), ''], [start('"ephemeral":true,"options":{"firstEvent":"2e9"}'), 'FF10191'],
    [start('"ephemeral":true,"options":{"batch":true,"batchTimeout":"soon"}'), 'FF00137'], ['{"type":"ack","id":5}', ''], ['{"type":"ack","id":"x"}', 'FF00138'], ['{"type":"ack","subscription":5}', ''],
    ['{"type":"ack","subscription":{"id":"x"}}', 'FF00138'], ['{"type":"ack","subscription":{"name":5}}', ''], ['{"type":"ack"}', 'FF10175'], [`{"type":"ack","id":"${zero}"}`, 'FF10175'],
  ];
  for (const [text, code] of cases) {
    const socket = await Socket.open(net.ws());
    socket.send(text);
    const frame = await socket.next();
    assert.equal(frame.type, 'protocol_error', shown(text));
    assert.ok(frame.error.startsWith(`FF10176: `) && frame.error.includes(code), `${shown(text)}: ${frame.error}`);
    assert.equal(await socket.closed, 1006, shown(text));
  }
  // Numbers beyond 2^53 and unknown members are no reason.
  const odd = await Socket.open(net.ws());
  odd.send(start('"ephemeral":true,"junk":[9007199254740993,{"a":null}],"options":{"other":1}'));
  await until(async () => (await net.get('/api/v1/websockets')).body.connections.some((c) => c.subscriptions.some((s) => s.ephemeral)), 'the odd start');
  assert.ok((await odd.next()).id);
  await odd.close();
});

// A frame as a client sends it, unless something is wrong on purpose.
function frame(opcode, payload, { fin = true, mask = true, rsv = 0, length } = {}) {
  const bytes = Buffer.from(payload);
  const size = length ?? BigInt(bytes.length);
  const head = [(fin ? 0x80 : 0) | rsv << 4 | opcode];
  if (size < 126n) head.push((mask ? 0x80 : 0) | Number(size));
  else { head.push((mask ? 0x80 : 0) | 127); for (let i = 56n; i >= 0n; i -= 8n) head.push(Number(size >> i & 255n)); }
  const key = randomBytes(4);
  if (mask) for (let i = 0; i < bytes.length; i++) bytes[i] ^= key[i % 4];
  return Buffer.concat([Buffer.from(head), mask ? key : Buffer.alloc(0), bytes]);
}
const upgrade = (lines = '') => `GET /ws HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${randomBytes(16).toString('base64')}\r\n${lines}\r\n`;

row('core-A3', 'frames that are no frames, or too much of it, are closed with the code of RFC 6455', async () => {
  const text = '{"type":"sing"}';
  const cases = [
    ['without a mask', frame(1, text, { mask: false }), 1002], ['an opcode that nobody knows', frame(5, text), 1002], ['a control opcode that nobody knows', frame(11, text), 1002], ['reserved bits', frame(1, text, { rsv: 4 }), 1002],
    ['a continuation of nothing', frame(0, text), 1002], ['a new message within another', Buffer.concat([frame(1, '{', { fin: false }), frame(1, text)]), 1002],
    ['a ping of 126 bytes', frame(9, 'p'.repeat(126)), 1002], ['a ping in parts', frame(9, 'p', { fin: false }), 1002], ['a close of one byte', frame(8, 'x'), 1002],
    ['text that is no UTF-8', frame(1, Buffer.from([0x22, 0xff, 0xfe, 0x22])), 1007], ['a frame of 2 MB', frame(1, 'x'.repeat(2 << 20)), 1009],
    ['a frame that says 2^62', frame(1, 'x', { length: 1n << 62n }), 1009], ['a frame that says 2^63', frame(1, 'x', { length: 1n << 63n }), 1009],
    ['a message of 2 MB in parts', Buffer.concat([frame(1, 'x'.repeat(700_000), { fin: false }), frame(0, 'x'.repeat(700_000), { fin: false }), frame(0, 'x'.repeat(700_000))]), 1009],
  ];
  for (const [name, bytes, code] of cases) {
    const { bytes: answer, closed } = await raw(Buffer.concat([Buffer.from(upgrade()), bytes]));
    assert.ok(closed, `${name}: stays open`);
    const end = answer.indexOf('\r\n\r\n') + 4;
    assert.match(answer.subarray(0, end).toString(), /^HTTP\/1\.1 101/, name);
    const closing = answer.subarray(end);
    assert.equal(closing[0], 0x88, `${name}: ${closing.toString('hex').slice(0, 60)}`);
    assert.equal(closing.readUInt16BE(2), code, name);
  }
  const handshakes = [
    ['no key', upgrade().replace(/sec-websocket-key: \S+\r\n/, ''), /^HTTP\/1\.1 400/], ['an old version', upgrade().replace('version: 13', 'version: 8'), /^HTTP\/1\.1 (400|426)/],
    ['another method', upgrade().replace('GET', 'POST'), /^HTTP\/1\.1 (400|405|426)/], ['no upgrade', 'GET /ws HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', /^HTTP\/1\.1 426/], ['no such socket', upgrade().replace('/ws', '/wss'), /^HTTP\/1\.1 (404|400)/],
  ];
  for (const [name, bytes, expected] of handshakes) {
    const { text: answer } = await raw(bytes, { patience: 700 });
    assert.match(answer, expected, `${name}: ${shown(answer)}`);
  }
});

row('core-A3', 'a query that starts a subscription wrongly is told so, and the socket stays', async () => {
  for (const [query, code] of [['ephemeral', 'FF10178'], ['ephemeral&namespace=nope', 'FF10436'], ['ephemeral&namespace=default&filter.events=((', 'FF10171'], ['ephemeral&namespace=default&batch&batchtimeout=soon', 'FF00137']]) {
    const socket = await Socket.open(net.ws(0, `/ws?${query}`));
    const first = await socket.next();
    assert.equal(first.type, 'protocol_error', query);
    assert.ok(first.error.startsWith(`${code}:`), `${query}: ${first.error}`);
    socket.send({ type: 'start', namespace: 'default', ephemeral: true });
    assert.ok((await socket.next()).id, 'it goes on');
    await socket.close();
  }
  for (const read of ['99999', '-1', 'x', '1.5']) {
    const socket = await Socket.open(net.ws(0, `/ws?ephemeral&namespace=default&autoack&readahead=${read}`));
    assert.ok((await socket.next()).id, `readahead=${read} is passed over`);
    await socket.close();
  }
});

test('nobody else has lost anything by all that', { timeout: 60_000 }, async () => {
  running = false;
  await Promise.all(jobs);
  assert.ok(accepted.length > 100, `${accepted.length} messages are no load`);
  for (const member of [0, 1]) for (const id of accepted.slice(-2)) await net.settled(id, { member });
  await until(() => heard.length >= accepted.length, 'every event');
  const [a, b] = [await orders(net, 0, ['good']), await orders(net, 1, ['good'])];
  assert.deepEqual(a, b);
  assert.deepEqual([...a.good].sort(), [...accepted].sort());
  assert.deepEqual(heard, a.good, 'the socket that was open all along heard each, once, in order');
  assert.equal(listener.closeCode, undefined);
  assert.deepEqual(net.pids, pids, 'the members are the same processes');
  await listener.close();
});
