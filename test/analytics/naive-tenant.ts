import type {
  CommitChanges,
  DimensionEntry,
  DimensionMetadata,
  RetentionRule,
} from "../../src/analytics-store/analytics-store.ts";
import { isAtOrBelow } from "./naive-matching.ts";
import { type NaiveCell, type NaiveRow, pathIn } from "./naive-row.ts";

/** What was answered to an identified request. */
export interface NaiveMemory {
  readonly digest: string;
  readonly answer: object;
  readonly at: number;
}

/** All that the naive store has of a tenant. */
export class NaiveTenant {
  rows: NaiveRow[] = [];
  /** In the order in which they were first seen; they stay when their series go. */
  readonly cells: NaiveCell[] = [];
  nextId = 1;
  dimensions: DimensionEntry[] = [];
  rules: readonly RetentionRule[] = [];
  readonly commits: (CommitChanges & { readonly at: number })[] = [];
  readonly requests = new Map<string, NaiveMemory>();

  see(row: NaiveRow): void {
    const { metric, unit, dimensions } = row;
    const text = JSON.stringify({ metric, unit, dimensions });
    if (!this.cells.some((cell) => JSON.stringify(cell) === text)) {
      this.cells.push({ metric, unit, dimensions });
    }
    for (const [dimension, path] of dimensions) this.say({ dimension, path });
  }

  /** Sets what is said of a path, and makes it if it is not there. */
  say({ dimension, path, label, icon, description }: DimensionMetadata): DimensionEntry {
    const old = this.dimensions.find((one) => one.dimension === dimension && one.path === path);
    const entry: DimensionEntry = {
      dimension,
      path,
      label: label ?? old?.label ?? "",
      icon: icon ?? old?.icon ?? "",
      description: description ?? old?.description ?? "",
    };
    this.dimensions = [...this.dimensions.filter((one) => one !== old), entry];
    return entry;
  }

  /** Forgets the paths that no series has, nor one below them. */
  clearEmpty(): number {
    const before = this.dimensions.length;
    this.dimensions = this.dimensions.filter(({ dimension, path }) =>
      this.rows.some((row) => isAtOrBelow(pathIn(row, dimension), path)),
    );
    return before - this.dimensions.length;
  }
}

/** What a commit did, gathered by source. */
export function changesOf(
  added: readonly NaiveRow[],
  deleted: readonly NaiveRow[],
): CommitChanges["sources"] {
  const all = [...added, ...deleted];
  return [...new Set(all.map((row) => row.source))].map((source) => {
    const of = (rows: readonly NaiveRow[]): NaiveRow[] =>
      rows.filter((row) => row.source === source);
    const starts = of(all).map((row) => row.start);
    return {
      source,
      added: of(added).length,
      deleted: of(deleted).length,
      firstStart: Math.min(...starts),
      lastStart: Math.max(...starts),
    };
  });
}
