import { sql } from "kysely";
import { LRUCache } from "lru-cache";
import { type Cell, Cells } from "../cells.ts";
import { Interned } from "../interned.ts";
import { RememberedPasts } from "./remembered-pasts.ts";
import type { Statements } from "./statements.ts";
import type { TenantRow } from "./tenant-row.ts";

/** What this process knows of a tenant's cells and sources: those that were committed up to some revision. */
export interface KnownTenant {
  readonly cells: Cells;
  readonly sources: Interned;
  readonly pasts: RememberedPasts;
  /** Cells whose paths are in the table of dimensions, as of the number of clearings. */
  readonly described: { clearings: number; readonly cells: Set<number> };
}

/** Cells and sources never change and are never deleted while their tenant is there, so that only new ones are read. */
export class KnownTenants {
  /** By the tenant's number, which another tenant of the same name has not. */
  readonly #known = new LRUCache<number, KnownTenant>({ max: tenantsMax });

  readonly #pastSeriesMin: number;

  /** `pastSeriesMin`: from how many series of a tenant on sums of its past are worth remembering. */
  constructor(pastSeriesMin: number) {
    this.#pastSeriesMin = pastSeriesMin;
  }

  /** With all cells and sources that the transaction sees. */
  async load(statements: Statements, row: TenantRow): Promise<KnownTenant> {
    let known = this.#known.get(row.id);
    if (known === undefined) {
      const described = { clearings: row.clearings, cells: new Set<number>() };
      known = {
        cells: new Cells(),
        sources: new Interned(),
        pasts: new RememberedPasts(this.#pastSeriesMin),
        described,
      };
      this.#known.set(row.id, known);
    }
    if (known.cells.size < row.nextCell) await loadCells(statements, row.id, known.cells);
    if (known.sources.size < row.nextSource) await loadSources(statements, row.id, known.sources);
    return known;
  }
}

async function loadCells(statements: Statements, tenant: number, cells: Cells): Promise<void> {
  const rows = await statements.rows(
    sql<CellRow>`select number, metric, unit, fn, dimensions from tiffin_analytics.cell
      where tenant = ${tenant} and number >= ${cells.size}::int order by number`,
  );
  for (const { number, metric, unit, fn, dimensions } of rows) {
    // Others may have been loading the same ones.
    if (number === cells.size) {
      cells.numberOf({ metric, unit, fn, dimensions: JSON.parse(dimensions) });
    }
  }
}

async function loadSources(
  statements: Statements,
  tenant: number,
  sources: Interned,
): Promise<void> {
  const rows = await statements.rows(
    sql<{ number: number; path: string }>`select number, path from tiffin_analytics.source
      where tenant = ${tenant} and number >= ${sources.size}::int order by number`,
  );
  for (const { number, path } of rows) {
    if (number === sources.size) sources.numberOf(path);
  }
}

interface CellRow {
  readonly number: number;
  readonly metric: string;
  readonly unit: string;
  readonly fn: Cell["fn"];
  readonly dimensions: string;
}

const tenantsMax = 10_000;
