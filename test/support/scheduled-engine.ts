import type { Scheduler } from "fast-check";
import type { Clock } from "../../src/clock.ts";
import { CoreStore } from "../../src/store/core/core-store.ts";
import { LockingStore } from "../../src/store/decorators/locking-store.ts";
import type { Engine } from "../../src/store/engine.ts";
import type { Space } from "../../src/store/space.ts";
import type { Store } from "../../src/store/store.ts";
import { ManualClock } from "./manual-clock.ts";
import { allSpaces, openTestEngine } from "./open-test-store.ts";

/** A store whose engine answers, and whose timers fire, in the scheduler's order. Nothing runs in its background. */
export async function openScheduledStore(
  scheduler: Scheduler,
  { locking, rooms = [], clock: manual = new ManualClock() }: ScheduledStoreOptions,
): Promise<Store> {
  const spaces = [...allSpaces, ...rooms];
  const clock = scheduledClock(manual, scheduler);
  const core = new CoreStore({
    engine: scheduledEngine(await openTestEngine(manual, {}, { spaces }), scheduler),
    spaces,
    clock,
    random: () => 0.5,
    instance: "test",
    history: { bytes: 1e6, ms: 1e6 },
    report: (problem, cause) => {
      throw new Error(problem, { cause });
    },
  });
  return locking ? new LockingStore(core, clock) : core;
}

export interface ScheduledStoreOptions {
  readonly locking: boolean;
  readonly rooms?: readonly Space<unknown>[];
  /** What the engine goes by; timers go by the scheduler. */
  readonly clock?: ManualClock;
}

/** The engine behind a network whose answers come in any order the scheduler likes. What it does, it does in the order asked. */
function scheduledEngine(engine: Engine, scheduler: Scheduler): Engine {
  const delayed = new Set<PropertyKey>(["head", "get", "page", "apply", "history", "due"]);
  return new Proxy(engine, {
    get(target, name) {
      const member = Reflect.get(target, name, target) as unknown;
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const answer = Reflect.apply(member, target, args) as unknown;
        return delayed.has(name)
          ? scheduler.schedule(answer as Promise<unknown>, String(name))
          : answer;
      };
    },
  });
}

/**
 * Time that passes when the scheduler says so: what waits for a moment goes on at any. What comes by every ten seconds
 * does not come at all, or it would come for ever.
 */
function scheduledClock(clock: Clock, scheduler: Scheduler): Clock {
  return {
    now: () => clock.now(),
    after(ms, action) {
      if (ms >= 10_000) return () => undefined;
      let cancelled = false;
      void scheduler.schedule(Promise.resolve(), "timer").then(() => {
        if (!cancelled) action();
      });
      return () => {
        cancelled = true;
      };
    },
  };
}
