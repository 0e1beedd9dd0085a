// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// An application with a durable subscription, connecting again whenever its member has gone: what came, in the order in
// which it came for the first time.
import { Socket } from './socket.mjs';

const pause = (ms) => new Promise((ok) => setTimeout(ok, ms));

export class Listener {
  constructor(net, member, name) {
    Object.assign(this, { net, member, name, heard: [], highest: -1, listening: true, wake: () => {} });
    this.job = this.listen();
  }
  async listen() {
    while (this.listening) {
      this.socket = await Socket.open(this.net.ws(this.member)).catch(() => undefined);
      if (!this.socket) { await pause(50); continue; }
      this.socket.start(this.name);
      try {
        for (;;) this.take(await this.socket.next(10));
      } catch { /* closed, or silent for a while: connect again */ }
      this.socket.ws.terminate();
    }
  }
  take(frame) {
    if (frame.sequence > this.highest) {
      this.highest = frame.sequence;
      this.heard.push(frame.reference);
    }
    this.socket.ack(frame);
    this.wake();
  }
  // Resolves when so many have been heard, or rejects.
  async count(number, seconds = 60) {
    let late;
    await new Promise((ok, no) => {
      late = setTimeout(() => no(new Error(`${this.heard.length} of ${number} were heard in ${seconds} s`)), seconds * 1000);
      this.wake = () => { if (this.heard.length >= number) ok(); };
      this.wake();
    }).finally(() => clearTimeout(late));
  }
  async close() {
    this.listening = false;
    this.socket?.ws.terminate();
    await this.job;
  }
}
