import { join } from "node:path";
import { runChild } from "../process/run-child.ts";
import { ratioOf, sample } from "../report/sample.ts";
import type { Table } from "../report/table.ts";

/** An answer in columns beside the same in rows, as the client has it. */
export async function decoding(rounds: number): Promise<Table> {
  const result = await runChild<Decoded>(join(import.meta.dirname, "decoding-child.ts"), [rounds]);
  const columns = sample(result.columnsMs);
  const row = (answer: string, bytes: number, ms: readonly number[]) => ({
    answer,
    KiB: bytes / 1024,
    "ms to decode": sample(ms),
    "times the first": ratioOf(sample(ms), columns),
  });
  return {
    title: "Decoding an answer: 50 groups, 366 periods",
    note: "Value and sum; 18,300 rows. Columns by the generated TypeScript client; rows as a GraphQL server would send them.",
    rows: [
      row("columns (Query)", result.columnsBytes, result.columnsMs),
      row(
        "columns, and rows made of them (groupedPeriods)",
        result.columnsBytes,
        result.columnsAsRowsMs,
      ),
      row("rows, JSON.parse", result.rowsBytes, result.rowsMs),
    ],
  };
}

interface Decoded {
  readonly columnsBytes: number;
  readonly rowsBytes: number;
  readonly columnsMs: readonly number[];
  readonly columnsAsRowsMs: readonly number[];
  readonly rowsMs: readonly number[];
}
