import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyParameters } from "../support/property.ts";
import { sessionCommands, sweepAll } from "./session-commands.ts";
import { SessionModel } from "./session-model.ts";
import { openSessionSubject } from "./session-subject.ts";

for (const [engine, runs] of [
  ["memory", 100],
  ["sqlite", 15],
] as const) {
  test(`sessions on ${engine} do what the model does, whatever is done in whatever order`, async () => {
    await fc.assert(
      fc.asyncProperty(sessionCommands, async (commands) => {
        const real = await openSessionSubject(engine);
        const model = new SessionModel(real.now());
        try {
          await fc.asyncModelRun(() => ({ model, real }), commands);
          await sweepAll(model, real);
          expect(await real.check()).toEqual([]);
        } finally {
          await real.close();
        }
      }),
      propertyParameters(runs),
    );
  }, 120_000);
}
