import type { Table } from "./table.ts";

export interface SuiteOptions {
  /** How often everything is measured; medians are over these. */
  readonly rounds: number;
}

export interface SuiteResult {
  readonly tables: readonly Table[];
  /** What could not be measured here, by name, and why. */
  readonly skipped: readonly string[];
}

export type Suite = (options: SuiteOptions) => Promise<SuiteResult>;
