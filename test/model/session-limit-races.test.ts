import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AtLimit } from "#gen/tiffin/session/v1/session_pb.ts";
import { propertyParameters } from "../support/property.ts";
import { idsOf, inEveryOrder, login, update } from "./session-contest.ts";
import { creation, crowding } from "./session-crowding.ts";
import { settings, timePasses } from "./session-race.ts";

describe("a subject has at no instant more sessions than its policies allow", () => {
  for (const setting of settings) {
    for (const atLimit of [AtLimit.REFUSE, AtLimit.END_OLDEST]) {
      const which = atLimit === AtLimit.REFUSE ? "one too many is refused" : "the oldest end";
      test(`${which}, whoever creates and logs in (${setting})`, async () => {
        await fc.assert(crowding({ setting, atLimit }), propertyParameters(40));
      });
    }
  }
});

describe("a subject whose sessions have policies of their own", () => {
  inEveryOrder("has as many as that of the latest login allows", async (race) => {
    const strict = await race.create({ subject: "user", policy: { subjectSessionsMax: 1 } });
    const other = await race.create({ subject: "user" });
    expect(race.model.live("user")).toHaveLength(2);
    const outcomes = await race.race([login(strict), update(other)]);
    expect(idsOf(outcomes)).toHaveLength(1);
    expect(race.model.live("user")).toHaveLength(1);
    expect(await race.peek(other)).toEqual({ failed: "session_not_found" });
  });
});

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
