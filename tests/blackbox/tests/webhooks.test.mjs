// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// Webhooks: what an endpoint is told, what its answers mean, what happens while it is away, and who may be called.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { Network, binary, until } from '../lib/network.mjs';
import { Receiver, certificateFile, keyFile } from '../lib/receiver.mjs';
import { row } from '../lib/rows.mjs';
import { Socket } from '../lib/socket.mjs';

process.env.SSL_CERT_FILE = certificateFile; // the system's store of the members
const net = new Network({ members: 2, interval: '100ms' });
const receivers = [];
before(() => net.start());
after(async () => {
  for (const receiver of receivers) await receiver.close();
  await net.close();
});

async function receive(options) {
  const receiver = await new Receiver(options).open();
  receivers.push(receiver);
  return receiver;
}
// A webhooks subscription for the confirmed messages of one tag.
async function hook(name, options, { filter = {}, on = net, status = 201 } = {}) {
  const body = { name, transport: 'webhooks', filter: { events: 'message_confirmed', message: { tag: `^${name}$` }, ...filter }, options };
  const res = await on.post('subscriptions', body);
  assert.equal(res.status, status, res.text);
  return res.body;
}
const say = (tag, data, { on = net, header = {}, ...options } = {}) => on.broadcast({ header: { tag, ...header }, data: data.map((value) => ({ value })) }, options);
const letters = async (id, on = net) => (await on.get(`subscriptions/${id}/deadletters?sort=sequence`)).body;
const status = (code) => (_, response) => { response.statusCode = code; response.end(); };
async function cli(...args) {
  const { stdout } = await promisify(execFile)(binary, [...args, '--url', net.url()]);
  return stdout;
}

row('core-E17', 'an endpoint gets the configured method, headers and query, over a connection that stays', async () => {
  const receiver = await receive();
  const made = await hook('plain', { url: receiver.url('/plain?k=1'), headers: { 'x-static': 'h', authorization: 'Bearer t' }, query: { s: 'q v' } });
  assert.equal(made.transport, 'webhooks');
  assert.equal(made.options.withData, true);
  const sent = [];
  for (const value of [{ a: 1 }, 7, [1]]) sent.push(await say('plain', [value]));
  await say('plain', [1, { two: 2 }]);
  const calls = await receiver.count(4);
  assert.deepEqual(calls.map((c) => c.text), ['{"a":1}', '{"value":7}', '{"value":[1]}', '[1,{"two":2}]']);
  for (const { method, url, headers } of calls) {
    assert.deepEqual([method, url, headers['x-static'], headers.authorization, headers['content-type']], ['POST', '/plain?k=1&s=q+v', 'h', 'Bearer t', 'application/json']);
    assert.match(headers['webhook-id'], /^[0-9a-f-]{36}_[0-9a-f-]{36}$/);
    assert.equal(headers['webhook-signature'], undefined);
  }
  assert.equal(new Set(calls.map((c) => c.headers['webhook-id'])).size, 4);
  assert.equal(receiver.connections, 1);

  // Without data it is told the event, as a socket is.
  const bare = await receive();
  await hook('bare', { url: bare.url('/nodata'), withData: false });
  const message = await say('bare', ['x']);
  const [{ body }] = await bare.count(1);
  assert.equal(body.reference, message.header.id);
  assert.equal(body.message.header.tag, 'bare');
  assert.equal(body.subscription.name, 'bare');
  const getter = await receive();
  await hook('getter', { url: getter.url('/get'), method: 'GET' });
  await say('getter', ['x']);
  const [got] = await getter.count(1);
  assert.deepEqual([got.method, got.text], ['GET', '']);
});

row('core-E18', 'path, query, headers and body are taken out of the data', async () => {
  const receiver = await receive();
  await hook('mapped', { url: receiver.url('/mapped'), method: 'PUT', headers: { 'x-static': 'h' }, query: { s: 'q' }, input: { path: 'p', query: 'q', headers: 'h', body: 'b' } });
  await say('mapped', [{ b: { the: 'body' }, h: { 'x-dyn': 'd' }, p: '/sub/seg ment', q: { k: 'v w', n: 1 } }]);
  await say('mapped', [7]);
  await say('mapped', [{ p: '../../etc/passwd', h: { host: 'elsewhere', 'content-length': '3', ok: 'a\r\nx: y' } }]);
  const calls = await receiver.count(3);
  assert.deepEqual(calls.map((c) => [c.method, c.url, c.text]), [
    ['PUT', '/mapped/sub/seg%20ment?k=v+w&n=1&s=q', '{"the":"body"}'], ['PUT', '/mapped?s=q', '{}'], ['PUT', '/mapped/etc/passwd?s=q', '{}']]);
  assert.deepEqual([calls[0].headers['x-dyn'], calls[0].headers['x-static']], ['d', 'h']);
  assert.equal(calls[2].headers.host, `127.0.0.1:${receiver.port}`);
  assert.equal(calls[2].headers.ok, undefined);
});

