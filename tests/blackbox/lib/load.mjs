// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// Applications of members 0 and 1 that go on while members are killed: broadcasts, private messages between the two,
// pinned and not, and blobs in each. What was not answered is said again with the same key, as an application would.
import { createHash, randomBytes } from 'node:crypto';

export const sha = (bytes) => createHash('sha256').update(bytes).digest('hex');
export const tag = 'kill';
// A kind has topics of its own: contexts that share a topic have no common order.
export const kinds = {
  broadcast: { topics: ['k0', 'k1', 'k2', 'k3'], path: 'messages/broadcast' },
  pinned: { topics: ['p0', 'p1'], path: 'messages/private' },
  unpinned: { topics: ['u0', 'u1'], path: 'messages/private', txtype: 'unpinned' },
};
const blobSizes = [10, 50_000, 3_000_000];
const pause = (ms) => new Promise((ok) => setTimeout(ok, ms));

export class Load {
  constructor(net) {
    Object.assign(this, { net, running: true, serial: 0, jobs: [], wake: () => {} });
    this.accepted = []; // { id, kind, blob } of each message that was taken
    this.blobs = []; // { id, member, hash } of each upload that was taken
  }
  start() {
    for (const member of [0, 1]) {
      for (const kind of Object.keys(kinds)) this.jobs.push(this.talk(member, kind), this.talk(member, kind));
      this.jobs.push(this.hand(member));
    }
  }
  // Resolves once `enough()` holds, which only what is taken can change. One who fails is a failure.
  async reach(enough) {
    const reached = new Promise((ok) => { this.wake = () => { if (enough()) ok(); }; });
    this.wake();
    await Promise.race([reached, Promise.all(this.jobs)]);
  }
  async more(messages) {
    const goal = this.accepted.length + messages;
    await this.reach(() => this.accepted.length >= goal);
  }
  // Every kind has had a blob.
  async complete() { await this.reach(() => Object.keys(kinds).every((kind) => this.accepted.some((m) => m.blob && m.kind === kind))); }
  // Resolves when the last of them has his answer.
  async stop() {
    this.running = false;
    await Promise.all(this.jobs);
  }
  ids(...wanted) { return this.accepted.filter((message) => wanted.includes(message.kind)).map((message) => message.id); }

  async talk(member, kind) {
    while (this.running) await this.say(member, kind, { value: { n: this.serial, text: 'x'.repeat(200) } });
  }
  // Blobs, each in one message, and the next when that is confirmed here.
  async hand(member) {
    while (this.running) {
      for (const kind of Object.keys(kinds)) {
        const blob = await this.upload(member, randomBytes(blobSizes[this.serial % blobSizes.length]));
        if (blob) await this.say(member, kind, { id: blob.id }, blob);
      }
    }
  }
  async say(member, kind, item, blob) {
    const { topics, path, txtype } = kinds[kind];
    const serial = this.serial++;
    const key = `k${member}-${serial}-${Math.random()}`;
    const body = { header: { topics: [topics[serial % topics.length]], tag, txtype }, idempotencyKey: key, data: [item] };
    if (kind !== 'broadcast') body.group = { members: [{ identity: `org_${1 - member}` }] };
    const id = await this.insist(async () => {
      const res = await this.net.post(`${path}${blob ? '?confirm=true' : ''}`, body, { member });
      if (res.status !== 409) return { res, found: res.body?.header?.id };
      const known = await this.net.get(`messages?idempotencykey=${encodeURIComponent(key)}`, { member });
      return { res: known, found: known.body?.[0]?.header.id };
    });
    if (!id) return;
    this.accepted.push({ id, kind, blob });
    this.wake();
  }
  async upload(member, bytes) {
    const id = await this.insist(async () => {
      const form = new FormData();
      form.append('file', new Blob([bytes]), 'load.bin');
      const answer = await fetch(`${this.net.url(member)}/api/v1/data`, { method: 'POST', body: form });
      const res = { status: answer.status, text: await answer.text() };
      return { res, found: res.status === 201 && JSON.parse(res.text).id };
    });
    if (!id) return undefined;
    const blob = { id, member, hash: sha(bytes) };
    this.blobs.push(blob);
    return blob;
  }
  // Until `ask` has found what it wants or the load is over; a refusal is a failure.
  async insist(ask) {
    while (this.running) {
      const { res, found } = await ask().catch(() => ({}));
      if (res?.status < 300 && found) return found;
      if (res && res.status >= 300 && res.status < 500) throw new Error(`${res.status} ${res.text}`);
      await pause(30); // it is being started again, and has no way to say when it is back
    }
    return undefined;
  }
}
