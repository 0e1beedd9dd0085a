// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// The confirmed messages of a member, topic by topic, in their order.
export async function orders(net, member, topics) {
  const out = {};
  for (const topic of topics) {
    out[topic] = [];
    for (let after = -1;;) {
      const page = (await net.get(`events?topic=${topic}&type=message_confirmed&sequence=>${after}&sort=sequence&ascending&limit=1000`, { member })).body;
      if (!page.length) break;
      out[topic].push(...page.map((e) => e.reference));
      after = page.at(-1).sequence;
    }
  }
  return out;
}