row('core-E19', 'an answer becomes a reply message, and a reply is not replied to', async () => {
  const receiver = await receive({
    answer: (request, response) => {
      response.setHeader('x-hook', 'yes');
      if (request.url === '/text') { response.setHeader('content-type', 'text/plain'); return response.end('plain answer'); }
      response.setHeader('content-type', 'application/json');
      if (request.url === '/bad') return response.end('<html>');
      response.statusCode = request.url === '/error' ? 500 : 201;
      response.end('{"answer": "from the hook", "n": 1.5}');
    },
  });
  const filter = { message: { tag: '^ask$|^answer_' } }; // also what comes of it
  for (const name of ['json', 'text', 'error', 'bad'])
    await hook(`reply_${name}`, { url: receiver.url(`/${name}`), reply: true, replytag: `answer_${name}`, ...(name === 'text' ? { replytx: 'unpinned' } : {}) }, { filter });
  const sent = await net.post('messages/private', { header: { tag: 'ask', topics: ['asked'] }, group: { members: [{ identity: 'org_1' }] }, data: [{ value: { please: 'reply' } }] });
  assert.equal(sent.status, 202, sent.text);
  const answers = {};
  for (const name of ['json', 'text', 'error', 'bad']) {
    const found = await until(async () => {
      const list = (await net.get(`messages?tag=answer_${name}&state=confirmed&fetchdata`, { member: 1 })).body;
      return list.length > 0 && list;
    }, `the reply ${name}`);
    assert.equal(found.length, 1);
    answers[name] = found[0].data[0].value;
    const { header } = found[0];
    assert.deepEqual([header.cid, header.type, header.group, header.topics, header.tag], [sent.body.header.id, 'private', sent.body.header.group, ['asked'], `answer_${name}`]);
    assert.equal(header.txtype, name === 'text' ? 'unpinned' : 'batch_pin');
  }
  assert.equal(answers.json.status, 201);
  assert.deepEqual(answers.json.body, { answer: 'from the hook', n: 1.5 });
  assert.equal(answers.json.headers['X-Hook'], 'yes');
  assert.equal(answers.text.body, Buffer.from('plain answer').toString('base64'));
  assert.equal(answers.error.status, 500); // an answer like any other
  assert.equal(answers.bad.status, 502);
  assert.match(answers.bad.body.error, /^FF10257/);

  const broadcast = await say('ask', [{ please: 'again' }], { header: { topics: ['asked'] } });
  const again = await until(async () => (await net.get(`messages?cid=${broadcast.header.id}&state=confirmed&tag=answer_json`, { member: 1 })).body[0], 'the reply to all');
  assert.equal(again.header.type, 'broadcast');
  await until(async () => (await net.get(`messages?cid=${broadcast.header.id}&state=confirmed`)).body.length === 4, 'all replies');
  assert.equal(receiver.requests.length, 8, 'replies are acknowledged without a call');
});

