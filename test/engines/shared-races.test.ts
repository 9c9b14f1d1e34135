import { setImmediate } from "node:timers/promises";
import fc, { type Scheduler } from "fast-check";
import { expect, test } from "vitest";
import { within } from "../../src/store/key.ts";
import { answerOnce } from "../../src/store/layers/request-memory.ts";
import type { Revision, Store } from "../../src/store/store.ts";
import { commitOf, put } from "../contracts/engine-writes.ts";
import {
  createAndDeleteParent,
  createToLimit,
  increment,
  storedIn,
  write,
  writeUnderDeletedName,
} from "../contracts/shared-scenarios.ts";
import { propertyParameters } from "../support/property.ts";
import {
  endOf,
  type Fate,
  fates,
  openScheduledServer,
  persist,
  type ScheduledServer,
  type Stores,
} from "../support/shared-scheduled.ts";
import { at, testRoot } from "../support/test-spaces.ts";

/** Two processes, in every order of messages the scheduler finds, with the faults that were drawn. */
function testRace(
  title: string,
  race: (scheduler: Scheduler, opened: ScheduledServer) => Promise<void>,
  faults: fc.Arbitrary<readonly Fate[]> = fates(),
): void {
  test(title, async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), faults, async (scheduler, given) => {
        await race(scheduler, await openScheduledServer(scheduler, given));
      }),
      propertyParameters(100),
    );
  });
}

const storesOf = ({ replica }: ScheduledServer): Stores => [replica().store, replica().store];

testRace(
  "test 8: an increment happened once, not at all, or is said to be unknown",
  async (scheduler, opened) => {
    const stores = storesOf(opened);
    const adding = [0, 1, 0, 1, 0].map((n) => endOf(increment(stores[n] as Store)));
    const ends = await scheduler.waitFor(Promise.all(adding));
    const known = ends.flatMap((end) => ("known" in end ? [end.known] : []));
    const unknown = ends.filter((end) => "failed" in end && end.failed === "unknown").length;
    // What was cut off may still be on its way: it has arrived when as many reads after it have.
    const now = Number((await scheduler.waitFor(persist(() => storedIn(stores[0], "n")))) ?? 0);
    expect(new Set(known).size).toBe(known.length);
    expect(now).toBeGreaterThanOrEqual(known.length);
    expect(now).toBeLessThanOrEqual(known.length + unknown);
  },
);

testRace(
  "test 1: watches on two stores see one order, whatever is lost, late or repeated",
  async (scheduler, opened) => {
    const replicas = [opened.replica({ background: true }), opened.replica({ background: true })];
    const stores = replicas.map(({ store }) => store) as unknown as Stores;
    const start = opened.server.state.head();
    const watching = stores.map((store) => followed(store, start));
    const acknowledged = await scheduler.waitFor(writeAll(stores));
    await scheduler.waitFor(persist(() => write(stores[0], "end")));
    const [first, second] = await scheduler.waitFor(Promise.all(watching));
    expect(first).toEqual(second);
    expect(first).toEqual([...new Set(first)].sort((a, b) => a - b));
    expect(first).toEqual(expect.arrayContaining(acknowledged));
  },
);

testRace(
  "numbers that two stores give never collide, whatever is lost",
  async (scheduler, opened) => {
    const stores = storesOf(opened);
    const asking = Array.from({ length: 140 }, (_, n) =>
      endOf(stores[n % 2 === 0 ? 0 : 1].update({}, (tx) => tx.nextNumber())),
    );
    const ends = await scheduler.waitFor(Promise.all(asking));
    const numbers = ends.flatMap((end) => ("known" in end ? [end.known.result] : []));
    expect(new Set(numbers).size).toBe(numbers.length);
  },
);

