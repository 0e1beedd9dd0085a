// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// What a process takes of the machine.
import { readFileSync, readdirSync } from 'node:fs';

export const openFiles = (pid) => readdirSync(`/proc/${pid}/fd`).length;
export const residentMb = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

// The most memory that it has between start and stop().
export class Peak {
  constructor(pid) {
    this.pid = pid;
    this.before = this.most = residentMb(pid);
    this.timer = setInterval(() => { this.most = Math.max(this.most, residentMb(pid)); }, 50).unref();
  }
  // Megabytes above those of the beginning.
  stop() {
    clearInterval(this.timer);
    return Math.max(this.most, residentMb(this.pid)) - this.before;
  }
}
