// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// A member with a configuration file: who may come in by which entrance, and what mistakes in the file say.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Network, binary } from '../lib/network.mjs';
import { row } from '../lib/rows.mjs';
import { Socket } from '../lib/socket.mjs';

const FireFly = createRequire(import.meta.url)('@hyperledger/firefly-sdk').default;
const folder = mkdtempSync(join(tmpdir(), 'lockstep-auth-'));
function put(name, text) {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, 0o600);
  return path;
}
// Made by `htpasswd -B`: ann has "secret", bob has "open:sesame".
const users = ['ann:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW', 'bob:$2y$04$abcdefghijklmnopqrstuu2GbQLdjwBFdH8CcOE866nGziodmvO8K'];
const token = 'a-token-for-a-machine';
put('users', `${users.join('\n')}\n`);
put('bob', `${users[1]}\n`);
put('tokens', `# of the build server\nsha256:${createHash('sha256').update(token).digest('hex')}\n`);
const config = put('conf.yaml', `
http:
  auth:
    type: [basic, bearer]
    basic: { passwordfile: users }
    bearer: { tokensfile: tokens }
  readTimeout: 300ms
  limits: { bodySize: 64Kb }
api: { defaultFilterLimit: 2, maxFilterLimit: 30 }
monitoring:
  auth: { type: bearer, bearer: { tokensfile: tokens } }
namespaces:
  predefined:
    - name: default
      plugins: [two]
plugins:
  auth:
    - { name: two, type: [basic, bearer], basic: { passwordfile: bob }, bearer: { tokensfile: tokens } }
`);

const basic = (pair) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
const bearer = (text) => ({ authorization: `Bearer ${text}` });
const ann = basic('ann:secret');
const bob = basic('bob:open:sesame');
const machine = bearer(token);
const nobodies = [['nothing', {}], ['a wrong password', basic('bob:open')], ['a wrong user', basic('eve:open:sesame')], ['no colon', basic('bob')], ['no base64', { authorization: 'Basic ~~~' }],
  ['another scheme', { authorization: 'Digest username="bob"' }], ['a wrong token', bearer(`${token}x`)], ['the hash of the token', bearer(createHash('sha256').update(token).digest('hex'))], ['an empty token', bearer('')]];

const net = new Network({ members: 2, args: ['--config', config, '--processes', '--faults'] });
before(() => net.start());
after(async () => { await net.close(); rmSync(folder, { recursive: true, force: true }); });

const run = (args, env = {}) => spawnSync(binary, args, { encoding: 'utf8', env: { ...process.env, ...env } });

row('core-A10', 'REST asks for credentials, the server\'s everywhere and the namespace\'s in the namespace', async () => {
  const paths = ['messages', '/api/v1/messages', '/api/v1/status', '/api/v1/namespaces', '/api', '/api/swagger.json', '/api/v1/namespaces/default/api', '/nothing', '/api/v1/namespaces/other/messages'];
  for (const path of paths) {
    for (const [who, headers] of nobodies) {
      const res = await net.get(path, { headers });
      assert.equal(res.status, 401, `${path} with ${who}: ${res.text}`);
      assert.match(res.body.error, /^FF00169: /);
      assert.match(res.headers.get('www-authenticate'), /^Basic realm="lockstep".*, Bearer realm="lockstep"$/);
    }
    for (const headers of [bob, machine]) assert.ok([200, 404].includes((await net.get(path, { headers })).status), path);
  }
  for (const path of ['messages', '/api/v1/status']) assert.equal((await net.get(path, { headers: ann })).status, 401, 'ann is no member of the namespace');
  for (const path of ['/api/v1/namespaces', '/api']) assert.equal((await net.get(path, { headers: ann })).status, 200, 'ann may see the server');
  const refused = await net.post('messages/broadcast', { data: [{ value: 1 }] }, { headers: { ...ann } });
  assert.equal(refused.status, 401);
  const sent = await net.post('messages/broadcast?confirm=true', { data: [{ value: 1 }] }, { headers: { ...bob } });
  assert.equal(sent.status, 200, sent.text);
  assert.equal((await net.get('messages', { headers: machine })).body.filter((m) => m.header.type === 'broadcast').length, 1, 'what was refused was not done');
});

