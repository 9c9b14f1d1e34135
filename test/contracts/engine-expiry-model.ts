import fc from "fast-check";
import { describe, expect } from "vitest";
import type { Engine } from "../../src/store/engine.ts";
import { type Key, startingWith, stringAfter } from "../../src/store/key.ts";
import type { StoreEvent } from "../../src/store/store.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { propertyParameters } from "../support/property.ts";
import { at, testRoot } from "../support/test-spaces.ts";
import { type EngineUnderTest, type OpenedEngine, testEngine } from "./engine-subject.ts";
import { put, remove, write } from "./engine-writes.ts";

/** What may happen to a primary and the index record that is written, touched and deleted with it. */
type Step =
  | { readonly do: "put" | "touch"; readonly name: string; readonly ttl: number | "none" }
  | { readonly do: "delete"; readonly name: string }
  /** To so many milliseconds from the next instant at which something expires, or just on. */
  | { readonly do: "pass"; readonly from: -1 | 0 | 1 | "now" }
  | { readonly do: "sweep" }
  /** Removes so many of what is due, primaries and index records alike, and ends there. */
  | { readonly do: "crash while sweeping"; readonly after: number };

const name = fc.constantFrom("a", "b", "c");
const ttl = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant<"none">("none"));
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("put" as const), name, ttl }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("touch" as const), name, ttl }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), name }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("pass" as const),
        from: fc.constantFrom<-1 | 0 | 1 | "now">(-1, 0, 0, 1, "now"),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("sweep" as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("crash while sweeping" as const),
        after: fc.integer({ min: 1, max: 3 }),
      }),
    },
  ),
  { minLength: 5, maxLength: 25, size: "max" },
);

/** Test 6: an index record goes with its primary, in one instant, however much of either has been swept. */
export function describeExpiryModel(subject: EngineUnderTest): void {
  const test = testEngine(subject);

  describe("expiry of primaries and their index", () => {
    for (const [sweeping, allowed] of [
      ["nothing sweeps", []],
      ["sweeps run", ["sweep"]],
      ["sweeps run, and some end half way", ["sweep", "crash while sweeping"]],
    ] as const) {
      test(`test 6, reason 6: index records are those of the live primaries at every instant, while ${sweeping}`, async (opened) => {
        const isDone = (step: Step): boolean =>
          !step.do.includes("sweep") || (allowed as readonly string[]).includes(step.do);
        let round = 0;
        await fc.assert(
          fc.asyncProperty(steps, async (plan) => {
            await run(opened, { plan: plan.filter(isDone), prefix: `${round++}-` });
          }),
          propertyParameters(20),
        );
      });
    }

    test("test 6: a put over an expired record, swept or not, is an expired event and then a creation", async ({
      engine,
      clock,
    }) => {
      for (const isSwept of [false, true]) {
        const before = await engine.head();
        const target = at(`over ${isSwept}`);
        await write(engine, put(target, "1", clock.now() + 5));
        clock.advance(5);
        if (isSwept) await write(engine, remove(target, "expired"));
        await write(engine, put(target, "2"));
        const events = (await engine.history(before, 1e6)).flatMap((commit) => commit.events);
        expect(events).toMatchObject([
          { type: "put", entry: { value: "1" } },
          { type: "expired", previous: { value: "1" } },
          { type: "put", entry: { value: "2" } },
        ]);
        expect(events[2]).not.toHaveProperty("previous");
      }
    });
  });
}

/** What is live, by when it expires. */
class ExpiryModel {
  readonly #expiries = new Map<string, number>();
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  expireAt(ttl: number | "none"): number | "none" {
    return ttl === "none" ? "none" : this.#clock.now() + ttl;
  }

  set(name: string, expireAt: number | "none"): void {
    this.#expiries.set(name, expireAt === "none" ? Number.POSITIVE_INFINITY : expireAt);
  }