row('core-E20', 'calls in parallel, in batches, tried again after 500, and over TLS', async () => {
  let open = 0;
  let most = 0;
  const held = [];
  const parallel = await receive({
    answer: (_, response) => {
      most = Math.max(most, ++open);
      held.push(response);
      if (held.length < 5) return;
      for (const one of held.splice(0)) { open--; one.end(); }
    },
  });
  await hook('fast', { url: parallel.url(), fastack: true });
  await Promise.all([1, 2, 3, 4, 5].map((n) => say('fast', [{ n }])));
  await parallel.count(5);
  assert.equal(most, 5);

  const batch = await receive();
  await hook('batch', { url: batch.url(), batch: true, batchTimeout: '20s', readAhead: 3 });
  for (const value of [{ a: 1 }, 7]) await say('batch', [value]);
  await say('batch', [1, 2]);
  const [array] = await batch.count(1);
  assert.equal(array.text, '[{"a":1},{"value":7},[1,2]]');

  const failing = await receive({ answer: (request, response) => status(request.number < 2 ? 500 : 200)(request, response) });
  await hook('failing', { url: failing.url(), retry: { enabled: true, initialDelay: '10ms' } });
  for (const n of [1, 2]) await say('failing', [{ n }]);
  const calls = await failing.count(4);
  assert.deepEqual(calls.map((c) => c.body.n), [1, 1, 1, 2]);
  assert.equal(new Set(calls.slice(0, 3).map((c) => c.headers['webhook-id'])).size, 1);

  const secure = await receive({ tls: true });
  await hook('secure', { url: secure.url() });
  for (const n of [1, 2]) await say('secure', [{ n }]);
  assert.deepEqual((await secure.count(2)).map((c) => c.body.n), [1, 2]);
  assert.equal(secure.connections, 1);
});

row('core-E20', 'an endpoint is shown the client certificate of the profile that the subscription names', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-config-'));
  const file = join(folder, 'lockstep.yaml');
  writeFileSync(file, `namespaces:
  predefined:
    - name: default
      tlsConfigs:
        - name: partner
          tls: { enabled: true, caFile: ${certificateFile}, certFile: ${certificateFile}, keyFile: ${keyFile} }
`);
  const own = new Network({ members: 1, interval: '50ms', args: ['--config', file] });
  await own.start();
  try {
    const guarded = await receive({ mutual: true });
    await hook('partner', { url: guarded.url(), tlsConfigName: 'partner' }, { on: own });
    await hook('nobody', { url: guarded.url(), onFailure: 'deadLetter', retry: { enabled: false } }, { on: own, filter: { message: { tag: '^partner$' } } });
    await hook('unknown', { url: guarded.url(), tlsConfigName: 'x' }, { on: own, status: 400 });
    await say('partner', [{ n: 1 }], { on: own });
    assert.deepEqual((await guarded.count(1)).map((c) => c.body.n), [1]);
    const [{ id }] = (await own.get('subscriptions?name=nobody')).body;
    await until(async () => (await letters(id, own)).length === 1, 'who shows none to be refused');
    assert.equal(guarded.requests.length, 1);
  } finally {
    await own.close();
    rmSync(folder, { recursive: true });
  }
});

row('core-E21', 'while an endpoint is down nothing is lost and nobody else waits, also through kill -9', async () => {
  const own = new Network({ members: 1, interval: '50ms' });
  await own.start();
  try {
    const up = await receive();
    const down = await receive();
    await hook('alive', { url: up.url() }, { on: own, filter: { message: { tag: '^e21$' } } });
    const away = await hook('away', { url: down.url(), retry: { maxDelay: '200ms' } }, { on: own, filter: { message: { tag: '^e21$' } } });
    await down.close();
    const socket = await Socket.open(own.ws());
    await own.post('subscriptions', { name: 'sock', transport: 'websockets', filter: { message: { tag: '^e21$' } }, options: { readAhead: 100 } });
    socket.start('sock');
    const expected = [];
    for (let n = 0; n < 20; n++) {
      expected.push(n);
      await say('e21', [{ n }], { on: own, confirm: n === 19 });
    }
    for (let n = 0; n < 20; n++) socket.ack(await socket.next());
    await up.count(20);
    await own.kill();
    await own.start();
    for (let n = 20; n < 25; n++) {
      expected.push(n);
      await say('e21', [{ n }], { on: own });
    }
    const told = await until(async () => (await own.get('status/blocked')).body.blocked.find((l) => l.kind === 'subscription'), 'the endpoint to be told among what waits');
    assert.deepEqual([told.id, told.reason, told.missing], [away.id, 'endpoint', away.options.url]);
    assert.ok(told.behind > 0 && Date.parse(told.since) <= Date.now());
    assert.equal((await own.call(told.actions[0].method, told.actions[0].path, {})).status, 202);
    down.port = Number(new URL(away.options.url).port);
    await down.open();
    await down.until((all) => all.some((c) => c.body.n === 24), 'the last event', 60);
    const first = down.requests.map((c) => c.body.n).filter((n, at, all) => all.indexOf(n) === at);
    assert.deepEqual(first, expected, 'all of them, in order');
    await until(async () => (await own.get(`subscriptions/${away.id}?fetchstatus`)).body.status.currentOffset >= (await own.get('events?limit=1&type=message_confirmed')).body[0].sequence, 'the position');
    await socket.close();
  } finally {
    await own.close();
  }
});

