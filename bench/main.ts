/**
 * `npm run bench -- [SUITE...] [--rounds N] [--quick] [--peers] [--json FILE]`: a benchmark, beside peers in the same run. It fails
 * when something answers wrongly, never because something is slow. docs/performance.md says how to read it.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { benchAnalytics } from "./analytics/analytics-suite.ts";
import { benchHttp } from "./http/http-suite.ts";
import { benchMemory } from "./memory/memory-suite.ts";
import { benchPurge } from "./purge/purge-suite.ts";
import { describeMachine } from "./report/machine.ts";
import type { Suite, SuiteResult } from "./report/suite.ts";
import { formatTable } from "./report/table.ts";
import { benchRpc } from "./rpc/rpc-suite.ts";
import { benchSessions } from "./sessions/sessions-suite.ts";
import { benchStages } from "./stages/stages-suite.ts";
import { benchStart } from "./start/start-suite.ts";
import { benchStore } from "./store/store-suite.ts";

const suites = new Map<string, Suite>([
  ["rpc", benchRpc],
  ["stages", benchStages],
  ["http", benchHttp],
  ["store", benchStore],
  ["purge", benchPurge],
  ["memory", benchMemory],
  ["start", benchStart],
  ["sessions", benchSessions],
  ["analytics", benchAnalytics],
]);

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "7" },
    quick: { type: "boolean", default: false },
    peers: { type: "boolean", default: false },
    json: { type: "string", default: join(import.meta.dirname, "results/latest.json") },
  },
});
const rounds = Number(values.rounds);
const names = positionals.length > 0 ? positionals : [...suites.keys()];
const unknown = names.filter((name) => !suites.has(name));
if (unknown.length > 0 || !(Number.isInteger(rounds) && rounds > 0)) {
  console.error(
    `usage: npm run bench -- [${[...suites.keys()].join("|")}]... [--rounds N] [--quick] [--peers] [--json FILE]`,
  );
  process.exit(2);
}

const machine = describeMachine();
console.log(
  `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, load before ${machine.loadBefore.toFixed(1)}`,
);
console.log("medians over the rounds, with the range of all rounds in brackets\n");
const results: Record<string, SuiteResult> = {};
for (const name of names) {
  const result = await (suites.get(name) as Suite)({
    rounds,
    quick: values.quick,
    peers: values.peers,
  });
  for (const table of result.tables) console.log(formatTable(table));
  for (const reason of result.skipped) console.log(`skipped: ${reason}\n`);
  results[name] = result;
}
await mkdir(dirname(values.json), { recursive: true });
const at = new Date().toISOString();
await writeFile(values.json, `${JSON.stringify({ at, machine, rounds, results }, null, 2)}\n`);
console.log(`written to ${values.json}`);
