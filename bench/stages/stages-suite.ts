import { join } from "node:path";
import { runChild } from "../process/run-child.ts";
import { sample } from "../report/sample.ts";
import type { SuiteOptions, SuiteResult } from "../report/suite.ts";

/** What Tiffin itself adds to a gRPC call, stage by stage. */
export async function benchStages({ rounds }: SuiteOptions): Promise<SuiteResult> {
  const path = join(import.meta.dirname, "stages-child.ts");
  const results = await runChild<Record<string, number[]>>(path, [rounds]);
  const rows = Object.entries(results).map(([stage, times]) => ({
    stage,
    "CPU us": sample(times),
  }));
  const note =
    "In process, warm, the same call again and again: without the transport, the adapter, and most of what the collector costs a server.";
  return { tables: [{ title: "Stages of a call", note, rows }], skipped: [] };
}
