// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// Bits that nobody wrote, in the files of a member that has stopped: it says so, and shows nothing wrong.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Network, binary } from '../lib/network.mjs';

const pageBytes = 4096;
const frameBytes = pageBytes + 24;
const net = new Network({ members: 1, interval: '0' });
const file = () => join(net.data, 'member-0', 'lockstep.db');
const sent = [];
before(async () => {
  await net.start();
  for (let i = 0; i < 60; i++) sent.push((await net.broadcast({ data: [{ value: { i, filling: 'x'.repeat(3000) } }] }, { confirm: i === 59 })).header.id);
});
after(() => net.close());

function flip(path, at, bits = 0x10) {
  const handle = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(handle, byte, 0, 1, at);
  byte[0] ^= bits;
  writeSync(handle, byte, 0, 1, at);
  closeSync(handle);
}
// What the program says that cannot start with this folder.
function refusal() {
  const { status, stderr, stdout } = spawnSync(binary, ['--log-level', 'warn', 'dev', '--members', '1', '--data', net.data, '--api-port', String(net.port)], { encoding: 'utf8', timeout: 20_000 });
  assert.equal(status, 1, `${stdout}\n${stderr}`);
  assert.doesNotMatch(stdout, /^ready/m);
  return stderr;
}

test('a damaged frame of the log that was promised is refused at start, by its number', { timeout: 120_000 }, async () => {
  await net.kill();
  const wal = `${file()}-wal`;
  assert.ok(existsSync(wal) && statSync(wal).size > 20 * frameBytes, 'what the killed member wrote is in its WAL');
  copyFileSync(wal, `${wal}.kept`);
  flip(wal, 32 + 9 * frameBytes + 24 + 1000);
  const before = readFileSync(file());
  assert.match(refusal(), /LS10210: .*lockstep\.db-wal is damaged at frame 10, which is of page \d+, and \d+ good frames lie behind it/);
  assert.deepEqual(readFileSync(file()), before, 'nothing was changed');

  copyFileSync(`${wal}.kept`, wal);
  await net.start();
  for (const id of sent) assert.equal((await net.get(`messages/${id}`)).status, 200, 'all of it is there again');
});

test('a damaged page is noticed at start or when it is first read, by its number', { timeout: 120_000 }, async () => {
  await net.stop();
  const whole = readFileSync(file());
  assert.equal(whole[20], 8, 'pages have checksums');
  const pages = whole.length / pageBytes;
  for (let page = 2; page <= pages; page++) flip(file(), (page - 1) * pageBytes + 700);
  const said = refusal();
  assert.match(said, /page \d+ of \S*lockstep\.db is damaged/, said);
  for (let page = 2; page <= pages; page++) flip(file(), (page - 1) * pageBytes + 700);
  assert.deepEqual(readFileSync(file()), whole);

  // The page of one value alone: the member runs, and that value is refused and not told wrongly.
  const at = whole.indexOf(Buffer.from('x'.repeat(2000)));
  flip(file(), at + 1000);
  await net.start();
  let refused = 0;
  for (const id of sent) {
    const { status, body } = await net.get(`messages/${id}/data`);
    assert.ok(status === 200 || status === 500, `${status}`);
    if (status === 500) refused++;
    else assert.equal(body[0].value.filling, 'x'.repeat(3000));
  }
  assert.ok(refused >= 1, 'somebody met the damaged page');
  assert.match(net.log, /page \d+ of \S*lockstep\.db is damaged/);
  await net.stop();
  flip(file(), at + 1000);
});
