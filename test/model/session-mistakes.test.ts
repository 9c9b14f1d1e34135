import { describe, test } from "vitest";
import { lifeOfSessions } from "./session-life.ts";
import { mistakes } from "./session-mistakes.ts";
import { expectNoticed } from "./session-noticing.ts";

describe("the model notices when", () => {
  for (const [mistake, alter] of Object.entries(mistakes)) {
    test(mistake, async () => expectNoticed(lifeOfSessions("memory", alter)), 60_000);
  }
});
