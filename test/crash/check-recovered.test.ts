/** The checkers of the crash tests, held to violations planted in what a store without a fault answers. */
import { beforeAll, describe, expect, test } from "vitest";
import { CoreStore } from "../../src/store/core/core-store.ts";
import { purgeJobs } from "../../src/store/core/purger.ts";
import { LockingStore } from "../../src/store/decorators/locking-store.ts";
import type { Entry } from "../../src/store/store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { openTestEngine } from "../support/open-test-store.ts";
import { until } from "../support/until.ts";
import { checkRecovered } from "./check-recovered.ts";
import {
  crashSpaces,
  indexName,
  isIn,
  nameOf,
  namesRoot,
  primaryName,
  primaryOf,
  ticketNumber,
} from "./crash-spaces.ts";
import { createLedger, enter, type Ledger } from "./ledger.ts";
import { planOf, runPlan } from "./plans.ts";
import { gather, type Recovered } from "./recovered.ts";
import { landedIn } from "./replay.ts";
import { tellingEngine } from "./telling-engine.ts";

const seed = 4;
const plans = 250;
let ledger: Ledger;
let good: Recovered;

beforeAll(async () => {
  const clock = new ManualClock();
  ledger = createLedger(seed);
  const inner = await openTestEngine(clock, {}, { spaces: crashSpaces });
  const engine = tellingEngine(inner, (line) => enter(ledger, line));
  const core = new CoreStore({
    engine,
    spaces: crashSpaces,
    clock,
    random: () => 0.5,
    instance: "writer",
    history: { bytes: 16 * 1024 * 1024, ms: 3_600_000 },
    report: (problem, cause) => {
      throw new Error(problem, { cause });
    },
  });
  core.start();
  const store = new LockingStore(core, clock);
  // One after the other, so that each is one commit; the sweeper comes between them.
  for (let plan = 0; plan < plans; plan++) {
    enter(ledger, { tells: "attempted", plan });
    const doing = planOf(seed, plan);
    const { revision } = await store.update({ exclusive: [nameOf(doing.namespace)] }, (tx) =>
      runPlan(tx, doing, plan),
    );
    enter(ledger, { tells: "acknowledged", plan, revision });
    clock.advance(10);
  }
  // What is still to be purged would excuse a record that came back.
  await until(async () => (await inner.page(purgeJobs, { limit: 1 })).entries.length === 0);
  good = await gather(engine, clock, ledger);
  await store.close();
});

test("what a store without a fault answers has nothing wrong", async () => {
  expect(good.views.length).toBeGreaterThan(3);
  expect(landedIn(good)).toHaveLength(plans);
  expect(await checkRecovered(ledger, good)).toEqual([]);
});

