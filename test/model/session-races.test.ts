import { describe, expect } from "vitest";
import { durationOf, msOf } from "../contracts/rpc-messages.ts";
import type { Outcome, SessionCalls } from "./session-calls.ts";
import {
  failuresOf,
  get,
  idsOf,
  inEveryOrder,
  login,
  noGrace,
  remove,
  rotate,
  touch,
  update,
} from "./session-contest.ts";
import { lateSweep, timePasses } from "./session-race.ts";

/** Uses are written down each time. */
const everyTouch = { touchInterval: durationOf(0), idleTimeout: durationOf(1000) };

describe("a deletion", () => {
  const late = { update, touch, get, rotate };
  for (const [name, operation] of Object.entries(late)) {
    inEveryOrder(`leaves nothing, whenever a late ${name} comes`, async (race) => {
      const id = await race.create({ subject: "user", policy: everyTouch });
      race.pass(1);
      const outcomes = await race.race([remove(id), operation(id), operation(id)]);
      expect(race.model.records()).toEqual({ sessions: 0, ids: 0 });
      for (const one of [id, ...idsOf(outcomes)]) {
        expect(await race.peek(one)).toEqual({ failed: "session_not_found" });
      }
    });
  }

  inEveryOrder("by an id in its grace leaves nothing, whatever comes late", async (race) => {
    const former = await race.create({ policy: everyTouch });
    const [id = ""] = idsOf([await race.perform(rotate(former))]);
    race.pass(1);
    const outcomes = await race.race([remove(former), update(id), touch(former), rotate(id)]);
    expect(race.model.records()).toEqual({ sessions: 0, ids: 0 });
    for (const one of [id, former, ...idsOf(outcomes)]) {
      expect(await race.peek(one)).toEqual({ failed: "session_not_found" });
    }
  });
});

describe("a touch", () => {
  inEveryOrder("and an update of the version there is both succeed", async (race) => {
    const id = await race.create({ policy: everyTouch });
    const { version } = race.model.open(id)?.session ?? { version: 0n };
    race.pass(1);
    const change = { case: "replace" as const, value: { n: 1 } };
    const versioned = {
      method: "update" as const,
      request: { sessionId: id, change, expectedVersion: version },
    };
    expect(failuresOf(await race.race([touch(id), versioned, touch(id), get(id)]))).toEqual([]);
    expect(race.model.open(id)?.session.data).toEqual({ n: 1 });
  });

  inEveryOrder("that was answered is not undone by a sweeper that comes late", async (race) => {
    const id = await race.create({ policy: everyTouch });
    race.pass(999);
    const sweep = await race.settled(lateSweep(race));
    const [touched] = await race.race([touch(id)], [timePasses(1), sweep, sweep]);
    race.pass(998);
    expect("answer" in (await race.peek(id))).toBe("answer" in (touched as Outcome));
  });

  inEveryOrder(
    "that was answered is not undone by a change that was worked out before it",
    async (race) => {
      const id = await race.create({ policy: everyTouch });
      race.pass(500);
      const outcomes = await race.race([touch(id), update(id), rotate(id)], [timePasses(1)]);
      const [touched] = outcomes as [Extract<Outcome<"touch">, { answer: object }>];
      const promised = msOf(touched.answer.idleExpireTime) ?? 0;
      race.pass(promised - 1 - race.clock.now());
      expect(await race.peek(id)).toHaveProperty("answer");
    },
  );
});

describe("concurrent changes of the version there is", () => {
  inEveryOrder("lose none", async (race) => {
    const id = await race.create();
    const counting = [0, 1, 2, 3].map((at) => increment(race.room(at), id));
    await race.settled(Promise.all(counting));
    const answer = await race.settled(race.room(0).call("get", { sessionId: id, peek: true }));
    expect(answer.session?.data).toEqual({ n: 4 });
  });
});

/** As applications do: reads, adds, and writes if nobody was faster. */
async function increment(room: SessionCalls, sessionId: string): Promise<void> {
  for (;;) {
    const { session } = await room.call("get", { sessionId, peek: true });
    const value = { n: Number(session?.data?.["n"] ?? 0) + 1 };
    const outcome = await room.perform({
      method: "update",
      request: {
        ...{ sessionId, change: { case: "replace", value } },
        expectedVersion: session?.version ?? 0n,
      },
    });
    if ("answer" in outcome) return;
    expect(outcome.failed).toBe("precondition_failed");
  }
}

describe("concurrent rotations", () => {
  inEveryOrder("end with one winner, and after the grace one usable id", async (race) => {
    const id = await race.create({ data: { kept: 1 } });
    const outcomes = await race.race([rotate(id), rotate(id), rotate(id)]);
    const won = idsOf(outcomes);
    expect(won).toHaveLength(1);
    expect(failuresOf(outcomes)).toEqual(["session_already_rotated", "session_already_rotated"]);
    expect(await race.peek(id)).toHaveProperty("answer");
    race.pass(10_000);
    expect(await race.peek(id)).toEqual({ failed: "session_not_found" });
    expect(await race.peek(won[0] ?? "")).toHaveProperty("answer");
    expect(race.model.records()).toEqual({ sessions: 1, ids: 1 });
  });

  inEveryOrder("without grace end with one winner, and one usable id at once", async (race) => {
    const id = await race.create();
    const outcomes = await race.race(
      Array.from({ length: 3 }, () => rotate(id, { grace: noGrace })),
    );
    expect(idsOf(outcomes)).toHaveLength(1);
    expect(failuresOf(outcomes)).toEqual(["session_not_found", "session_not_found"]);
    expect(race.model.records()).toEqual({ sessions: 1, ids: 1 });
  });
});

describe("a login", () => {
  inEveryOrder("leaves no id from before, whatever comes through one", async (race) => {
    const planted = await race.create({ policy: everyTouch });
    const [id = ""] = idsOf([await race.perform(rotate(planted))]);
    race.pass(1);
    const late = [update(planted), touch(id), get(planted)];
    const [loggedIn, ...others] = await race.race([login(id), ...late]);
    expect(loggedIn).toHaveProperty("answer");
    for (const failed of failuresOf(others)) expect(failed).toBe("session_not_found");
    for (const former of [planted, id]) {
      expect(await race.peek(former)).toEqual({ failed: "session_not_found" });
    }
    expect(race.model.records()).toEqual({ sessions: 1, ids: 1 });
  });

  inEveryOrder("and a rotation of the same id have one winner", async (race) => {
    const id = await race.create();
    const outcomes = await race.race([login(id), rotate(id), login(id)]);
    expect(idsOf(outcomes)).toHaveLength(1);
    expect(await race.peek(id)).toEqual(
      "answer" in (outcomes[1] as Outcome)
        ? expect.objectContaining({ answer: expect.anything() })
        : { failed: "session_not_found" },
    );
  });
});
