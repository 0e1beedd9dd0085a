// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// An endpoint for webhooks: an HTTP server on loopback that remembers what it was told.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const pem = (name) => readFileSync(new URL(`./tls/${name}`, import.meta.url));
// Self-signed, for localhost and 127.0.0.1; for tests alone.
export const keyFile = new URL('./tls/localhost.key', import.meta.url).pathname;
export const certificateFile = new URL('./tls/localhost.pem', import.meta.url).pathname;

export class Receiver {
  // `answer(request, response)` ends the response; 200 without it.
  // With `mutual` only those may call who show the same certificate.
  constructor({ answer, tls = false, mutual = false, port = 0 } = {}) {
    this.answer = answer ?? ((_, response) => response.end());
    this.tls = tls || mutual;
    this.mutual = mutual;
    this.port = port;
    this.requests = [];
    this.connections = 0;
    this.waiting = [];
    this.sockets = new Set();
  }
  async open() {
    const take = (req, res) => {
      const parts = [];
      req.on('data', (part) => parts.push(part));
      req.on('end', () => {
        const text = Buffer.concat(parts).toString();
        let body;
        try { body = JSON.parse(text); } catch { body = undefined; }
        const request = { method: req.method, url: req.url, headers: req.headers, text, body, number: this.requests.length };
        this.requests.push(request);
        this.answer(request, res);
        for (const check of [...this.waiting]) check();
      });
    };
    this.server = this.tls ? https.createServer({ key: pem('localhost.key'), cert: pem('localhost.pem'), ...(this.mutual ? { requestCert: true, rejectUnauthorized: true, ca: pem('localhost.pem') } : {}) }, take) : http.createServer(take);
    this.server.keepAliveTimeout = 60_000;
    this.server.on('connection', (socket) => {
      this.connections++;
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    await new Promise((ok, no) => { this.server.once('error', no); this.server.listen(this.port, '127.0.0.1', ok); });
    this.port = this.server.address().port;
    return this;
  }
  url(path = '/') { return `${this.tls ? 'https' : 'http'}://127.0.0.1:${this.port}${path}`; }
  // Resolves when `good(requests)` holds.
  async until(good, what = 'the calls', seconds = 30) {
    if (good(this.requests)) return this.requests;
    await new Promise((ok, no) => {
      const end = (settle, value) => { clearTimeout(late); this.waiting.splice(this.waiting.indexOf(check), 1); settle(value); };
      const check = () => { if (good(this.requests)) end(ok); };
      const late = setTimeout(() => end(no, new Error(`waited ${seconds} s for ${what}; there were ${this.requests.length} calls`)), seconds * 1000);
      this.waiting.push(check);
    });
    return this.requests;
  }
  count(number, seconds) { return this.until((all) => all.length >= number, `${number} calls`, seconds); }
  async close() {
    if (!this.server?.listening) return;
    for (const socket of this.sockets) socket.destroy();
    await new Promise((ok) => this.server.close(ok));
  }
}
