import type { Table } from "./table.ts";

export interface SuiteOptions {
  /** How often everything is measured; medians are over these. */
  readonly rounds: number;
  /** Less of everything, to see that it works: for suites that take long. */
  readonly quick: boolean;
  /** Also beside programs that are installed for it, and that take long. */
  readonly peers: boolean;
}

export interface SuiteResult {
  readonly tables: readonly Table[];
  /** What could not be measured here, by name, and why. */
  readonly skipped: readonly string[];
}

export type Suite = (options: SuiteOptions) => Promise<SuiteResult>;
