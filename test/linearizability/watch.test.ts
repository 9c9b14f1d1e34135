import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyParameters } from "../support/property.ts";
import { checkResolved } from "./check-keys.ts";
import { expiringPrefix, lastExpiringValue, runExpiring } from "./expiring.ts";
import { Recorder } from "./recorder.ts";
import { openRecordedClient, type Round, runRound } from "./round.ts";
import { openAlteredServer, openServer, type Server } from "./servers.ts";
import type { ToldEvent } from "./told-message.ts";
import { trimmingEngine } from "./trimming-engine.ts";
import { type Cut, type Filter, type WatchHistory, watchAlong } from "./watch-history.ts";
import { validate } from "./watch-validators.ts";
import { allKeys, endKey, pairPrefix, planOf } from "./workload.ts";

const parameters = { ...propertyParameters(1), endOnFailure: true };
const roundMsMax = 60_000;
const timeout = (parameters.numRuns ?? 1) * roundMsMax;

/** What is watched, and the last value written there. */
const watches: readonly { filter: Filter; hasPrevious: boolean; lastValue: string }[] = [
  { filter: { case: undefined }, hasPrevious: true, lastValue: `last ${endKey}` },
  { filter: { case: undefined }, hasPrevious: false, lastValue: `last ${endKey}` },
  { filter: { case: "prefix", value: "k" }, hasPrevious: true, lastValue: "last k5" },
  { filter: { case: "prefix", value: pairPrefix }, hasPrevious: false, lastValue: "last pair/b" },
  { filter: { case: "key", value: "k0" }, hasPrevious: true, lastValue: "last k0" },
  { filter: { case: "key", value: "pair/a" }, hasPrevious: true, lastValue: "last pair/a" },
  {
    filter: { case: "prefix", value: expiringPrefix },
    hasPrevious: true,
    lastValue: lastExpiringValue,
  },
];

const cut: fc.Arbitrary<Cut> = fc.record({
  messages: fc.integer({ min: 1, max: 20 }),
  how: fc.constantFrom("cancel", "cut"),
  by: fc.constantFrom("token", "token", "revision", "revision", "initial state"),
  relist: fc.constantFrom("list", "initial state"),
  pause: fc.oneof(fc.nat(5), fc.nat(200)),
});
const cutsEach = 10;

interface WatchedRound extends Round {
  /** One of everything that is left alone, and the others, cut again and again. */
  readonly histories: readonly WatchHistory[];
}

async function watchedRound(server: Server, seed: number): Promise<WatchedRound> {
  const recorder = new Recorder();
  await using clients = new AsyncDisposableStack();
  const open = async (name: number) =>
    clients.use(await openRecordedClient(server.address, watchersFrom + name));
  const cuts = fc.sample(cut, { seed, numRuns: watches.length * cutsEach });
  const watching = [
    ...watches.slice(0, 1).map((watch) => ({ ...watch, cuts: [] })),
    ...watches.map((watch, at) => ({
      ...watch,
      cuts: cuts.slice(at * cutsEach, (at + 1) * cutsEach),
    })),
  ];
  const expiring = await open(watching.length);
  const histories = watching.map(async (each, at) =>
    watchAlong({ ...each, client: await open(at), recorder }),
  );
  const round = await runRound({
    server,
    recorder,
    planned: planOf({ seed, clients: 12, steps: 20 }),
    beside: (history) => runExpiring(expiring.kv, history, seed),
  });
  return { ...round, histories: await Promise.all(histories) };
}

/** Above the names of all who are recorded. */
const watchersFrom = 100;

const little = 16 * 1024;
const servers: readonly {
  readonly title: string;
  readonly losesHistory: boolean;
  open(): Promise<Server>;
}[] = [
  {
    title: "memory with all history",
    losesHistory: false,
    open: () => openServer("memory", 64 * 1024 * 1024),
  },
  {
    title: "memory with little history",
    losesHistory: true,
    open: () => openServer("memory", little),
  },
  {
    title: "sqlite with all history",
    losesHistory: false,
    open: () => openServer("sqlite", 64 * 1024 * 1024),
  },
  {
    title: "sqlite, trimmed all the time,",
    losesHistory: true,
    open: () => openAlteredServer({ engine: "sqlite", alterEngine: trimmingEngine(little) }),
  },
];

for (const { title, losesHistory, open } of servers) {
  test(`watches over ${title} keep every promise, cut and resumed`, { timeout }, async () => {
    const seen = { resumed: 0, listed: 0, expired: 0 };
    let lost = 0;
    const rounds = () =>
      fc.assert(
        fc.asyncProperty(fc.integer(), async (seed) => {
          await using server = await open();
          const { recorder, reference, histories } = await watchedRound(server, seed);
          const commits = reference.changesOf(new Set([...allKeys, endKey]));
          expect(checkResolved(recorder.history, commits)).toEqual({ is: "ok" });
          for (const watched of histories) expect(validate(watched, reference)).toEqual([]);
          for (const watched of histories) lost += watched.lost;
          note(seen, histories);
        }),
        parameters,
      );
    // What a round meets is chance; rounds go on, to a bound, until all of it was met.
    for (let more = 0; more < roundsMore; more++) {
      await rounds();
      if (Object.values(seen).every((times) => times > 0) && lost > 0 === losesHistory) break;
    }
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(0);
    expect(lost > 0, "history was lost under a watch").toBe(losesHistory);
  });
}

type Histories = Awaited<ReturnType<typeof watchedRound>>["histories"];

/** Counts what the watchers of a round have met. */
function note(
  seen: { resumed: number; listed: number; expired: number },
  histories: Histories,
): void {
  for (const { after, listed, messages } of histories.flatMap(({ segments }) => segments)) {
    if (after !== undefined) seen.resumed++;
    if (listed !== undefined) seen.listed++;
    seen.expired += messages.flatMap(({ events }) => events).filter(isExpiry).length;
  }
}

const isExpiry = ({ type }: ToldEvent): boolean => type === "EXPIRE";

const roundsMore = 12;
