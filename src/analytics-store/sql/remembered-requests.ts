import { type RawBuilder, sql } from "kysely";
import type { IdentifiedRequest } from "../analytics-store.ts";
import { requestMs } from "../remembered-for.ts";
import { requestIdReused } from "../request-id-reused.ts";
import type { TenantWork } from "./tenant-database.ts";

/** What the request was answered before, if it was; `request_id_reused` when it was another. */
export async function findRequest<Answer extends object>(
  { statements, row, now }: TenantWork,
  request: IdentifiedRequest | undefined,
): Promise<(Answer & { readonly replayed: true }) | undefined> {
  if (request === undefined) return undefined;
  const known = await statements.first(
    sql<{ digest: string; answer: string }>`select digest, answer from tiffin_analytics.request
      where tenant = ${row.id} and id = ${request.id}
        and at > ${Math.floor(now - requestMs)}::bigint`,
  );
  if (known === undefined) return undefined;
  if (known.digest !== request.digest) throw requestIdReused(request.id);
  return { ...(JSON.parse(known.answer) as Answer), replayed: true };
}

/** Remembers what the request is answered, in the same commit. */
export const rememberedRequest = (
  { row, now }: TenantWork,
  { id, digest }: IdentifiedRequest,
  answer: object,
): RawBuilder<unknown> => sql`insert into tiffin_analytics.request (tenant, id, digest, at, answer)
  values (${row.id}, ${id}, ${digest}, ${Math.floor(now)}::bigint, ${JSON.stringify(answer)})
  on conflict (tenant, id) do update
    set digest = excluded.digest, at = excluded.at, answer = excluded.answer`;
