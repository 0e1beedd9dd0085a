// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before } from 'node:test';
import { Network, until } from '../lib/network.mjs';
import { row } from '../lib/rows.mjs';

const net = new Network({ members: 2, interval: '100ms', args: ['--faults'] });
before(() => net.start());
after(() => net.close());

row('core-A2', 'every operator and modifier of the filters', async () => {
  const tag = `Tag${Date.now().toString(36)}`;
  const ids = {};
  for (const [name, suffix] of [['a', 'Alpha'], ['b', 'beta'], ['c', 'alphaX']]) ids[name] = (await net.broadcast({ header: { tag: `${tag}.${suffix}`, topics: [tag] }, data: [{ value: name }] }, { confirm: true })).header.id;
  const found = async (query) => {
    const res = await net.get(`messages?topics=${tag}&${query}&limit=50`);
    assert.equal(res.status, 200, `${query}: ${res.text}`);
    return Object.keys(ids).filter((n) => res.body.some((m) => m.header.id === ids[n])).join('');
  };
  const t = (s) => encodeURIComponent(s);
  assert.equal(await found(`tag=${tag}.Alpha`), 'a');
  assert.equal(await found(`tag=${t(`=${tag}.beta`)}`), 'b');
  assert.equal(await found(`tag=${t(`!${tag}.Alpha`)}`), 'bc');
  assert.equal(await found(`tag=${t(`:=${tag.toUpperCase()}.ALPHA`)}`), 'a');
  assert.equal(await found(`tag=${t(':@alpha')}`), 'ac');
  assert.equal(await found(`tag=${t('@alpha')}`), 'c');
  assert.equal(await found(`tag=${t('!:@alpha')}`), 'b');
  assert.equal(await found(`tag=${t(`^${tag}.al`)}`), 'c');
  assert.equal(await found(`tag=${t(`:^${tag}.al`)}`), 'ac');
  assert.equal(await found(`tag=${t('$eta')}`), 'b');
  assert.equal(await found(`tag=${t(':$ALPHA')}`), 'a');
  assert.equal(await found(`tag=${t(`!$eta`)}`), 'ac');
  assert.equal(await found(`tag=${tag}.Alpha&tag=${tag}.beta`), 'ab');
  assert.equal(await found(`tag=${t('[:@alpha')}&tag=${t('[@X')}`), 'c');
  assert.equal(await found('cid=?'), 'abc');
  assert.equal(await found('cid=!?'), '');
  const rows = (await net.get(`messages?topics=${tag}&sort=created&ascending`)).body;
  assert.deepEqual(rows.map((m) => m.header.id), [ids.a, ids.b, ids.c]);
  const mid = rows[1].header.created;
  assert.equal(await found(`created=${t(`>${mid}`)}`), 'c');
  assert.equal(await found(`created=${t(`>>${mid}`)}`), 'c');
  assert.equal(await found(`created=${t(`>=${mid}`)}`), 'bc');
  assert.equal(await found(`created=${t(`<${mid}`)}`), 'a');
  assert.equal(await found(`created=${t(`<=${mid}`)}`), 'ab');
  for (const query of ['sort=-created', 'sort=created&descending']) assert.deepEqual((await net.get(`messages?topics=${tag}&${query}`)).body.map((m) => m.header.id), [ids.c, ids.b, ids.a], query);
  assert.deepEqual((await net.get(`messages?topics=${tag}&sort=topics,-created`)).body.map((m) => m.header.id), [ids.c, ids.b, ids.a]);
  const page = (await net.get(`messages?topics=${tag}&sort=-created&limit=1&skip=1&count`)).body;
  assert.equal(page.count, 1);
  assert.equal(page.total, 3);
  assert.equal(page.items[0].header.id, ids.b);
  for (const [query, code] of [['limit=1001', 'FF00192'], ['skip=1001', 'FF00191'], [`created=${t('>yesterday')}`, 'FF00143'], [`created=${t('!>0')}`, 'FF00193']]) {
    const res = await net.get(`messages?${query}`);
    assert.equal(res.status, 400, query);
    assert.ok(res.body.error.startsWith(`${code}:`), `${query}: ${res.text}`);
  }
  assert.equal((await net.get('messages?sort=nope&limit=1')).status, 200);
});