row('core-E21', 'what is not taken in time is set aside, and is sent again or deleted on request', async () => {
  let code = 500;
  const receiver = await receive({ answer: (request, response) => status(code)(request, response) });
  const made = await hook('letters', { url: receiver.url(), onFailure: 'deadLetter', retry: { count: 1, initialDelay: '5ms' } });
  const messages = [];
  for (const n of [1, 2, 3]) messages.push(await say('letters', [{ n }]));
  const aside = await until(async () => { const all = await letters(made.id); return all.length === 3 && all; }, 'three dead letters');
  assert.deepEqual(receiver.requests.map((c) => c.body.n), [1, 1, 2, 2, 3, 3]);
  assert.deepEqual(aside.map((l) => l.reference), messages.map((m) => m.header.id));
  for (const letter of aside) {
    assert.deepEqual([letter.subscription, letter.attempts, letter.status, letter.type], [made.id, 2, 500, 'message_confirmed']);
    assert.equal((await net.get(`events/${letter.id}`)).body.sequence, letter.sequence);
  }
  const at = `subscriptions/${made.id}/deadletters`;
  const refused = await net.post(`${at}/${aside[0].id}/redrive`, {});
  assert.equal(refused.status, 502);
  assert.match(refused.body.error, /^LS10416/);
  assert.equal((await letters(made.id))[0].attempts, 3);
  assert.match(await cli('deadletters', 'letters'), /3 tries, status 500/);
  assert.deepEqual(JSON.parse(await cli('deadletters', made.id, '--json')).map((l) => l.id), aside.map((l) => l.id));

  code = 204;
  assert.equal((await net.post(`${at}/${aside[0].id}/redrive`, {})).status, 204);
  assert.equal(receiver.requests.at(-1).body.n, 1);
  assert.deepEqual((await letters(made.id)).map((l) => l.id), [aside[1].id, aside[2].id]);
  assert.equal((await net.post(`${at}/${aside[0].id}/redrive`, {})).status, 404);
  assert.equal((await net.call('DELETE', `${at}/${aside[1].id}`)).status, 204);
  assert.equal((await net.call('DELETE', `${at}/${aside[1].id}`)).status, 404);
  assert.equal(await cli('deadletters', 'letters', '--redrive', 'all'), `${aside[2].id} delivered\n`);
  assert.equal(receiver.requests.at(-1).body.n, 3);
  assert.deepEqual(await letters(made.id), []);
  assert.equal(await cli('deadletters', 'letters'), 'no dead letters\n');
  await assert.rejects(cli('deadletters', 'nobody'), /there is no subscription 'nobody'/);

  // One attempt was asked for: the subscription waits until somebody wants another.
  code = 500;
  const blocked = await hook('blocked', { url: receiver.url('/blocked'), retry: { enabled: false } });
  await say('blocked', [{ n: 4 }]);
  await receiver.until((all) => all.some((c) => c.url === '/blocked'));
  code = 200;
  assert.equal((await net.post(`subscriptions/${blocked.id}/retry`, {})).status, 204);
  const calls = await receiver.until((all) => all.filter((c) => c.url === '/blocked').length === 2, 'the other call');
  assert.deepEqual(calls.slice(-2).map((c) => c.body.n), [4, 4]);
  assert.deepEqual(await letters(blocked.id), []);
});

row('core-E21', 'the bad input of webhooks has numbers', async () => {
  const make = async (options) => {
    const res = await net.post('subscriptions', { name: 'bad', transport: 'webhooks', options });
    return [res.status, res.body.error?.slice(0, 7)];
  };
  const url = 'http://127.0.0.1:1/';
  for (const [options, code] of [[{ url: 'ftp://x/' }, 'LS10410'], [{ url: 'http://u:p@x/' }, 'LS10410'], [{ url, headers: { host: 'x' } }, 'LS10415'], [{ url, signingSecrets: ['x'] }, 'LS10411'],
    [{ url, httpOptions: { proxyURL: 'http://x' } }, 'LS10414'], [{ url, onFailure: 'forget' }, 'FF10189'], [{ url, tlsConfigName: 'none' }, 'FF10455'], [{ url, batch: true, withData: true }, 'FF10460']])
    assert.deepEqual(await make(options), [400, code], JSON.stringify(options));
  const none = '00000000-0000-4000-8000-000000000000';
  assert.equal((await net.get(`subscriptions/${none}/deadletters`)).status, 404);
  assert.equal((await net.get('subscriptions/x/deadletters')).status, 400);
  assert.equal((await net.post(`subscriptions/${none}/retry`, {})).status, 404);
  assert.equal((await net.post(`subscriptions/${none}/deadletters/${none}/redrive`, {})).status, 404);
  const socket = (await net.post('subscriptions', { name: 'nohook' })).body;
  assert.equal((await net.post(`subscriptions/${socket.id}/retry`, {})).status, 409);
});

