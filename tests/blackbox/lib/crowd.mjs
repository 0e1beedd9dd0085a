// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// Many connections that say nothing, in a process of their own whose limit of open files is raised:
// node crowd.mjs PORT COUNT. It says "open N" when all stand, with the number of those that do, and ends when its
// standard input does.
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

export class Crowd {
  static async gather(port, count) {
    const crowd = new Crowd();
    crowd.child = spawn('sh', ['-c', 'ulimit -S -n "$(ulimit -H -n)"; exec "$@"', 'sh', process.execPath, new URL(import.meta.url).pathname, port, count], { stdio: ['pipe', 'pipe', 'inherit'] });
    crowd.ended = new Promise((ok) => crowd.child.once('exit', ok));
    crowd.open = await new Promise((ok, no) => {
      createInterface({ input: crowd.child.stdout }).once('line', (line) => ok(Number(line.split(' ')[1])));
      crowd.ended.then((code) => no(new Error(`the crowd has left (${code})`)));
    });
    return crowd;
  }
  async leave() {
    this.child.stdin.end();
    await this.ended;
  }
}

async function stand(port, count) {
  const sockets = [];
  let closed = 0;
  // Some at a time: a listener's backlog is shorter than the crowd.
  while (sockets.length < count) {
    await Promise.all(Array.from({ length: Math.min(200, count - sockets.length) }, () => new Promise((ok) => {
      const socket = connect(port, '127.0.0.1', ok);
      socket.on('error', ok);
      socket.on('close', () => { closed++; });
      sockets.push(socket);
    })));
  }
  console.log(`open ${count - closed}`);
  process.stdin.on('end', () => {
    for (const socket of sockets) socket.resetAndDestroy();
    process.exit(0);
  });
  process.stdin.resume();
}

if (process.argv[1] === new URL(import.meta.url).pathname) await stand(Number(process.argv[2]), Number(process.argv[3]));
