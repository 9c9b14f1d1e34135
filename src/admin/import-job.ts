import { jsonCodec } from "../store/json-codec.ts";
import { type Key, key, within } from "../store/key.ts";
import type { Numbered } from "../store/layers/directory.ts";
import type { Space } from "../store/space.ts";

/** How far an import has come that nobody can see yet: [0, "import", export id]. */
export interface ImportJob {
  /** Digest of the header, in hexadecimal: another export under the same id is not this one. */
  readonly header: string;
  /** The chunks before it are here to stay. */
  readonly nextChunk: number;
  /** Of those chunks, in hexadecimal. */
  readonly digest: string;
  readonly records: number;
  /** When a part last came. */
  readonly updatedMs: number;
  /** All is done but for removing what was written down about it. */
  readonly done?: true;
}

/** A tenant on its way in: [0, "import-tenant", export id, name]. Its number is what its records are under. */
export interface StagedTenant extends Numbered {
  /** What the export says of the tenant itself; its number is `number`. */
  readonly record: Numbered;
  readonly result?: StagedResult;
  /** How far the records have been merged into the tenant that there is. */
  readonly merged?: MergeProgress;
}

/** What became of a tenant. */
export interface StagedResult {
  readonly outcome: "created" | "replaced" | "merged";
  readonly written: number;
  readonly kept: number;
}

export interface MergeProgress {
  readonly keep: boolean;
  /** The last record that was looked at. */
  readonly after: Key;
  readonly written: number;
  readonly kept: number;
}

/** The numbers of the store that was exported, and what stands for them here: [0, "import-number", export id, number]. */
export type StagedNumber = Numbered;

const own = { rootParts: 2, history: false, evictable: false };
export const importSpace: Space<ImportJob> = { ...own, name: "import", codec: jsonCodec() };
export const importTenantSpace: Space<StagedTenant> = {
  ...own,
  name: "import-tenant",
  codec: jsonCodec(),
};
export const importNumberSpace: Space<StagedNumber> = {
  ...own,
  name: "import-number",
  codec: jsonCodec(),
};

/** What the room keeps of its own. */
export const adminSpaces: readonly Space<unknown>[] = [
  importSpace,
  importTenantSpace,
  importNumberSpace,
];

export const importJobs = within(key(0, importSpace.name));
export const jobKey = (exportId: string): Key => key(0, importSpace.name, exportId);
export const stagedTenantsRoot = (exportId: string): Key =>
  key(0, importTenantSpace.name, exportId);
export const stagedTenantKey = (exportId: string, tenant: string): Key =>
  key(0, importTenantSpace.name, exportId, tenant);
export const stagedNumbersRoot = (exportId: string): Key =>
  key(0, importNumberSpace.name, exportId);
export const stagedNumberKey = (exportId: string, number: number): Key =>
  key(0, importNumberSpace.name, exportId, number);
