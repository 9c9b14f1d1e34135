import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyParameters } from "../support/property.ts";
import { checkKeys } from "./check-keys.ts";
import { Recorder } from "./recorder.ts";
import { openRecordedClient, runRound } from "./round.ts";
import { openServer } from "./servers.ts";
import { type Cut, type Filter, type WatchHistory, watchAlong } from "./watch-history.ts";
import { WatchReference } from "./watch-reference.ts";
import { validate } from "./watch-validators.ts";
import { pairPrefix, planOf } from "./workload.ts";

const parameters = { ...propertyParameters(1), endOnFailure: true };

/** What is watched, and the last value written there. */
const watches: readonly { filter: Filter; hasPrevious: boolean; lastValue: string }[] = [
  { filter: { case: undefined }, hasPrevious: true, lastValue: "last pair/b" },
  { filter: { case: undefined }, hasPrevious: false, lastValue: "last pair/b" },
  { filter: { case: "prefix", value: "k" }, hasPrevious: true, lastValue: "last k5" },
  { filter: { case: "prefix", value: pairPrefix }, hasPrevious: false, lastValue: "last pair/b" },
  { filter: { case: "key", value: "k0" }, hasPrevious: true, lastValue: "last k0" },
  { filter: { case: "key", value: "pair/a" }, hasPrevious: true, lastValue: "last pair/a" },
];

const cut: fc.Arbitrary<Cut> = fc.record({
  messages: fc.integer({ min: 1, max: 20 }),
  how: fc.constantFrom("cancel", "cut"),
  by: fc.constantFrom("token", "revision"),
  pause: fc.oneof(fc.nat(5), fc.nat(200)),
});
const cutsEach = 10;

/** The workload, one watch of everything that is left alone, and the others, cut again and again. */
async function watchedRound(address: string, seed: number) {
  const recorder = new Recorder();
  await using clients = new AsyncDisposableStack();
  const cuts = fc.sample(cut, { seed, numRuns: watches.length * cutsEach });
  const watching = [
    { ...watches[0], cuts: [] },
    ...watches.map((watch, at) => ({
      ...watch,
      cuts: cuts.slice(at * cutsEach, (at + 1) * cutsEach),
    })),
  ];
  const histories: Promise<WatchHistory>[] = [];
  for (const [at, each] of watching.entries()) {
    const client = clients.use(await openRecordedClient(address, 100 + at));
    histories.push(
      watchAlong({ ...(each as (typeof watches)[number]), client, recorder, cuts: each.cuts }),
    );
    // Its stream is open before anything is written.
    if (at === 0) await client.kv.get({ key: "any" });
  }
  await runRound(address, planOf({ seed, clients: 8, steps: 30 }), recorder);
  const [whole, ...cutUp] = await Promise.all(histories);
  return { recorder, whole: whole as WatchHistory, cutUp };
}

const all = 64 * 1024 * 1024;
for (const { engine, historyBytes, losesHistory } of [
  { engine: "memory", historyBytes: all, losesHistory: false },
  { engine: "memory", historyBytes: 16 * 1024, losesHistory: true },
  // It is trimmed only every few seconds, which is longer than a round.
  { engine: "sqlite", historyBytes: all, losesHistory: false },
]) {
  const kept = losesHistory ? "little history" : "all history";
  test(`watches over ${engine} with ${kept} keep every promise, cut and resumed`, async () => {
    let resumed = 0;
    let listed = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        await using server = await openServer(engine, historyBytes);
        const { recorder, whole, cutUp } = await watchedRound(server.address, seed);
        expect(checkKeys(recorder.history)).toEqual({ is: "ok" });
        expect(whole.segments.length, "the reference was never cut").toBe(1);
        const events = whole.segments.flatMap(({ messages }) =>
          messages.flatMap((message) => message.events),
        );
        const reference = new WatchReference(events);
        for (const watched of [whole, ...cutUp]) expect(validate(watched, reference)).toEqual([]);
        const segments = cutUp.flatMap((watched) => watched.segments);
        resumed += segments.filter(({ after }) => after !== undefined).length;
        listed += segments.filter((segment) => segment.listed !== undefined).length;
      }),
      parameters,
    );
    expect(resumed).toBeGreaterThan(0);
    expect(listed > 0, "history was lost under a watch").toBe(losesHistory);
  });
}
