import { WhenExists } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import type { ExportHeader } from "#gen/tiffin/admin/v1/export_pb.ts";
import type { RpcCall } from "../call.ts";
import { limitExceeded, TiffinError } from "../errors.ts";
import { child, key, partsOf, within } from "../store/key.ts";
import { type Numbered, tenantsRoot } from "../store/layers/directory.ts";
import type { Tx } from "../store/store.ts";
import type { AdminRoom } from "./admin-room.ts";
import { type ImportJob, jobKey, type StagedTenant, stagedTenantKey } from "./import-job.ts";
import { type Readable, unreachableRanges, without } from "./reachable.ts";
import { rootsUnder } from "./roots-under.ts";
import { importedTwice } from "./staging.ts";

/** An import whose records are all here, on their way to where they are seen. */
export interface Placing {
  readonly header: ExportHeader;
  readonly whenExists: WhenExists;
  readonly call: RpcCall;
}

/** Refuses what `placeTenants` would refuse in the end, before anything was sent for nothing. */
export async function assertPlaceable(
  room: AdminRoom,
  { header, whenExists, call }: Placing,
): Promise<void> {
  if (whenExists !== WhenExists.REFUSE) return;
  for (const name of header.tenants) {
    const { entries } = await room.store.get([child(tenantsRoot, name)], call);
    const live = entries[0]?.value as Numbered | undefined;
    if (live !== undefined && (await holdsRecords(room, room.store, live.number))) {
      throw notEmpty(name);
    }
  }
}

/**
 * Refuses a merge of what cannot be merged, before any tenant is placed. Kinds are declared by their rooms: those that
 * are not made for it would be left with records that contradict each other.
 */
export async function assertMergeable(
  room: AdminRoom,
  { header, whenExists, call }: Placing,
): Promise<void> {
  if (!isMerge(whenExists)) return;
  for (const name of header.tenants) {
    const asked = [child(tenantsRoot, name), stagedTenantKey(header.exportId, name)];
    const { entries } = await room.store.get(asked, call);
    const [live, staged] = entries.map((entry) => entry?.value as Numbered | undefined);
    if (live === undefined || staged === undefined) continue;
    if (!(await holdsRecords(room, room.store, live.number))) continue;
    await assertEveryKindMergeable(room, name, staged.number);
  }
}

async function assertEveryKindMergeable(
  { store, spaces }: AdminRoom,
  name: string,
  number: number,
): Promise<void> {
  for (const { root } of await rootsUnder(store, number)) {
    const space = spaces.find((each) => each.name === partsOf(root)[1]);
    if (space?.merging === undefined) throw notMergeable(name, space?.name ?? "");
  }
}

/**
 * Makes the staged tenants reachable: so many at a time, in one commit that expects each of them to be still as absent or
 * empty as it has to be. Those that are to be merged are left.
 */
export async function placeTenants(room: AdminRoom, placing: Placing): Promise<void> {
  const { tenants } = placing.header;
  for (let from = 0; from < tenants.length; from += tenantsPerCommit) {
    const names = tenants.slice(from, from + tenantsPerCommit);
    const make = (): Promise<unknown> => placeNamed(room, placing, names);
    await (room.leavings === undefined ? make() : room.leavings.afterLeft(make));
  }
}

async function placeNamed(
  room: AdminRoom,
  placing: Placing,
  names: readonly string[],
): Promise<void> {
  const records = names.map((name) => child(tenantsRoot, name));
  await room.store.update(
    { exclusive: [tenantsRoot, ...records] },
    async (tx) => {
      await touchJob(tx, placing.header.exportId);
      let created = 0;
      for (const name of names) {
        if ((await place(room, tx, { ...placing, name })) === "created") created++;
      }
      if (created > 0) await assertRoom(room, created);
    },
    placing.call,
  );
}

