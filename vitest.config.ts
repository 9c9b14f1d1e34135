import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { createReporter } from "./test/support/reporter.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "src/**/*.test.ts"],
    // Servers and load share two cores in CI: more workers only make each slower.
    maxWorkers: 2,
    // Threads and processes that tests start keep what Node makes of the sources: a store of SQLite opens twice as fast.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") },
    testTimeout: 20_000,
    expect: { poll: { timeout: 15_000 } },
    reporters: ["default", createReporter((line) => process.stdout.write(`${line}\n`))],
  },
});
