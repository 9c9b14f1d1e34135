import type { StatementLoggers } from "./statements.ts";

/** Tells of each statement once, when it is answered: with how many rows. */
export function statementLoggers(
  onStatement: ((sql: string, rows: number) => void) | undefined,
): StatementLoggers {
  if (onStatement === undefined) return {};
  const running = new Map<number, string>();
  return {
    queryLogger: (index, sql) => void running.set(index, sql),
    resultsLogger: (index, rows) => {
      const sql = running.get(index) ?? "";
      running.delete(index);
      onStatement(sql, rows.length);
    },
  };
}
