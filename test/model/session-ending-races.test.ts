import { setImmediate } from "node:timers/promises";
import { describe, expect } from "vitest";
import type { Operation, Outcome } from "./session-calls.ts";
import {
  get,
  idsOf,
  inEveryOrder,
  login,
  remove,
  rotate,
  touch,
  update,
} from "./session-contest.ts";
import type { SessionModel } from "./session-model.ts";
import { createTenant, deleteTenant, type SessionRace } from "./session-race.ts";

type Which = Extract<Operation, { method: "deleteBySubject" }>["request"]["which"];
const endBySubject = (which: Which): Operation => ({
  method: "deleteBySubject",
  request: { subject: "user", ...(which && { which }) },
});
const all = { case: "all", value: true } as const;
const create: Operation = { method: "create", request: { subject: "user" } };

describe("the end of a subject's sessions", () => {
  inEveryOrder("leaves those alone that come after it", async (race) => {
    const id = await race.create({ subject: "user" });
    const nobodys = await race.create();
    const outcomes = await race.race([...[endBySubject(all), create, update(id), login(nobodys)]]);
    const [ended] = outcomes as [Outcome<"deleteBySubject">];
    const count = "answer" in ended ? ended.answer.deletedCount : 0;
    expect(count).toBeGreaterThanOrEqual(1);
    expect(race.model.live("user")).toHaveLength(3 - count);
    expect(await race.peek(id)).toEqual({ failed: "session_not_found" });
  });

  inEveryOrder("leaves no session that was there, rotated or not", async (race) => {
    const id = await race.create({ subject: "user" });
    const outcomes = await race.race([endBySubject(all), rotate(id), touch(id), update(id)]);
    for (const one of [id, ...idsOf(outcomes)]) {
      expect(await race.peek(one)).toEqual({ failed: "session_not_found" });
    }
    expect(race.model.records()).toEqual({ sessions: 0, ids: 0 });
  });

  inEveryOrder("but one leaves that one, whatever it does meanwhile", async (race) => {
    const others = [await race.create({ subject: "user" }), await race.create({ subject: "user" })];
    const kept = await race.create({ subject: "user" });
    const handle = race.model.open(kept)?.session.handle ?? "";
    const which = { case: "allButHandle", value: handle } as const;
    const late = others.map(update);
    const outcomes = await race.race([endBySubject(which), update(kept), rotate(kept), ...late]);
    expect(race.model.live().map((session) => session.handle)).toEqual([handle]);
    expect(outcomes[0]).toMatchObject({ answer: { deletedCount: 2 } });
  });

  inEveryOrder("and that of all sessions leave none that was there", async (race) => {
    const ids = [await race.create({ subject: "user" }), await race.create({ subject: "user" })];
    const revoke = async (at: number): Promise<number> =>
      (await race.room(at).call("deleteAll", {})).deletedCount;
    const late = [update, touch, rotate].map((operation, at) =>
      race.room(at).perform(operation(ids[at % 2] ?? "")),
    );
    const [counts, outcomes] = await race.settled(
      Promise.all([Promise.all([revoke(0), revoke(1)]), Promise.all(late)]),
    );
    expect(counts[0] + counts[1]).toBe(2);
    const room = race.room(0);
    for (const id of [...ids, ...idsOf(outcomes)]) {
      expect(await race.settled(room.perform(get(id)))).toEqual({ failed: "session_not_found" });
    }
    expect(await race.settled(race.liveRecords())).toEqual({ sessions: 0, ids: 0 });
  });
});

const gone = (model: SessionModel): void => {
  model.isGone = true;
};

/** What is behind a deleted tenant goes away by itself, and would not if anything was written there late. */
async function purged(race: SessionRace): Promise<void> {
  for (let looks = 0; looks < looksMax; looks++) {
    const { sessions, ids } = await race.liveRecords();
    if (sessions + ids === 0) return;
    await setImmediate(); // a purge waits for the turn after
  }
  expect(await race.liveRecords()).toEqual({ sessions: 0, ids: 0 });
}

const looksMax = 100;

describe("a tenant's deletion", () => {
  inEveryOrder("lets nothing be written behind it, and nothing return", async (race) => {
    const id = await race.create({ subject: "user" });
    const nobodys = await race.create();
    await race.settled(race.room(1).call("list", {})); // remembers where the tenant is
    const outcomes = await race.race(
      [create, update(id), rotate(id), login(nobodys), touch(nobodys), remove(id)],
      [{ run: ({ store }) => deleteTenant(store), change: gone }],
    );
    await race.settled(purged(race));
    await race.settled(createTenant(race.store));
    for (const one of [id, nobodys, ...idsOf(outcomes)]) {
      for (const at of [0, 1]) {
        const outcome = await race.settled(race.room(at).perform(get(one)));
        expect(outcome).toEqual({ failed: "session_not_found" });
      }
    }
    const { sessions } = await race.settled(race.room(1).call("list", {}));
    expect(sessions).toEqual([]);
  });
});
