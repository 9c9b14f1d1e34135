import fc, { type Scheduler } from "fast-check";
import { describe, expect, test } from "vitest";
import { AtLimit } from "#gen/tiffin/session/v1/session_pb.ts";
import { subjectRoot } from "../../src/session/session-spaces.ts";
import { within } from "../../src/store/key.ts";
import type { Revision } from "../../src/store/store.ts";
import { durationOf } from "../contracts/rpc-messages.ts";
import { propertyParameters } from "../support/property.ts";
import type { OperationOf } from "./session-calls.ts";
import { idsOf, inEveryOrder, login, remove, update } from "./session-contest.ts";
import { openRace, type SessionRace, type Setting, settings, timePasses } from "./session-race.ts";

const limit = 2;

const policyOf = (atLimit: AtLimit) => ({
  ...{ idleTimeout: durationOf(1000), touchInterval: durationOf(0) },
  ...{ subjectSessionsMax: limit, atLimit },
});

const creation = (atLimit: AtLimit): OperationOf<"create"> => ({
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

interface Contest {
  readonly setting: Setting;
  readonly atLimit: AtLimit;
}

describe("a subject has at no instant more sessions than its policies allow", () => {
  for (const setting of settings) {
    for (const atLimit of [AtLimit.REFUSE, AtLimit.END_OLDEST]) {
      const which = atLimit === AtLimit.REFUSE ? "one too many is refused" : "the oldest end";
      test(`${which}, whoever creates and logs in (${setting})`, async () => {
        await fc.assert(
          fc.asyncProperty(fc.scheduler(), plans, (scheduler, plan) =>
            contest(scheduler, plan, { setting, atLimit }),
          ),
          propertyParameters(40),
        );
      });
    }
  }
});

async function contest(
  scheduler: Scheduler,
  plan: readonly Act[],
  { setting, atLimit }: Contest,
): Promise<void> {
  const race = await openRace(scheduler, setting);
  const { head } = await race.settled(race.store.historySpan());
  const own = await race.create(creation(atLimit).request);
  const operations: Parameters<typeof race.race>[0][number][] = [];
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

describe("a session that expires while others are created", () => {
  inEveryOrder("makes room for one, and no sooner", async (race) => {
    const { request } = creation(AtLimit.REFUSE);
    await race.create(request);
    await race.create(request);
    race.pass(998);
    const creations = [1, 2, 3].map(() => creation(AtLimit.REFUSE));
    const outcomes = await race.race(creations, [timePasses(1)]);
    expect(idsOf(outcomes).length).toBeLessThanOrEqual(1);
    expect(race.model.live("user")).toHaveLength(1 + idsOf(outcomes).length);
  });
});
