// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// The pages of docs/reference are what the binary prints; `./dev docs` writes them again.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Network, binary } from '../lib/network.mjs';

const net = new Network({ members: 1 });
before(() => net.start());
after(() => net.close());

const committed = (page) => readFileSync(new URL(`../../../docs/reference/${page}.md`, import.meta.url), 'utf8');
const print = (...args) => execFileSync(binary, args, { encoding: 'utf8' });

for (const page of ['errors', 'metrics', 'cli', 'config']) {
  test(`docs/reference/${page}.md is what the binary prints`, () => {
    assert.equal(committed(page), print('reference', page), `docs/reference/${page}.md is old: run ./dev docs and commit what it writes`);
  });
}

test('every metric that a member shows is in the page, with its type and what it is', async () => {
  await net.broadcast({ data: [{ value: 1 }] }, { confirm: true });
  const shown = [...(await net.get('/metrics')).text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)];
  assert.ok(shown.length >= 8, 'the member shows its metrics');
  const rows = committed('metrics').split('\n');
  for (const [, name, help, type] of shown) assert.ok(rows.some((r) => r.startsWith(`| \`${name}\` | ${type} |`) && r.endsWith(`| ${help} |`)), name);
});

test('an answer has the status that the page gives its number', async () => {
  const refused = await net.get('messages/not-a-uuid');
  const [number, status] = /^\| (FF00138) \| (\d+) \|/m.exec(committed('errors')).slice(1);
  assert.equal(refused.status, Number(status));
  assert.ok(refused.body.error.startsWith(`${number}: `), refused.text);
});

test('the help names the program, wherever it lies, and hides what is not for people', () => {
  assert.match(print('--help'), /^Usage: lockstep \[OPTIONS\] SUBCOMMAND$/m);
  assert.match(print('dev', '--help'), /^Usage: lockstep dev \[OPTIONS\]$/m);
  for (const hidden of [/^ {2}member /m, /^ {2}reference /m]) assert.doesNotMatch(print('--help'), hidden);
});
