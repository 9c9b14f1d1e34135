import type { SuiteOptions, SuiteResult } from "../report/suite.ts";
import { benchInProcess } from "./in-process.ts";
import { benchServed } from "./served.ts";

/** Sessions beside keys and values, a million of them, and very many that expire together. */
export async function benchSessions({ rounds }: SuiteOptions): Promise<SuiteResult> {
  return {
    tables: [...(await benchServed(rounds)), ...(await benchInProcess(rounds))],
    skipped: [],
  };
}