row('core-A10', 'uploads ask for them before anything is stored', async () => {
  const upload = (headers) => {
    const form = new FormData();
    form.append('file', new Blob(['contents']), 'name.txt');
    return fetch(`${net.url()}/api/v1/namespaces/default/data`, { method: 'POST', body: form, headers });
  };
  for (const [who, headers] of [...nobodies, ['another user', ann]]) assert.equal((await upload(headers)).status, 401, who);
  assert.notEqual((await upload(bob)).status, 401);
  const json = await net.post('data', { value: 'kept' }, { headers: { ...machine } });
  assert.equal(json.status, 201, json.text);
});

row('core-A10', 'sockets ask for them, also those that start by their query', async () => {
  const paths = ['/ws', '/ws?ephemeral&namespace=default&autoack', '/api/v1/namespaces/default/ws', '/api/v1/namespaces/default/ws?ephemeral'];
  for (const path of paths) {
    for (const [who, headers] of [...nobodies, ['another user', ann]]) await assert.rejects(Socket.open(net.ws(0, path), { headers }), /HTTP 401/, `${path} with ${who}`);
    for (const headers of [bob, machine]) {
      const socket = await Socket.open(net.ws(0, path), { headers });
      socket.ws.close();
    }
  }
  const socket = await Socket.open(net.ws(0, '/ws?ephemeral&namespace=default&autoack'), { headers: bob });
  await net.post('messages/broadcast', { data: [{ value: 2 }] }, { headers: { ...bob } });
  assert.ok((await socket.next()).id);
  socket.ws.close();
});

row('core-A10', 'the official client comes in with its credentials', async () => {
  const client = (username, password) => new FireFly({ host: net.url(), namespace: 'default', username, password, requestConfig: { auth: { username, password } } });
  const member = client('bob', 'open:sesame');
  let socket;
  try {
    await member.replaceSubscription({ name: 'sdk', transport: 'websockets', filter: { events: 'message_confirmed', topic: 'sdk' } });
    const heard = new Promise((ok) => { socket = member.listen('sdk', async (_socket, event) => ok(event)); });
    const message = await member.sendBroadcast({ header: { topics: ['sdk'] }, data: [{ value: 3 }] });
    assert.equal((await heard).reference, message.header.id);
  } finally {
    socket?.close();
  }
  await assert.rejects(client('bob', 'x').getStatus(), /401/);
});

row('core-A10', 'metrics and status pages ask for what their own section says', async () => {
  for (const path of ['/metrics', '/status/live', '/status/ready', '/status/stages']) {
    assert.equal((await net.get(path, { headers: machine })).status, 200, path);
    for (const headers of [{}, bob]) {
      const res = await net.get(path, { headers });
      assert.equal(res.status, 401, path);
      assert.equal(res.headers.get('www-authenticate'), 'Bearer realm="lockstep"');
    }
  }
});

test('a fault reaches the other members with the credentials of who asked for it', async () => {
  assert.equal((await net.post('/dev/faults', { cut: [0, 1] })).status, 401);
  for (const body of [{ delayMs: 1, link: [0, 1] }, { delayMs: 0, link: [0, 1] }]) assert.equal((await net.post('/dev/faults', body, { headers: { ...bob } })).status, 200);
  assert.doesNotMatch(net.log, /was not passed on/);
});

test('the commands for people carry credentials', () => {
  const at = ['--url', net.url()];
  const cases = [[['--user', 'bob:open:sesame'], {}, 1], [['--token', token], {}, 0], [[], { LOCKSTEP_TOKEN: token }, 0], [[], {}, 1], [['--token', 'wrong'], {}, 1]];
  for (const [args, env, code] of cases) {
    const { status, stderr } = run(['status', ...at, ...args], env);
    assert.equal(status, code, `${args}: ${stderr}`);
    if (code) assert.match(stderr, /FF00169/);
  }
  for (const [args, env] of [[['--user', 'bob:open:sesame'], {}], [[], { LOCKSTEP_USER: 'bob:open:sesame' }]]) {
    const { status, stderr } = run(['publish', ...at, ...args, '"hello"'], env);
    assert.equal(status, 0, stderr);
  }
});

