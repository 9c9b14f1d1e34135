import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyParameters } from "../support/property.ts";
import { checkResolved } from "./check-keys.ts";
import { runRound } from "./round.ts";
import { openServer, storeUrls } from "./servers.ts";
import { allKeys, endKey, planOf } from "./workload.ts";

/** A round is as random as its timing: the same plan is not the same history, and a smaller one proves nothing. */
const parameters = { ...propertyParameters(1), endOnFailure: true };
const roundMsMax = 60_000;
const timeout = (parameters.numRuns ?? 1) * roundMsMax;

for (const engine of Object.keys(storeUrls)) {
  const title = `what twelve clients are answered over ${engine} is linearizable, broken calls and all`;
  test(title, { timeout }, async () => {
    const endings = { answered: 0, refused: 0, unknown: 0, repeated: 0, dropped: 0 };
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const planned = planOf({ seed, clients: 12, steps: 60 });
        await using server = await openServer(engine, 64 * 1024 * 1024);
        const { recorder, reference } = await runRound({ server, planned });
        for (const ending of Object.keys(endings) as (keyof typeof endings)[]) {
          endings[ending] += recorder.endings[ending];
        }
        const commits = reference.changesOf(new Set([...allKeys, endKey]));
        const verdict = checkResolved(recorder.history, commits);
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
