import { sql } from "kysely";
import type { RetentionRule } from "../analytics-store.ts";
import type { Statements } from "./statements.ts";
import type { TenantWork } from "./tenant-database.ts";

export async function rulesOf({ statements, row }: TenantWork): Promise<RetentionRule[]> {
  const kept = await statements.first(
    sql<{ rules: string | null }>`select rules from tiffin_analytics.tenant where id = ${row.id}`,
  );
  return kept?.rules == null ? [] : JSON.parse(kept.rules);
}

export async function setRules(
  { statements, row }: TenantWork,
  rules: readonly RetentionRule[],
): Promise<void> {
  const kept = rules.length === 0 ? null : JSON.stringify(rules);
  await statements.rows(
    sql`update tiffin_analytics.tenant set rules = ${kept}::text where id = ${row.id}`,
  );
}

export async function tenantsWithRules(statements: Statements): Promise<string[]> {
  const rows = await statements.rows(
    sql<{
      name: string;
    }>`select name from tiffin_analytics.tenant where rules is not null order by name`,
  );
  return rows.map(({ name }) => name);
}