testRace(
  "reason 9: a request that is repeated at both stores until it is answered has one effect",
  async (scheduler, opened) => {
    const stores = storesOf(opened);
    const request = { tenant: 1, method: "Add", id: "r1", digest: "d1" };
    const once = (store: Store) =>
      answerOnce(store, request, {
        locks: { exclusive: [at("n")] },
        async attempt(tx) {
          const count = Number((await tx.get(at("n")))?.value ?? 0) + 1;
          tx.put(at("n"), String(count), "none");
          return `answer ${count}`;
        },
      });
    const asking = [...stores, ...stores].map((store) => persist(() => once(store)));
    const answers = await scheduler.waitFor(Promise.all(asking));
    expect(new Set(answers.map(({ answer }) => answer))).toEqual(new Set(["answer 1"]));
    expect(new Set(answers.map(({ revision }) => revision)).size).toBe(1);
    expect(await scheduler.waitFor(persist(() => storedIn(stores[0], "n")))).toBe("1");
  },
);

testRace(
  "of replicas that sweep, one wins: each record expires once, whatever is lost",
  async (scheduler, opened) => {
    const { server } = opened;
    const names = ["a", "b", "c", "d"];
    const expireAt = server.clock.now() + 10;
    // Not by way of a connection: what was cut off could arrive when these have expired, and write them again.
    await server.state.apply([commitOf(names.map((name) => put(at(name), "v", expireAt)))]);
    const start = await server.state.head();
    server.clock.advance(10);
    for (let n = 0; n < 3; n++) opened.replica({ background: true });
    const sweeping = (async () => {
      while ((await server.state.stats(testRoot)).records > 0) await setImmediate();
    })();
    await scheduler.waitFor(sweeping);
    const events = (await server.state.history(start, 1e9)).flatMap((commit) => commit.events);
    expect(events.map((event) => event.type === "expired" && event.key).sort()).toEqual(
      names.map(at),
    );
  },
);

testRace(
  "a store that closes while connections break ends every call and every watch, and reports nothing after",
  async (scheduler, opened) => {
    const { store, problems } = opened.replica({ background: true });
    const other = opened.replica().store;
    const start = await opened.server.state.head();
    const watching = followed(store, Promise.resolve(start));
    const calls = ["a", "b", "c"].map((name) => write(store, name));
    const reported = scheduler.waitFor(store.close()).then(() => problems.length);
    const ends = await scheduler.waitFor(Promise.allSettled([watching, ...calls]));
    for (const end of ends) {
      if (end.status === "rejected")
        expect(String(end.reason)).toMatch(/closing|closed|lost|answer/);
    }
    expect(ends[0]?.status).toBe("rejected");
    const before = await scheduler.waitFor(reported);
    await scheduler.waitFor(persist(() => write(other, "later")));
    expect(problems).toHaveLength(before);
  },
);

const quiet = fc.constant([]);
testRace(
  "test 4: creators through two stores never pass the limit that all of them check",
  (scheduler, opened) => createToLimit(storesOf(opened), (work) => scheduler.waitFor(work)),
  quiet,
);
testRace(
  "test 4: a child created on one store, its parent deleted on the other: no orphan",
  (scheduler, opened) => createAndDeleteParent(storesOf(opened), (work) => scheduler.waitFor(work)),
  quiet,
);
testRace(
  "test 4: nothing is written on one store under a name whose deletion stands on the other",
  (scheduler, opened) => writeUnderDeletedName(storesOf(opened), (work) => scheduler.waitFor(work)),
  quiet,
);

/** Both write at once; answers the revisions that were answered. */
async function writeAll(stores: Stores): Promise<Revision[]> {
  const writing = ["a", "b", "c", "d", "e", "f"].map((name, n) =>
    endOf(write(stores[n % 2 === 0 ? 0 : 1], name)),
  );
  return (await Promise.all(writing)).flatMap((end) => ("known" in end ? [end.known] : []));
}

/** Every commit up to the one that writes "end": watched, and watched again from where it was when the connection breaks. */
async function followed(store: Store, start: Promise<Revision>): Promise<Revision[]> {
  const seen: Revision[] = [];
  let position = await start;
  for (;;) {
    const read = async (): Promise<void> => {
      const watch = await store.watch([within(testRoot)], position);
      try {
        for await (const { revision, events } of watch) {
          seen.push(revision);
          position = revision;
          if (events.some((event) => event.type === "put" && event.entry.key === at("end"))) return;
        }
      } finally {
        position = Math.max(position, watch.position);
      }
    };
    if ("known" in (await endOf(read()))) return seen;
  }
}
