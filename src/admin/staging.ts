import { setImmediate } from "node:timers/promises";
import type { ExportHeader, ExportRecord } from "#gen/tiffin/admin/v1/export_pb.ts";
import type { RpcCall } from "../call.ts";
import { TiffinError } from "../errors.ts";
import { child, type Key, key } from "../store/key.ts";
import type { Numbered } from "../store/layers/directory.ts";
import type { Space } from "../store/space.ts";
import { isConflict, type Mutation } from "../store/store.ts";
import type { AdminRoom } from "./admin-room.ts";
import { readChunkRecords } from "./chunk-records.ts";
import { exportInvalid } from "./export-invalid.ts";
import { type ReadRecord, readExportRecord } from "./export-records.ts";
import { type ImportJob, jobKey, type StagedTenant, stagedTenantKey } from "./import-job.ts";
import type { VerifiedChunk } from "./import-parts.ts";
import type { OpenedImport } from "./open-import.ts";
import { portionsOf, type Sized } from "./portions.ts";
import { StagedNumbers } from "./staged-numbers.ts";

/**
 * Writes an export's records under numbers that nothing refers to yet, chunk by chunk. Every commit expects the job to
 * be as this left it, so of two that stage the same export at once one fails, and none writes what the other has.
 */
export class Staging {
  readonly #room: AdminRoom;
  readonly #header: ExportHeader;
  readonly #call: RpcCall;
  readonly #spaces: ReadonlyMap<string, Space<unknown>>;
  readonly #numbers: StagedNumbers;
  #opened: OpenedImport;
  #tenant: { readonly name: string; readonly number: number } | undefined;

  constructor(
    room: AdminRoom,
    opened: OpenedImport,
    { header, call }: { readonly header: ExportHeader; readonly call: RpcCall },
  ) {
    this.#room = room;
    this.#header = header;
    this.#call = call;
    this.#spaces = new Map(room.spaces.map((space) => [space.name, space]));
    this.#numbers = new StagedNumbers(room.store, header.exportId);
    this.#opened = opened;
  }

  get job(): ImportJob {
    return this.#opened.job;
  }

  /** Takes the chunk in, unless it is here already: then it is only made sure that it is the same. */
  async add({ chunk, digest }: VerifiedChunk): Promise<void> {
    const { job } = this.#opened;
    const index = Number(chunk.index);
    if (index === job.nextChunk - 1 && digest.toString("hex") !== job.digest) {
      throw exportInvalid("is another than the one of the same id that was begun before");
    }
    if (index < job.nextChunk) return;
    const content = readChunkRecords(chunk.records);
    const tenant = await this.#tenantOf(chunk.tenant, content.tenant);
    const records = content.records.map((record) => this.#read(record));
    assertOrdered(records);
    await this.#write(records, tenant.number);
    const added = records.length + (content.tenant === undefined ? 0 : 1);
    await this.#commit([], {
      nextChunk: job.nextChunk + 1,
      digest: digest.toString("hex"),
      records: job.records + added,
    });
  }

  #read(record: ExportRecord): ReadRecord {
    return readExportRecord(record, { spaces: this.#spaces, revision: this.#header.revision });
  }

  /** Where the tenant's records go. Its own record comes with its first chunk. */
  async #tenantOf(
    name: string,
    record: ExportRecord | undefined,
  ): Promise<{ readonly name: string; readonly number: number }> {
    if (this.#tenant?.name === name && record === undefined) return this.#tenant;
    const where = stagedTenantKey(this.#header.exportId, name);
    const { entries } = await this.#room.store.get([where], this.#call);
    const staged = entries[0]?.value as StagedTenant | undefined;
    // After a cut the first chunk may come again: its tenant is then there, with the number it has.
    const { number } = staged ?? (await this.#stage(name, record));
    this.#tenant = { name, number };
    return this.#tenant;
  }

  async #stage(name: string, record: ExportRecord | undefined): Promise<StagedTenant> {
    if (record === undefined) throw exportInvalid("has records of a tenant before the tenant");
    const [number = 0] = await this.#numbers.fresh(1);
    const value: StagedTenant = { number, record: this.#tenantRecord(name, record, number) };
    const where = stagedTenantKey(this.#header.exportId, name);
    await this.#commit([{ op: "put", key: where, value, expireAt: "none" }]);
    return value;
  }

  #tenantRecord(name: string, record: ExportRecord, number: number): Numbered {
    const { tenantSpace } = this.#room;
    const spaces = new Map([[tenantSpace.name, tenantSpace]]);
    const { key: where, value } = readExportRecord(record, {
      spaces,
      revision: this.#header.revision,
    });
    const isItsOwn = where === key(tenantSpace.name, name);
    if (!isItsOwn || typeof value !== "object" || value === null) {
      throw exportInvalid("holds a tenant that is none");
    }
    return { ...value, number };
  }

  /** Each record under the tenant's new number, and with this store's numbers in it. */
  async #write(records: readonly ReadRecord[], tenant: number): Promise<void> {
    const added = await this.#numbers.cover(records);
    for (const portion of portionsOf(added, this.#room.store.limits)) await this.#commit(portion);
    const root = key(tenant);
    const puts = records.map((record) => this.#toPut(root, record));
    for (const portion of portionsOf(puts, this.#room.store.limits)) {
      await this.#commit(portion);
      await setImmediate();
    }
  }

  #toPut(root: Key, record: ReadRecord): Sized {
    const { parts, value } = this.#numbers.replaceIn(record);
    const target = parts.reduce<Key>(child, child(root, record.space.name));
    const { expireAt, origin } = record;
    return {
      mutation: { op: "put", key: target, value, expireAt, origin },
      bytes: record.bytes + root.length,
    };
  }

  async #commit(mutations: readonly Mutation[], progress: Partial<ImportJob> = {}): Promise<void> {
    const { store } = this.#room;
    const { job, version } = this.#opened;
    const where = jobKey(this.#header.exportId);
    const next: ImportJob = { ...job, ...progress, updatedMs: Math.floor(store.now()) };
    const outcome = await store.commit(
      {
        expect: [{ key: where, is: version === undefined ? "absent" : { version } }],
        mutations: [...mutations, { op: "put", key: where, value: next, expireAt: "none" }],
      },
      this.#call,
    );
    if (isConflict(outcome)) throw importedTwice(this.#header.exportId);
    this.#opened = { job: next, version: outcome.revision };
  }
}

function assertOrdered(records: readonly ReadRecord[]): void {
  for (const [index, record] of records.entries()) {
    const before = records[index - 1];
    if (before !== undefined && before.key >= record.key) {
      throw exportInvalid("holds records out of order");
    }
  }
}

export const importedTwice = (exportId: string): TiffinError =>
  new TiffinError("contention", `the export ${exportId} is imported by another call just now`, {
    metadata: { export_id: exportId },
  });
