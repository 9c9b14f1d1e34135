import fc from "fast-check";
import { describe, test } from "vitest";
import { AtLimit } from "#gen/tiffin/session/v1/session_pb.ts";
import { anyTimedRace } from "./session-any-race.ts";
import { crowding } from "./session-crowding.ts";
import { lifeOfSessions } from "./session-life.ts";
import { expectNoticed } from "./session-noticing.ts";
import { settings } from "./session-race.ts";
import { countsTooSoon, raceMistakes } from "./session-race-mistakes.ts";

describe("the search for an order notices when", () => {
  for (const [mistake, alter] of Object.entries(raceMistakes)) {
    test(`${mistake}, which does no harm to one call after another`, async () => {
      await expectNoticed(anyTimedRace("two processes", { alter }));
      await fc.assert(lifeOfSessions("memory", alter), { numRuns: 3 });
    }, 60_000);
  }
});

describe("the count of a subject's sessions notices when a creation counts before it commits", () => {
  for (const setting of settings) {
    test(`in ${setting}`, async () => {
      await expectNoticed(crowding({ setting, atLimit: AtLimit.REFUSE, alter: countsTooSoon }));
    });
  }
});
