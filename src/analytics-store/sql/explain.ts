import { type RawBuilder, sql } from "kysely";
import type { Statements } from "./statements.ts";

/** The statement, and how the database would go about it. */
export async function explain(
  statements: Statements,
  statement: RawBuilder<unknown>,
): Promise<string> {
  const rows = await statements.rows(sql<Record<string, string>>`explain ${statement}`);
  const plan = rows.flatMap((row) => Object.values(row)).map(shortened);
  const text = statements.compiled(statement).sql.replaceAll(/\s+/g, " ");
  return [text, "", ...plan].join("\n");
}

/** An array of all cells' groups says nothing to who reads the plan. */
const shortened = (line: string): string => line.replaceAll(/\{[^}]{80,}\}/g, "{...}");
