import { type Report, tellSafely } from "../tell-safely.ts";
import type { StatementLoggers } from "./statements.ts";

/** Tells of each statement once, when it is answered: with how many rows. */
export function statementLoggers(
  onStatement: ((sql: string, rows: number) => void) | undefined,
): StatementLoggers {
  if (onStatement === undefined) return {};
  const running = new Map<number, string>();
  return {
    queryLogger: (index, sql) => {
      running.set(index, sql);
      // What failed is never answered.
      const [oldest] = running.keys();
      if (running.size > runningMax && oldest !== undefined) running.delete(oldest);
    },
    resultsLogger: (index, rows) => {
      const sql = running.get(index) ?? "";
      running.delete(index);
      onStatement(sql, rows.length);
    },
  };
}

/** What the loggers throw fails no statement. */
export function safeLoggers(
  { queryLogger, resultsLogger }: StatementLoggers,
  report: Report,
): StatementLoggers {
  return {
    queryLogger:
      queryLogger &&
      ((index, sql) => tellSafely(() => queryLogger(index, sql), "a query logger", report)),
    resultsLogger:
      resultsLogger &&
      ((index, rows) => tellSafely(() => resultsLogger(index, rows), "a results logger", report)),
  };
}

/** Far more than run at once. */
const runningMax = 1000;
