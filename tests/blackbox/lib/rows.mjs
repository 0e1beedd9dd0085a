// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// A test that stands for one or more rows of a scorecard: row('core-M1', 'a broadcast …', async () => { … }).
// Each row's outcome goes to results.jsonl, which `./dev scorecard` sums.
import { test } from 'node:test';
import { appendFileSync } from 'node:fs';

const results = process.env.LOCKSTEP_RESULTS;

export function row(ids, name, body, { timeout = 180_000 } = {}) {
  const list = [ids].flat();
  test(`${list.join(' ')}: ${name}`, { timeout }, async (t) => {
    let ok = false;
    try {
      await body(t);
      ok = true;
    } finally {
      if (results) for (const id of list) appendFileSync(results, `${JSON.stringify({ id, name, ok })}\n`);
    }
  });
}
