import { setImmediate } from "node:timers/promises";
import { WhenExists } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import { TiffinError } from "../errors.ts";
import { child, type Key, key, lengthOfParts, within } from "../store/key.ts";
import { type Numbered, tenantsRoot } from "../store/layers/directory.ts";
import { Spaces } from "../store/spaces.ts";
import type { Entry, Page, Tx } from "../store/store.ts";
import type { AdminRoom } from "./admin-room.ts";
import { movableOf } from "./export-records.ts";
import { type StagedResult, type StagedTenant, stagedTenantKey } from "./import-job.ts";
import { MergedNumbers, type StagedName, stagedNames } from "./merged-numbers.ts";
import { type Placing, touchJob } from "./placing.ts";
import { importedTwice } from "./staging.ts";

/**
 * Writes the staged tenant's records into the one of its name, in bounded commits that each say how far they came: one
 * that is cut goes on there. These are writes as any other, with new versions and events.
 */
export async function mergeTenant(
  room: AdminRoom,
  placing: Placing,
  name: string,
): Promise<StagedResult> {
  const where = stagedTenantKey(placing.header.exportId, name);
  const { entries } = await room.store.get([where], placing.call);
  const staged = entries[0]?.value as StagedTenant | undefined;
  if (staged === undefined) throw importedTwice(placing.header.exportId);
  const names = await stagedNames(room, staged.number);
  const merge: Merge = { room, placing, name, where, names };
  for (;;) {
    const { result } = await room.store.update(
      { exclusive: [where] },
      (tx) => mergeSome(tx, merge),
      placing.call,
    );
    if (result !== undefined) return result;
    await setImmediate();
  }
}

interface Merge {
  readonly room: AdminRoom;
  readonly placing: Placing;
  readonly name: string;
  /** Where the staged tenant is written down. */
  readonly where: Key;
  readonly names: ReadonlyMap<number, StagedName>;
}

/** One commit's worth; what came of all when it was the last. */
async function mergeSome(tx: Tx, merge: Merge): Promise<StagedResult | undefined> {
  const { room, placing, where } = merge;
  await touchJob(tx, placing.header.exportId);
  const staged = (await tx.get<StagedTenant>(where))?.value;
  if (staged === undefined) throw importedTwice(placing.header.exportId);
  if (staged.result !== undefined) return staged.result;
  const keep = placing.whenExists === WhenExists.KEEP;
  const before = staged.merged?.keep === keep ? staged.merged : undefined;
  const page = await pageAfter(room, staged.number, before?.after);
  const live = await liveNumber(tx, merge);
  let written = before?.written ?? 0;
  let kept = before?.kept ?? 0;
  const writing = { tx, live, keep, spaces: new Spaces(room.spaces) };
  const numbers = new MergedNumbers(tx, live, merge.names);
  for (const entry of page.entries) {
    const did = await mergeOne(entry, writing, numbers);
    if (did === "written") written++;
    if (did === "kept") kept++;
  }
  const result = { outcome: "merged", written, kept } as const;
  const isLast = page.next === undefined;
  const progress = isLast
    ? { result }
    : { merged: { keep, after: page.next as Key, written, kept } };
  tx.put(where, { ...staged, ...progress } satisfies StagedTenant, "none");
  return isLast ? result : undefined;
}

interface Writing {
  readonly tx: Tx;
  readonly live: number;
  readonly keep: boolean;
  readonly spaces: Spaces;
}

async function mergeOne(
  entry: Entry,
  { tx, live, keep, spaces }: Writing,
  numbers: MergedNumbers,
): Promise<"written" | "kept" | "left"> {
  const space = spaces.of(entry.key);
  if (space.merging !== "records") return "left";
  const inTenant = entry.key.slice(lengthOfParts(entry.key, 1)) as Key;
  const moved = await numbers.replaceIn(space, movableOf({ key: inTenant, value: entry.value }));
  if (moved === undefined) return "left";
  const target = moved.parts.reduce<Key>(child, key(live, space.name));
  if (keep && (await tx.get(target)) !== undefined) return "kept";
  tx.put(target, moved.value, entry.expireAt ?? "none");
  return "written";
}

/** Beside the transaction: nobody writes there any more. */
function pageAfter({ store }: AdminRoom, number: number, after: Key | undefined): Promise<Page> {
  return store.page(within(key(number)), { limit: recordsPerCommit, ...(after && { after }) });
}

async function liveNumber(tx: Tx, { name }: Merge): Promise<number> {
  const live = await tx.get<Numbered>(child(tenantsRoot, name));
  if (live !== undefined) return live.value.number;
  throw new TiffinError(
    "contention",
    `the tenant ${name} was deleted while it was merged into: import again`,
    { metadata: { tenant: name } },
  );
}

/** Each may need a name's record beside it. */
const recordsPerCommit = 400;
