import { openMemoryEngine } from "../../src/store/memory/memory-engine.ts";
import { describeEngineContract } from "../contracts/engine-contract.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { testSpaces } from "../support/test-spaces.ts";

for (const whenFull of ["refuse", "evict"] as const) {
  describeEngineContract({
    name: `memory, ${whenFull}`,
    async open(limits = {}) {
      const clock = new ManualClock();
      const engine = openMemoryEngine({
        spaces: testSpaces,
        clock,
        limits,
        historyBytes: 16 * 1024 * 1024,
        bytesMax: 256 * 1024 * 1024,
        whenFull,
      });
      return { engine, clock };
    },
  });
}