describe("a planted violation is told:", () => {
  const first = () => good.views[0] as Recovered["views"][number];
  const withEntries = (change: (entries: readonly Entry[]) => Entry[]): Recovered => ({
    ...good,
    views: good.views.map((view) => ({ ...view, entries: change(view.entries) })),
  });
  /** The first live record of the space, or its successor. */
  const one = (name: string): Entry =>
    first().entries.find(({ key, expireAt }) => isIn(key, name) && expireAt === undefined) as Entry;
  const without = (gone: (entry: Entry) => boolean) =>
    withEntries((entries) => entries.filter((entry) => !gone(entry)));
  const changed = (target: Entry, change: Partial<Entry>) =>
    withEntries((entries) =>
      entries.map((entry) => (entry.key === target.key ? { ...entry, ...change } : entry)),
    );
  const told = async (recovered: Recovered, about: Ledger = ledger) =>
    (await checkRecovered(about, recovered)).join("\n");

  test("an acknowledged commit is lost", async () => {
    const lost = without(({ key }) => ticketNumber(key) === plans - 1);
    expect(await told(lost)).toContain(`plan ${plans - 1} was acknowledged as`);
  });

  test("a commit is there that nobody attempted, or that was refused", async () => {
    const attempted = new Map(ledger.attempted);
    attempted.delete(7);
    expect(await told(good, { ...ledger, attempted })).toContain("nobody attempted it");
    const refused = new Map([[7, "store_full"]]);
    expect(await told(good, { ...ledger, refused })).toContain(
      "refused as store_full and is there",
    );
    const unheard = new Map([[plans, "ReferenceError"]]);
    expect(await told(good, { ...ledger, refused: unheard })).toContain("refused as Reference");
    const open = new Map([[7, "outcome_unknown"]]);
    expect(await told(good, { ...ledger, refused: open })).toBe("");
  });

  test("half of a commit is missing, with or without its index", async () => {
    const { key } = one(primaryName);
    const half = await told(without((entry) => entry.key === key));
    expect(half).toContain("is not there");
    expect(half).toContain("the index holds");
    expect(await told(without((entry) => entry.key === one("count").key))).toContain(
      "is not there",
    );
  });

  test("an index record outlives its primary by a millisecond", async () => {
    const index = first().entries.find(
      ({ key, expireAt }) => isIn(key, indexName) && expireAt !== undefined,
    ) as Entry;
    const late = changed(index, { expireAt: (index.expireAt ?? 0) + 1 });
    expect(await told(late)).toContain("the index holds");
  });

  test("a record has another version, creation or value than its commit gave it", async () => {
    const record = one(primaryName);
    for (const change of [{ version: 5 }, { created: 5 }, { value: "other" }]) {
      expect(await told(changed(record, change))).toContain("and should be");
    }
  });

  test("a deleted record came back, within reach or where nothing will purge it", async () => {
    const withCopyAt = (key: Entry["key"]) =>
      withEntries((entries) => [...entries, { ...one(primaryName), key }]);
    const { number } = one("name").value as { number: number };
    expect(await told(withCopyAt(primaryOf(number, "z-1")))).toContain("should not be");
    const dropped = good.history
      .flatMap(({ events }) => events)
      .find((event) => event.type === "deleted" && event.key.startsWith(namesRoot));
    const { value } = (dropped as { previous: Entry<{ number: number }> }).previous;
    expect(await told(withCopyAt(primaryOf(value.number, "z-1")))).toContain("going to purge it");
  });

  test("a number was given twice", async () => {
    const [a, b] = landedIn(good).filter(({ ticket }) => ticket.number !== undefined);
    const target = first().entries.find(({ key }) => ticketNumber(key) === b?.number) as Entry;
    const twice = changed(target, { value: { ...b?.ticket, number: a?.ticket.number } });
    expect(await told(twice)).toContain("were both given the number");
  });

  test("the history lacks a commit, tells one twice, or of one that is not there", async () => {
    const middle = good.history[50];
    const history = good.history.filter((commit) => commit !== middle);
    expect(await told({ ...good, history })).toContain("the history");
    const twice = good.history.flatMap((commit) => (commit === middle ? [commit, commit] : commit));
    expect(await told({ ...good, history: twice })).toContain("after");
    const events = middle?.events.slice(1) ?? [];
    const halved = good.history.map((commit) =>
      commit === middle ? { revision: commit.revision, events } : commit,
    );
    expect(await told({ ...good, history: halved })).toContain("the history");
    expect(await told({ ...good, head: good.head + 1 })).toContain("the history ends at");
  });

  test("a history resumes with something else than what came after, or where it should not", async () => {
    const [revision = 0] = [...good.resumed.keys()];
    const resumed = (answer: Recovered["history"] | "history_gone", at = revision) => ({
      ...good,
      resumed: new Map([[at, answer]]),
    });
    expect(await told(resumed(good.history))).toContain("is not what came after it");
    expect(await told(resumed("history_gone"))).toContain("does not resume");
    expect(await told(resumed([], good.head + 1))).toContain("is not between");
  });

  test("a revision is not after those before the crash, or before its own beginning", async () => {
    const recovered = { head: good.head, plans: new Set<number>() };
    expect(await told(good, { ...ledger, recovered })).toContain("before the restart");
    const attempted = new Map(ledger.attempted).set(9, { ids: new Set(), after: good.head });
    expect(await told(good, { ...ledger, attempted })).toContain("began after");
    expect(await told(good, { ...ledger, highestAcknowledged: good.head + 1 })).toContain(
      "the head went back",
    );
  });

  test("a commit's outcome is forgotten, or two are known of one plan", async () => {
    const attempted = new Map(ledger.attempted).set(9, { ids: new Set(["x", "y"]), after: 0 });
    const revision = ledger.acknowledged.get(9);
    const forgotten = { ...good, outcomes: new Map() };
    expect(await told(forgotten, { ...ledger, attempted })).toContain("the outcome of plan 9");
    const both = {
      ...good,
      outcomes: new Map([...good.outcomes, ["x", revision], ["y", revision]]),
    };
    expect(await told(both as Recovered, { ...ledger, attempted })).toContain(
      "plan 9 was committed 2 times",
    );
  });

  test("the store's own check found damage", async () => {
    expect(await told({ ...good, damage: ["the root is wrong"] })).toContain("the root is wrong");
  });
});
