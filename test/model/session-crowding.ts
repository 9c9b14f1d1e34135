import fc, { type Scheduler } from "fast-check";
import { expect } from "vitest";
import type { AtLimit } from "#gen/tiffin/session/v1/session_pb.ts";
import { subjectRoot } from "../../src/session/session-spaces.ts";
import { within } from "../../src/store/key.ts";
import type { Revision } from "../../src/store/store.ts";
import { durationOf } from "../contracts/rpc-messages.ts";
import type { Operation, OperationOf } from "./session-calls.ts";
import { login, remove, update } from "./session-contest.ts";
import { openRace, type RaceOptions, type SessionRace, type Setting } from "./session-race.ts";

const limit = 2;

const policyOf = (atLimit: AtLimit) => ({
  ...{ idleTimeout: durationOf(1000), touchInterval: durationOf(0) },
  ...{ subjectSessionsMax: limit, atLimit },
});

export const creation = (atLimit: AtLimit): OperationOf<"create"> => ({
  method: "create",
  request: { subject: "user", policy: policyOf(atLimit) },
});

/** What somebody does who has a session of their own, and one that is nobody's yet. */
const acts = {
  "creates a session": creation,
  "logs in": (_: AtLimit, { nobodys }: { nobodys: string }) => login(nobodys),
  "logs in again": (_: AtLimit, { own }: { own: string }) => login(own),
  "logs out": (_: AtLimit, { own }: { own: string }) => remove(own),
  "changes data": (_: AtLimit, { own }: { own: string }) => update(own),
} as const;
type Act = keyof typeof acts;

const plans = fc.array(
  fc.oneof(
    fc.constantFrom<Act>("creates a session", "logs in"),
    fc.constantFrom<Act>("logs in again", "logs out", "changes data"),
  ),
  { minLength: 2, maxLength: 5 },
);

interface Crowd extends RaceOptions {
  readonly setting: Setting;
  readonly atLimit: AtLimit;
}

/** Whatever is done at the same time, a subject has at no instant more sessions than its policies allow. */
export const crowding = (crowd: Crowd) =>
  fc.asyncProperty(fc.scheduler(), plans, (scheduler, plan) => crowdIn(scheduler, plan, crowd));

async function crowdIn(
  scheduler: Scheduler,
  plan: readonly Act[],
  { setting, atLimit, ...options }: Crowd,
): Promise<void> {
  const race = await openRace(scheduler, setting, options);
  const { head } = await race.settled(race.store.historySpan());
  const own = await race.create(creation(atLimit).request);
  const operations: Operation[] = [];
  for (const act of plan) {
    const nobodys = await race.create({ policy: policyOf(atLimit) });
    operations.push(acts[act](atLimit, { own, nobodys }));
  }
  await race.race(operations);
  expect(await race.settled(mostAtOnce(race, head))).toBeLessThanOrEqual(limit);
}

/** How many there were at most after any one commit. */
async function mostAtOnce({ store, number }: SessionRace, after: Revision): Promise<number> {
  const watch = await store.watch([within(subjectRoot(number, "user"))], after);
  const { head } = await store.historySpan();
  const there = new Set<string>();
  let most = 0;
  for await (const { events } of watch.until(head)) {
    for (const event of events) {
      if (event.type === "put") there.add(event.entry.key);
      else if (event.type !== "rangeDeleted") there.delete(event.key);
    }
    most = Math.max(most, there.size);
  }
  return most;
}