row('core-A3', 'refusals have the original’s status and code', async () => {
  const zero = '00000000-0000-4000-8000-000000000000';
  const cases = [
    ['GET', 'nothing', undefined, 404, 'FF10109'],
    ['GET', '/nothing', undefined, 404, 'FF10109'],
    ['GET', '/api/v1/namespaces/nope/messages', undefined, 404, 'FF10436'],
    ['GET', '/api/v1/namespaces/nope', undefined, 404, 'FF10436'],
    ['GET', 'messages/not-a-uuid', undefined, 400, 'FF00138'],
    ['GET', `messages/${zero}`, undefined, 404, 'FF10109'],
    ...['data', 'transactions', 'operations', 'batches', 'events', 'blockchainevents', 'subscriptions'].map((c) => ['GET', `${c}/${zero}`, undefined, 404, 'FF00164']),
    ['GET', `identities/${zero}`, undefined, 404, 'FF10109'],
    ['POST', 'messages/broadcast', '{"data":[{}]}', 400, 'FF10205'],
    ['POST', 'messages/broadcast', `{"data":[{"id":"${zero}"}]}`, 400, 'FF10204'],
    ['POST', 'messages/broadcast', '{"header":{"topics":["not good!"]},"data":[{"value":1}]}', 400, 'FF00140'],
    ['POST', 'messages/broadcast', '{"header":{"topics":["t","t"]},"data":[{"value":1}]}', 400, 'FF00133'],
    ['POST', 'messages/broadcast', JSON.stringify({ header: { topics: Array.from({ length: 11 }, (_, i) => `t${i}`) }, data: [{ value: 1 }] }), 400, 'FF00134'],
    ['POST', 'messages/broadcast', '{"header":{"tag":"!"},"data":[{"value":1}]}', 400, 'FF00140'],
    ['POST', 'messages/broadcast', '{"header":{"author":"did:firefly:org/nobody"},"data":[{"value":1}]}', 400, 'FF10206'],
    ['POST', 'messages/broadcast', '{"header":{"key":"zzz"},"data":[{"value":1}]}', 400, 'FF10206'],
    ['POST', 'messages/broadcast', '{"data":[{"value":1,"datatype":{"name":"nope","version":"1"}}]}', 400, 'FF10195'],
    ['POST', 'messages/broadcast', '{"data":[{"value":1,"validator":"nope"}]}', 400, 'FF00108'],
    ['POST', 'data', '{}', 400, 'FF00109'],
    ['POST', 'data', '{"value":null}', 400, 'FF00109'],
    ['POST', 'subscriptions', '{}', 400, 'FF00140'],
    ['POST', 'subscriptions', `{"name":"${zero}"}`, 400, 'FF00141'],
    ['POST', 'subscriptions', '{"name":"x1","options":{"withData":true}}', 400, 'FF10244'],
    ['POST', 'subscriptions', '{"name":"x1","options":{"batch":true,"batchTimeout":"soon"}}', 400, 'FF00137'],
    ['DELETE', `subscriptions/${zero}`, undefined, 404, 'FF10109'],
    ['DELETE', `data/${zero}`, undefined, 404, 'FF10143'],
    ['GET', 'charts/histogram/nothing?startTime=1795310733&endTime=1795311333&buckets=5', undefined, 400, 'FF10301'],
    ['GET', 'charts/histogram/events?startTime=1795310733&endTime=1795311333&buckets=1000', undefined, 400, 'FF10298'],
  ];
  for (const [method, path, body, status, code] of cases) {
    const res = await net.call(method, path, body);
    assert.equal(res.status, status, `${method} ${path} ${body ?? ''}: ${res.text}`);
    assert.ok(res.body.error.startsWith(`${code}: `), `${method} ${path} ${body ?? ''}: ${res.text}`);
    assert.deepEqual(Object.keys(res.body), ['error']);
  }
  const wrong = await net.call('DELETE', 'messages');
  assert.equal(wrong.status, 405);
  assert.equal(wrong.text, '');
  for (const type of ['application/xml', '']) {
    const res = await net.call('POST', 'messages/broadcast', '<a/>', { headers: { 'content-type': type } });
    assert.equal(res.status, 415);
    assert.match(res.body.error, /^FF00162:/);
  }
});