/** Expects the import not to have been given up, and says that it has not. */
export async function touchJob(tx: Tx, exportId: string): Promise<void> {
  const job = (await tx.get<ImportJob>(jobKey(exportId)))?.value;
  if (job === undefined || job.done) throw importedTwice(exportId);
  tx.put(jobKey(exportId), { ...job, updatedMs: Math.floor(tx.now()) }, "none");
}

async function place(
  room: AdminRoom,
  tx: Tx,
  placing: Placing & { readonly name: string },
): Promise<"created" | "replaced" | undefined> {
  const { exportId } = placing.header;
  const where = stagedTenantKey(exportId, placing.name);
  const staged = (await tx.get<StagedTenant>(where))?.value;
  if (staged === undefined) throw importedTwice(exportId);
  if (staged.result !== undefined) return undefined;
  const record = child(tenantsRoot, placing.name);
  const live = (await tx.get<Numbered>(record))?.value;
  if (live !== undefined && !(await givesWay(room, tx, { ...placing, live, staged }))) {
    return undefined;
  }
  // A tenant that is replaced keeps what it has outside of the store, which is in no export.
  if (live === undefined) await room.leavings?.expectNone(tx, placing.name);
  const outcome = live === undefined ? "created" : "replaced";
  tx.putAnew(record, Object.freeze(staged.record), "none");
  if (live !== undefined) tx.purgeLater(within(key(live.number)));
  const result = { outcome, written: 0, kept: 0 } as const;
  tx.put(where, { ...staged, result } satisfies StagedTenant, "none");
  return outcome;
}

interface Meeting extends Placing {
  readonly name: string;
  readonly live: Numbered;
  readonly staged: StagedTenant;
}

/** Whether the tenant that is there is to be replaced. One that holds records is so only when told; else it is merged into, or refuses. */
async function givesWay(
  room: AdminRoom,
  tx: Tx,
  { whenExists, name, live, staged }: Meeting,
): Promise<boolean> {
  if (whenExists === WhenExists.REPLACE) return true;
  const isMerged = staged.merged !== undefined;
  if (!isMerged && !(await holdsRecords(room, tx, live.number))) return true;
  if (isMerge(whenExists)) return false;
  throw notEmpty(name);
}

/** Whether the tenant holds what is more than a trace of calls and names. */
async function holdsRecords(room: AdminRoom, read: Readable, number: number): Promise<boolean> {
  const unreachable = await unreachableRanges(read, room.purgeJobs);
  for (const { name, merging } of room.spaces) {
    if (merging === "left" || merging === "directory") continue;
    for (const range of without(within(key(number, name)), unreachable)) {
      if (await isHeld(read, range)) return true;
    }
  }
  return false;
}

async function isHeld(read: Readable, range: Parameters<Readable["page"]>[0]): Promise<boolean> {
  let page = await read.page(range, { limit: 1 });
  while (page.entries.length === 0 && page.next !== undefined) {
    page = await read.page(range, { limit: 1, after: page.next });
  }
  return page.entries.length > 0;
}

/** Under the lock of all creations, as when a tenant is created. */
async function assertRoom({ store, limits }: AdminRoom, created: number): Promise<void> {
  const { records } = await store.stats(tenantsRoot);
  if (records + created > limits.tenantsMax) {
    throw limitExceeded("tenants", limits.tenantsMax, records + created);
  }
}

const isMerge = (mode: WhenExists): boolean =>
  mode === WhenExists.KEEP || mode === WhenExists.OVERWRITE;

const notEmpty = (name: string): TiffinError =>
  new TiffinError("tenant_not_empty", `there is a tenant ${name}, and it holds records`, {
    metadata: { tenant: name },
  });

const notMergeable = (name: string, space: string): TiffinError =>
  new TiffinError(
    "merge_unsupported",
    `the tenant ${name} exists, and records of the kind ${space} cannot be merged into it`,
    { metadata: { tenant: name, space } },
  );

const tenantsPerCommit = 100;