  delete(name: string): void {
    this.#expiries.delete(name);
  }

  isLive(name: string): boolean {
    return (this.#expiries.get(name) ?? 0) > this.#clock.now();
  }

  live(): string[] {
    return [...this.#expiries.keys()].filter((each) => this.isLive(each)).sort();
  }

  /** How long until the first of them expires. */
  untilNext(): number {
    const times = this.live().map((each) => this.#expiries.get(each) ?? 0);
    const next = Math.min(...times) - this.#clock.now();
    return Number.isFinite(next) ? next : 1;
  }
}

/** Runs the plan on names of its own, and holds what is there against the model after every step. */
async function run(
  { engine, clock }: OpenedEngine,
  { plan, prefix }: { plan: readonly Step[]; prefix: string },
): Promise<void> {
  const model = new ExpiryModel(clock);
  const primary = (each: string) => at(`primary ${prefix}${each}`);
  const index = (each: string) => at(`index ${prefix}${each}`);
  const start = await engine.head();
  const take = async (step: Step): Promise<void> => {
    switch (step.do) {
      case "put": {
        const expireAt = model.expireAt(step.ttl);
        await write(
          engine,
          put(primary(step.name), "v", expireAt),
          put(index(step.name), "", expireAt),
        );
        model.set(step.name, expireAt);
        return;
      }
      case "touch": {
        const expireAt = model.expireAt(step.ttl);
        const both = [primary(step.name), index(step.name)];
        await write(engine, ...both.map((key) => ({ op: "setExpiry", key, expireAt }) as const));
        if (model.isLive(step.name)) model.set(step.name, expireAt);
        return;
      }
      case "delete":
        await write(engine, remove(primary(step.name)), remove(index(step.name)));
        if (model.isLive(step.name)) model.delete(step.name);
        return;
      case "pass":
        clock.advance(Math.max(0, step.from === "now" ? 1 : model.untilNext() + step.from));
        return;
      case "sweep":
        await sweep(engine, Number.POSITIVE_INFINITY);
        return;
      case "crash while sweeping":
        await sweep(engine, step.after);
        return;
    }
  };
  for (const step of plan) {
    await take(step);
    const live = model.live();
    for (const [kind, keyOf] of [
      ["primary ", primary],
      ["index ", index],
    ] as const) {
      const { entries } = await engine.get(["a", "b", "c"].map(keyOf));
      expect(entries.map((entry) => entry !== undefined)).toEqual(
        ["a", "b", "c"].map((each) => live.includes(each)),
      );
      const page = await engine.page(startingWith(testRoot, kind + prefix), { limit: 10 });
      expect(page.entries.map(({ key }) => stringAfter(testRoot, key))).toEqual(
        live.map((each) => kind + prefix + each),
      );
    }
  }
  const ours = new Set(["a", "b", "c"].flatMap((each) => [primary(each), index(each)]));
  const events = (await engine.history(start, 1e9)).flatMap((commit) => commit.events);
  checkEvents(events, (key) => ours.has(key)); // what earlier plans left behind expires as well
}

/** As the sweeper does it, in commits of one record, and no further than that. */
async function sweep(engine: Engine, commits: number): Promise<void> {
  for (const { key } of (await engine.due(100)).slice(0, commits)) {
    await write(engine, remove(key, "expired"));
  }
}

/** Told from the events alone: nothing is created that is there, and nothing goes that is not. */
function checkEvents(events: readonly StoreEvent[], isOurs: (key: Key) => boolean): void {
  const there = new Set<Key>();
  for (const event of events) {
    if (event.type === "rangeDeleted") throw new Error("nobody deleted a range");
    const key = event.type === "put" ? event.entry.key : event.key;
    if (!isOurs(key)) continue;
    if (event.type === "put") {
      expect(event.previous !== undefined).toBe(there.has(key));
      there.add(key);
    } else {
      expect(there.delete(key)).toBe(true);
    }
  }
}
