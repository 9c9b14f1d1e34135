import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyParameters } from "../support/property.ts";
import { checkKeys } from "./check-keys.ts";
import { runRound } from "./round.ts";
import { openServer, storeUrls } from "./servers.ts";
import { planOf } from "./workload.ts";

/** A round is as random as its timing: the same plan is not the same history, and a smaller one proves nothing. */
const parameters = { ...propertyParameters(1), endOnFailure: true };

for (const engine of Object.keys(storeUrls)) {
  test(`what eight clients are answered over ${engine} is linearizable, broken calls and all`, async () => {
    const endings = { answered: 0, refused: 0, unknown: 0, repeated: 0, dropped: 0 };
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const planned = planOf({ seed, clients: 8, steps: 40 });
        await using server = await openServer(engine, 64 * 1024 * 1024);
        const recorder = await runRound(server.address, planned);
        for (const ending of Object.keys(endings) as (keyof typeof endings)[]) {
          endings[ending] += recorder.endings[ending];
        }
        const verdict = checkKeys(recorder.history);
        expect(verdict.is, "explanation" in verdict ? verdict.explanation : "").toBe("ok");
      }),
      parameters,
    );
    // A history in which nothing went wrong shows little.
    for (const [ending, times] of Object.entries(endings)) {
      expect(times, ending).toBeGreaterThan(0);
    }
  });
}
