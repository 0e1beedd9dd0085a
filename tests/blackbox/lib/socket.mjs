// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// A WebSocket whose frames can be awaited.
import { WebSocket } from 'ws';

export class Socket {
  constructor(url, options = {}) {
    this.frames = [];
    this.waiting = [];
    this.ws = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.closed = new Promise((ok) => this.ws.once('close', (code) => { this.closeCode = code; ok(code); for (const w of this.waiting.splice(0)) w.no(new Error(`closed with ${code}`)); }));
    this.ws.on('error', () => {});
    this.ws.on('message', (data) => {
      const text = data.toString();
      const frame = { text, ...JSON.parse(text) };
      const w = this.waiting.shift();
      if (w) w.ok(frame);
      else this.frames.push(frame);
    });
  }
  static async open(url, options) {
    const socket = new Socket(url, options);
    await new Promise((ok, no) => { socket.ws.once('open', ok); socket.ws.once('error', no); socket.ws.once('unexpected-response', (_, res) => no(new Error(`HTTP ${res.statusCode}`))); });
    return socket;
  }
  send(object) { this.ws.send(typeof object === 'string' ? object : JSON.stringify(object)); }
  start(name, more = {}) { this.send({ type: 'start', namespace: 'default', name, autoack: false, ...more }); }
  ack(frame) { this.send({ type: 'ack', id: frame.id, subscription: frame.subscription }); }
  async next(seconds = 15) {
    if (this.frames.length) return this.frames.shift();
    if (this.closeCode !== undefined) throw new Error(`closed with ${this.closeCode}`);
    return new Promise((ok, no) => {
      const entry = { ok: (f) => { clearTimeout(timer); ok(f); }, no: (e) => { clearTimeout(timer); no(e); } };
      const timer = setTimeout(() => { this.waiting.splice(this.waiting.indexOf(entry), 1); no(new Error(`no frame within ${seconds} s`)); }, seconds * 1000);
      this.waiting.push(entry);
    });
  }
  // True when nothing comes for a while.
  async silent(ms = 300) {
    await new Promise((ok) => setTimeout(ok, ms));
    return this.frames.length === 0;
  }
  async close() {
    this.ws.close();
    await this.closed;
  }
}
