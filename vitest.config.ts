import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "src/**/*.test.ts"],
    // Servers and load share two cores in CI: more workers only make each slower.
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
