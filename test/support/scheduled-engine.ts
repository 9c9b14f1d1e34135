import type { Scheduler } from "fast-check";
import type { Clock } from "../../src/clock.ts";
import type { Engine } from "../../src/store/engine.ts";

/** The engine behind a network whose answers come in any order the scheduler likes. What it does, it does in the order asked. */
export function scheduledEngine(engine: Engine, scheduler: Scheduler): Engine {
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

/** Time that passes when the scheduler says so: what waits for a moment goes on at any. */
export function scheduledClock(clock: Clock, scheduler: Scheduler): Clock {
  return {
    now: () => clock.now(),
    after(_ms, action) {
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