row('core-A4', 'Request-Timeout ends a confirm that waits for a paused ledger with 408', async () => {
  await net.post('/dev/faults', { pauseLedger: true });
  const began = Date.now();
  const res = await net.post('messages/broadcast?confirm=true', { data: [{ value: 1 }] }, { headers: { 'request-timeout': '1s' } });
  assert.equal(res.status, 408);
  assert.match(res.body.error, /^FF10260:/);
  const took = Date.now() - began;
  assert.ok(took >= 900 && took < 10_000, `${took} ms`);
  await net.post('/dev/faults', { pauseLedger: false });
  const id = (await net.get('messages?limit=1&sort=-created')).body[0].header.id;
  await net.settled(id);
});

row(['core-A1', 'core-A5'], 'OpenAPI lists the routes, each of its GETs answers, and the page is there', async () => {
  for (const path of ['/api', '/api/swagger.json', '/api/openapi.json', '/api/swagger.yaml', '/api/v1/namespaces/default/api', '/api/v1/namespaces/default/api/openapi.json']) assert.equal((await net.get(path)).status, 200, path);
  const doc = (await net.get('/api/openapi.json')).body;
  assert.match(doc.openapi, /^3\.0/);
  const page = await net.get('/api');
  assert.match(page.headers.get('content-type'), /text\/html/);
  assert.doesNotMatch(page.text, /(src|href)="https?:/, 'it loads nothing from elsewhere');
  const [, script] = /<script>([^]*)<\/script>/.exec(page.text);
  assert.doesNotThrow(() => new Function(script), 'its script can be read');
  assert.match(script, /'\/openapi\.json'/, 'it shows the document that stands beside it');
  let tried = 0;
  for (const [path, methods] of Object.entries(doc.paths)) {
    if (!methods.get || path.includes('{')) continue;
    const full = path.startsWith('/api') || path.startsWith('/') && !path.startsWith('/namespaces') ? path : `/api/v1${path}`;
    let res = await net.get(full);
    if (res.status === 404) res = await net.get(`/api/v1${path}`);
    assert.ok(res.status < 500, `${path}: ${res.status} ${res.text.slice(0, 200)}`);
    tried++;
  }
  assert.ok(tried > 15, `${tried} routes`);
  // And each of the others is there: it is found and says something about ids that do not exist, and about {}.
  const zero = '00000000-0000-4000-8000-000000000000';
  for (const [path, methods] of Object.entries(doc.paths)) {
    for (const method of Object.keys(methods)) {
      const full = `/api/v1${path.replace('{ns}', 'default').replace(/\{[^}]*\}/g, zero)}`;
      const res = await net.call(method.toUpperCase(), full, ['post', 'put', 'patch'].includes(method) ? '{}' : undefined);
      assert.ok(res.status < 500 && res.status !== 405, `${method} ${path}: ${res.status} ${res.text.slice(0, 200)}`);
      assert.ok(res.status !== 404 || res.body?.error, `${method} ${path}: ${res.text}`);
      assert.ok(methods[method].responses, path);
    }
  }
});

row('core-A6', 'metrics carry the original’s names', async () => {
  const sent = await net.broadcast({ data: [{ value: 1 }] }, { confirm: true });
  assert.ok(sent.confirmed);
  const text = (await net.get('/metrics')).text;
  for (const name of ['ff_broadcast_submitted_total', 'ff_broadcast_confirmed_total', 'ff_broadcast_rejected_total', 'ff_broadcast_histogram_bucket', 'ff_batchpin_total', 'ff_apiserver_rest']) assert.ok(text.includes(name), name);
  assert.ok(Number(/^ff_broadcast_confirmed_total\S* (\d+)/m.exec(text)[1]) >= 1);
  for (const path of ['/status/live', '/status/ready', '/status/stages']) assert.equal((await net.get(path)).status, 200, path);
});

row('core-B6', 'the status of a transaction sums its operations, its chain event and its batch', async () => {
  await net.post('/dev/faults', { pauseLedger: true });
  const sent = await net.broadcast({ data: [{ value: 1 }] });
  const tx = await until(async () => (await net.get(`messages/${sent.header.id}`)).body.txid, 'the transaction');
  assert.equal((await net.get(`transactions/${tx}/status`)).body.status, 'Pending');
  await net.post('/dev/faults', { pauseLedger: false });
  await net.settled(sent.header.id);
  const status = (await net.get(`transactions/${tx}/status`)).body;
  assert.equal(status.status, 'Succeeded', JSON.stringify(status));
  assert.deepEqual(new Set(status.details.map((d) => d.type)), new Set(['Operation', 'BlockchainEvent', 'Batch']));
  const transaction = (await net.get(`transactions/${tx}`)).body;
  assert.match(transaction.blockchainIds[0], /^0x[0-9a-f]{64}$/);
  const operations = (await net.get(`transactions/${tx}/operations`)).body;
  assert.ok(operations.every((o) => o.status === 'Succeeded'));
  assert.equal((await net.get(`transactions/${tx}/blockchainevents`)).body.length, 1);
});

row('core-A3', 'bad input is answered, and the member lives on', async () => {
  const deep = `{"data":[{"value":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}`;
  const cases = [
    ['{nonsense', 400], ['', 400], ['[]', 400], ['null', 400], ['{"data":1}', 400], ['{"data":["text"]}', 400], ['{"header":5}', 400],
    ['{"header":{"topics":"x"}}', 400], ['{"header":{"cid":"x"},"data":[]}', 400], [deep, 400], ['{"data":[{"value":1}]', 400],
    ['{"unknown":{"x":[1,2]},"data":[{"value":12345678901234567890123}]}', 202], ['{"data":[{"value":{"a":1,"a":2}}]}', 202],
  ];
  for (const [body, status] of cases) {
    const res = await net.call('POST', 'messages/broadcast', body);
    assert.equal(res.status, status, `${body.slice(0, 60)}: ${res.status} ${res.text.slice(0, 200)}`);
  }
  const big = await net.call('POST', 'messages/broadcast', `{"data":[{"value":"${'x'.repeat(20_000_000)}"}]}`).catch((e) => ({ status: 413, text: String(e) }));
  assert.equal(big.status, 413);
  const raw = (text) => new Promise((ok) => {
    const socket = connect(net.port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (d) => { answer += d; });
    socket.on('error', () => ok(answer));
    socket.on('close', () => ok(answer));
    setTimeout(() => socket.destroy(), 2000).unref();
  });
  assert.match(await raw(`GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'y'.repeat(100_000)}\r\n\r\n`), /^HTTP\/1\.1 431/);
  assert.match(await raw('complete rubbish\r\n\r\n'), /^HTTP\/1\.1 400/);
  const invalid = Buffer.concat([Buffer.from('{"data":[{"value":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}]}')]);
  const res = await fetch(`${net.url()}/api/v1/messages/broadcast`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: invalid });
  assert.equal(res.status, 202);
  assert.equal((await net.get('status')).status, 200);
});