row('core-E17', 'calls are signed after the Standard Webhooks specification, with secrets that nobody sees again', async () => {
  const secrets = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'];
  const receiver = await receive();
  const options = { url: receiver.url(), signingSecrets: [secrets[0]] };
  const answers = [];
  const made = await net.post('subscriptions', { name: 'signed', transport: 'webhooks', filter: { message: { tag: '^signed$' } }, options });
  answers.push(made);
  await say('signed', [{ n: 'ü' }]);
  const [call] = await receiver.count(1);
  assert.deepEqual(new Webhook(secrets[0]).verify(call.text, call.headers), { n: 'ü' });
  assert.throws(() => new Webhook(secrets[1]).verify(call.text, call.headers));
  assert.throws(() => new Webhook(secrets[0]).verify(`${call.text} `, call.headers));

  // Both while one replaces the other; a change that does not speak of them leaves them.
  answers.push(await net.call('PUT', 'subscriptions', { name: 'signed', transport: 'webhooks', filter: { message: { tag: '^signed$' } }, options: { ...options, signingSecrets: secrets } }));
  answers.push(await net.call('PUT', 'subscriptions', { name: 'signed', transport: 'webhooks', filter: { message: { tag: '^signed$' } }, options: { url: receiver.url('/other') } }));
  await say('signed', [{ n: 2 }]);
  const [, second] = await receiver.count(2);
  assert.equal(second.url, '/other');
  for (const secret of secrets) assert.deepEqual(new Webhook(secret).verify(second.text, second.headers), { n: 2 });

  answers.push(await net.get(`subscriptions/${made.body.id}`), await net.get('subscriptions'), await net.get('subscriptions?name=signed'));
  assert.equal((await net.get('subscriptions?options=@whsec_')).body.length, 0);
  for (const { status: code, text } of answers) {
    assert.ok(code === 200 || code === 201, text);
    assert.ok(!text.includes('whsec_') && !text.includes('signingSecrets'), text);
  }
});

row('core-E21', '--webhook-allow none lets nobody call this machine', async () => {
  const own = new Network({ members: 1, interval: '50ms', args: ['--webhook-allow', 'none', '--processes'] });
  await own.start();
  try {
    assert.ok(own.lines.some((line) => line === 'Webhooks may call the public internet alone.'), own.lines.join('\n'));
    const receiver = await receive();
    const urls = [receiver.url(), `http://localhost:${receiver.port}/`, `http://[::ffff:127.0.0.1]:${receiver.port}/`, `http://2130706433:${receiver.port}/`, 'http://169.254.169.254/latest/meta-data'];
    for (const [at, url] of urls.entries()) {
      const made = await hook(`closed${at}`, { url, onFailure: 'deadLetter', retry: { enabled: false } }, { on: own, filter: { message: { tag: '^closed$' } } });
      assert.equal(made.options.url, url);
    }
    await say('closed', ['x'], { on: own });
    for (const made of (await own.get('subscriptions?name=^closed')).body) {
      const [letter] = await until(async () => { const all = await letters(made.id, own); return all.length > 0 && all; }, `the refusal of ${made.options.url}`);
      assert.match(letter.error, /^LS10412/, made.options.url);
    }
    assert.equal(receiver.connections, 0);
  } finally {
    await own.close();
  }
  assert.ok(net.lines.some((line) => line.includes('127.0.0.0/8,::1/128: --webhook-allow none forbids it')), net.lines.join('\n'));
  await assert.rejects(promisify(execFile)(binary, ['dev', '--webhook-allow', 'localhost']), /LS10413/);
});