test('many wrong passwords at once get an answer, and who is in stays in', { timeout: 60_000 }, async () => {
  assert.equal((await net.get('messages?limit=1', { headers: bob })).status, 200);
  const guesses = Array.from({ length: 300 }, (_, i) => net.get('messages', { headers: basic(`bob:guess-${i}`) }));
  assert.equal((await net.get('messages?limit=1', { headers: bob })).status, 200);
  for (const { status, headers } of await Promise.all(guesses)) {
    assert.ok(status === 401 || (status === 503 && headers.get('retry-after')), `${status}`);
  }
});

test('limits are those of the file', async () => {
  const long = await net.post('data', { value: 'x'.repeat(70_000) }, { headers: { ...machine } });
  assert.equal(long.status, 413, long.text);
  assert.match(long.body.error, /LS10004.* 65536 /);
  const list = async (query) => net.get(`events${query}`, { headers: { ...machine } });
  assert.equal((await list('')).body.length, 2);
  assert.equal((await list('?limit=30')).status, 200);
  const wide = await list('?limit=31');
  assert.deepEqual([wide.status, wide.body.error.slice(0, 8)], [400, 'FF00192:']);
  // A client that says its header byte by byte is not waited for.
  const slow = connect(net.port, '127.0.0.1');
  slow.on('error', () => {});
  slow.write('GET /api HTTP/1.1\r\n');
  const drip = setInterval(() => slow.write('x'), 50);
  await new Promise((ok) => { slow.once('close', ok); slow.resume(); });
  clearInterval(drip);
});

test('it says at start how many files it may open', () => {
  assert.ok(net.lines.some((line) => /^open files: at most \d+ in a process/.test(line)), net.lines.join('\n'));
  const limits = readFileSync(`/proc/${net.pids[0]}/limits`, 'utf8');
  const [, soft, hard] = /Max open files\s+(\d+)\s+(\d+)/.exec(limits);
  assert.equal(soft, hard);
});

test('mistakes in the file stop the start, each with its line', () => {
  const bad = put('bad.yaml', 'htpp:\n  port: 1\nhttp:\n  port: many\n  auth: { type: basic }\n');
  for (const args of [['config', bad], ['dev', '--config', bad, '--data', join(folder, 'data')]]) {
    const { status, stderr } = run(args);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /LS10812: \S+bad\.yaml:1: there is no key 'htpp'; the nearest is 'http'/);
    assert.match(stderr, /LS10813: \S+bad\.yaml:4: 'http\.port' takes a number, not 'many'/);
    assert.match(stderr, /LS10816: \S+bad\.yaml:5: 'http\.auth\.basic\.passwordfile': it has to be given/);
  }
  const none = put('none.yaml', 'http: { auth: { type: basic, basic: { passwordfile: nowhere } } }\n');
  assert.match(run(['config', none]).stderr, /LS10823: .*nowhere cannot be read/);
  put('plain', 'ann:secret\n');
  const plain = put('plain.yaml', 'http: { auth: { type: basic, basic: { passwordfile: plain } } }\n');
  assert.match(run(['config', plain]).stderr, /LS10821: \S+plain:1: .*the password is not hashed with bcrypt/);
  const good = run(['config', config]);
  assert.equal(good.status, 0, good.stderr);
});

test('a file of secrets that others can read is warned of', () => {
  put('open', `${users[0]}\n`);
  chmodSync(join(folder, 'open'), 0o644);
  const file = put('open.yaml', 'http: { auth: { type: basic, basic: { passwordfile: open } } }\n');
  const { status, stderr, stdout } = run(['config', file]);
  assert.equal(status, 0, stderr);
  assert.match(stderr + stdout, /others can read a file with secrets/);
});
