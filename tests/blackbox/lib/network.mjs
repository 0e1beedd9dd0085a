// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// Starts the real binary on free loopback ports with a data folder of its own, and stops it by pid.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const binary = process.env.LOCKSTEP ?? resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../../build/release/lockstep');

// Each test file is a process of its own and takes its ports from a slice of its own: a port that is free while a
// member is killed and started again must not be found by its neighbours. Below 20000 are the peers' ports, above
// 32767 those of outgoing connections.
const slice = { first: 20_000 + (process.pid % 50) * 240, length: 240 };
const given = new Set();
async function portIsFree(port) {
  return new Promise((ok) => {
    const server = createServer();
    server.once('error', () => ok(false));
    server.listen(port, '127.0.0.1', () => server.close(() => ok(true)));
  });
}
// The first of `count` neighbouring free ports.
export async function freePorts(count) {
  for (;;) {
    const first = slice.first + Math.floor(Math.random() * (slice.length - count + 1));
    let free = true;
    for (let i = 0; i < count && free; i++) free = !given.has(first + i) && (await portIsFree(first + i));
    if (!free) continue;
    for (let i = 0; i < count; i++) given.add(first + i);
    return first;
  }
}

export class Network {
  constructor(options = {}) {
    this.members = options.members ?? 2;
    this.args = options.args ?? [];
    this.interval = options.interval ?? '100ms';
    this.level = options.level ?? 'warn';
    this.command = options.command ?? [binary]; // what runs it: ['sh', '-c', 'ulimit …; exec "$0" "$@"', binary]
    this.data = options.data ?? mkdtempSync(join(tmpdir(), 'lockstep-'));
    this.keep = options.data !== undefined;
    this.pids = [];
    this.lines = [];
    this.log = '';
  }

  // Resolves when it says ready.
  async start(extra = []) {
    this.port ??= await freePorts(this.members);
    const args = ['--log-level', this.level, 'dev', '--members', String(this.members), '--data', this.data, '--api-port', String(this.port), '--block-interval', this.interval, ...this.args, ...extra];
    this.child = spawn(this.command[0], [...this.command.slice(1), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = new Promise((ok) => this.child.once('exit', (code, signal) => ok({ code, signal })));
    this.child.stderr.on('data', (d) => { this.log = (this.log + d).slice(-20000); });
    const lines = createInterface({ input: this.child.stdout });
    let late;
    await new Promise((ok, no) => {
      lines.on('line', (line) => {
        this.lines.push(line);
        const member = /^member (\d+) pid (\d+)/.exec(line);
        if (member) this.pids[Number(member[1])] = Number(member[2]);
        if (line.startsWith('ready')) ok();
      });
      late = setTimeout(() => no(new Error(`lockstep was not ready within a minute: ${this.log}`)), 60_000);
      this.ended.then(({ code, signal }) => no(new Error(`lockstep ended before it was ready (${code ?? signal}): ${this.log}`)));
    }).finally(() => clearTimeout(late));
    return this;
  }

  url(member = 0) { return `http://127.0.0.1:${this.port + member}`; }
  ws(member = 0, path = '/ws') { return `ws://127.0.0.1:${this.port + member}${path}`; }

  async stop() {
    if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), 20_000);
    const end = await this.ended;
    clearTimeout(late);
    return end;
  }
  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }
  async close() {
    await this.stop();
    if (!this.keep) rmSync(this.data, { recursive: true, force: true });
  }

  async call(method, path, body, { member = 0, headers = {}, raw = false } = {}) {
    const full = path.startsWith('/') ? path : `/api/v1/namespaces/default/${path}`;
    const init = { method, headers: { ...headers } };
    if (body !== undefined) {
      init.body = typeof body === 'string' ? body : JSON.stringify(body);
      init.headers['content-type'] ??= 'application/json';
    }
    const res = await fetch(this.url(member) + full, init);
    const text = await res.text();
    let json;
    try { json = JSON.parse(text); } catch { json = undefined; }
    return raw ? res : { status: res.status, text, body: json, headers: res.headers };
  }
  get(path, options) { return this.call('GET', path, undefined, options); }
  post(path, body, options) { return this.call('POST', path, body, options); }

  // Broadcasts and returns the accepted message.
  async broadcast(body, options = {}) {
    const res = await this.post(`messages/broadcast${options.confirm ? '?confirm=true' : ''}`, body, options);
    if (res.status !== 202 && res.status !== 200) throw new Error(`broadcast: ${res.status} ${res.text}`);
    return res.body;
  }
  // Waits until the message has this state at the member.
  async settled(id, { member = 0, state = 'confirmed', seconds = 20 } = {}) {
    return until(async () => {
      const res = await this.get(`messages/${id}`, { member });
      return res.body?.state === state ? res.body : undefined;
    }, `message ${id} to be ${state} at member ${member}`, seconds);
  }
}

// Polls, because the thing under test offers nothing to wait for here.
export async function until(look, what, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((ok) => setTimeout(ok, 20));
  }
}
