import type { SeriesRevision } from "../analytics-store.ts";
import { bytesPerTenant, TenantSeries } from "./tenant-series.ts";

interface Kept {
  readonly tenant: TenantSeries;
  /** As it was counted last. */
  bytes: number;
}

/** The tenants that have anything, by name, and what they take together. */
export class TenantTable {
  readonly #tenants = new Map<string, Kept>();
  /** What the next revisions of deleted tenants are above: none is used twice, even if the clock steps back. */
  readonly #deleted = new Map<string, SeriesRevision>();
  readonly #chunkRowsMax: number | undefined;
  /** The revision of tenants that have nothing. */
  #start: SeriesRevision;
  #bytes = 0;

  constructor(options: {
    readonly start: SeriesRevision;
    readonly chunkRowsMax: number | undefined;
  }) {
    this.#start = options.start;
    this.#chunkRowsMax = options.chunkRowsMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What they would take if that one was kept. */
  bytesWith(name: string): number {
    return this.#bytes + (this.#tenants.has(name) ? 0 : bytesPerTenant);
  }

  get series(): number {
    return this.#tenants.values().reduce((sum, { tenant }) => sum + tenant.size, 0);
  }

  get withRules(): string[] {
    return [...this.#tenants]
      .filter(([, { tenant }]) => tenant.rules.length > 0)
      .map(([name]) => name);
  }

  /** The tenant; one that is not kept, if there is none. */
  find(name: string): TenantSeries {
    const kept = this.#tenants.get(name);
    if (kept !== undefined) return kept.tenant;
    return new TenantSeries(this.#deleted.get(name) ?? this.#start, this.#chunkRowsMax);
  }

  /** Keeps the tenant from now on, and counts what it takes. */
  keep(name: string, tenant: TenantSeries): void {
    if (!this.#tenants.has(name)) this.#tenants.set(name, { tenant, bytes: 0 });
    this.recount(name);
  }

  recount(name: string): void {
    const kept = this.#tenants.get(name);
    if (kept === undefined) return;
    const { bytes } = kept.tenant;
    this.#bytes += bytes - kept.bytes;
    kept.bytes = bytes;
  }

  /** Whether there was one. */
  delete(name: string): boolean {
    const kept = this.#tenants.get(name);
    if (kept === undefined) return false;
    this.#tenants.delete(name);
    this.#bytes -= kept.bytes;
    this.#deleted.set(name, kept.tenant.revision + 1);
    if (this.#deleted.size > deletedMax) this.#forgetDeleted();
    return true;
  }

  /** All that have nothing go on above the greatest. */
  #forgetDeleted(): void {
    for (const revision of this.#deleted.values()) this.#start = Math.max(this.#start, revision);
    this.#deleted.clear();
  }
}

/** Names that are remembered apart. */
const deletedMax = 10_000;
