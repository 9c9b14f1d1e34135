import { isInstalled } from "../process/run-to-end.ts";
import type { SuiteOptions, SuiteResult } from "../report/suite.ts";
import { benchInProcess } from "./in-process.ts";
import { benchServed } from "./served.ts";

/** Sessions beside keys and values, a million of them, and very many that expire together. */
export async function benchSessions({ rounds }: SuiteOptions): Promise<SuiteResult> {
  const why = (await isInstalled("redis-server"))
    ? "there is no contender for it yet"
    : "redis-server is not installed (Debian: redis-server)";
  return {
    tables: [...(await benchServed(rounds)), ...(await benchInProcess(rounds))],
    skipped: [`sessions: a session store on Redis was not measured: ${why}`],
  };
}
