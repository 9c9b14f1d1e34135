/**
 * What many live sessions take, and what is done with one of them, in a process of its own:
 * `node --expose-gc million-child.ts SESSIONS ROUNDS plain|full`, answers in JSON.
 */
import { sameRandom } from "../store/random.ts";
import { type Timed, timed } from "../store/timed.ts";
import { openBenchSessions } from "./bench-sessions.ts";
import { fillSessions } from "./fill-sessions.ts";
import { millis, sampleClient, sampleData, subjectAt } from "./sample-session.ts";
import { SessionIds } from "./session-ids.ts";

const [sessions, rounds, kind] = process.argv.slice(2) as [string, string, "plain" | "full"];
const count = Number(sessions);
/** Some come first, so that what is compiled and allocated once is not counted as the sessions'. */
const before = 1_000;
const callsPerRound = 10_000;
/** They compile what is hot, and let the collector settle after the filling. */
const warmUpRounds = 3;
const client = { ip: sampleClient.ipAddress, agent: sampleClient.userAgent, device: "" };
const room = await openBenchSessions(2 ** 20);
const ids = new SessionIds(count + before);
await fill(0, before);
const empty = held();
await fill(before, count + before);
const full = held();
const memory = {
  heldBytes: (full.heldBytes - empty.heldBytes) / count,
  residentBytes: (full.residentBytes - empty.residentBytes) / count,
  recordBytes: (await room.store.stats()).bytes / (count + before),
};
const times = await operations();
await room.store.close();
console.log(JSON.stringify({ memory, times }));

/** Half of them write every use down, the others none for hours: both kinds of Get are to be had. */
async function fill(from: number, to: number): Promise<void> {
  const endMs = Date.now() + 11 * 3_600_000;
  await fillSessions(
    room.store,
    {
      ...{ from, to },
      sessionAt: (index) => ({
        ...{ endMs, touchMs: index % 2 === 0 ? 0 : 3_600_000 },
        ...(kind === "full" && { subject: subjectAt(index), client }),
      }),
    },
    (index, id) => ids.set(index, id),
  );
}

async function operations(): Promise<Record<string, Timed[]>> {
  const change = { case: "replace", value: sampleData } as const;
  const steps: Record<string, { parity: number; run: (index: number) => Promise<void> }> = {
    "Get, peek": { parity: 0, run: (at) => room.get({ sessionId: ids.at(at), peek: true }) },
    "Get, within the touch interval": {
      parity: 1,
      run: (at) => room.get({ sessionId: ids.at(at) }),
    },
    "Get, touch due": { parity: 0, run: (at) => room.get({ sessionId: ids.at(at) }) },
    Update: { parity: 0, run: (at) => room.update({ sessionId: ids.at(at), change }) },
    Rotate: {
      parity: 0,
      async run(at) {
        const sessionId = ids.at(at);
        ids.set(at, await room.rotate({ sessionId, grace: millis(0) }));
      },
    },
  };
  const results: Record<string, Timed[]> = {};
  const random = sameRandom();
  for (let round = -warmUpRounds; round < Number(rounds); round++) {
    for (const [name, { parity, run }] of Object.entries(steps)) {
      const chosen = Array.from(
        { length: callsPerRound },
        () => Math.floor(random() * (count / 2)) * 2 + parity,
      );
      const result = await timed(callsPerRound, async () => {
        for (const index of chosen) await run(index);
      });
      if (round >= 0) results[name] = [...(results[name] ?? []), result];
    }
  }
  return results;
}

function held(): { heldBytes: number; residentBytes: number } {
  for (let time = 0; time < 3; time++) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heldBytes: heapUsed + external, residentBytes: rss };
}
