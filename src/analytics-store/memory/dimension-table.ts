import type {
  DimensionEntry,
  DimensionKey,
  DimensionMetadata,
  DimensionPage,
} from "../analytics-store.ts";
import { byCodePoints } from "../code-points.ts";
import { isWithin } from "../path.ts";

interface Said {
  readonly label: string;
  readonly icon: string;
  readonly description: string;
}

/** A tenant's paths by dimension, and what is said of each. */
export class DimensionTable {
  readonly #dimensions = new Map<string, Map<string, Said>>();
  /** Names and paths in order, until there is a new one. */
  #sorted: readonly DimensionKey[] | undefined;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Makes the path if there is none. */
  see(dimension: string, path: string): void {
    let paths = this.#dimensions.get(dimension);
    if (paths === undefined) {
      paths = new Map();
      this.#dimensions.set(dimension, paths);
    }
    if (paths.has(path)) return;
    paths.set(path, nothing);
    this.#bytes += costOf(dimension, path, nothing);
    this.#sorted = undefined;
  }

  update(metadata: DimensionMetadata): DimensionEntry {
    const { dimension, path } = metadata;
    this.see(dimension, path);
    const paths = this.#dimensions.get(dimension) as Map<string, Said>;
    const before = paths.get(path) as Said;
    const said = saidNow(before, metadata);
    paths.set(path, said);
    this.#bytes += costOf(dimension, path, said) - costOf(dimension, path, before);
    return { dimension, path, ...said };
  }

  /** How many bytes more an update takes. */
  growthBy(metadata: DimensionMetadata): number {
    const { dimension, path } = metadata;
    const before = this.#dimensions.get(dimension)?.get(path);
    const cost = costOf(dimension, path, saidNow(before ?? nothing, metadata));
    return before === undefined ? cost : cost - costOf(dimension, path, before);
  }

  find({ dimension, path }: DimensionKey): DimensionEntry | undefined {
    const said = this.#dimensions.get(dimension)?.get(path);
    return said === undefined ? undefined : { dimension, path, ...said };
  }

  page({ dimension, path, after, limit }: DimensionPage): DimensionEntry[] {
    this.#sorted ??= this.#keys().sort(byNameAndPath);
    const found: DimensionEntry[] = [];
    for (const key of this.#sorted) {
      if (found.length >= limit) break;
      if (dimension !== undefined && key.dimension !== dimension) continue;
      if (path !== undefined && !isWithin(key.path, path)) continue;
      if (after !== undefined && byNameAndPath(key, after) <= 0) continue;
      found.push(this.find(key) as DimensionEntry);
    }
    return found;
  }

  /** Forgets the paths that none of these is, nor one below them; answers how many. */
  forgetBut(kept: ReadonlyMap<string, ReadonlySet<string>>): number {
    let forgotten = 0;
    for (const [dimension, paths] of this.#dimensions) {
      const upwards = withThoseAbove(kept.get(dimension) ?? new Set());
      for (const [path, said] of paths) {
        if (upwards.has(path)) continue;
        this.#bytes -= costOf(dimension, path, said);
        paths.delete(path);
        forgotten++;
      }
      if (paths.size === 0) this.#dimensions.delete(dimension);
    }
    if (forgotten > 0) this.#sorted = undefined;
    return forgotten;
  }

  #keys(): DimensionKey[] {
    return [...this.#dimensions].flatMap(([dimension, paths]) =>
      [...paths.keys()].map((path) => ({ dimension, path })),
    );
  }
}

const saidNow = (before: Said, { label, icon, description }: DimensionMetadata): Said => ({
  label: label ?? before.label,
  icon: icon ?? before.icon,
  description: description ?? before.description,
});

function withThoseAbove(paths: ReadonlySet<string>): Set<string> {
  const all = new Set<string>();
  for (const path of paths) {
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      all.add(path.slice(0, end));
    }
  }
  return all;
}

const byNameAndPath = (a: DimensionKey, b: DimensionKey): number =>
  byCodePoints(a.dimension, b.dimension) || byCodePoints(a.path, b.path);

const nothing: Said = { label: "", icon: "", description: "" };

const costOf = (dimension: string, path: string, { label, icon, description }: Said): number =>
  costOfDimension(dimension, path) + 2 * (label.length + icon.length + description.length);

/** What a path takes, about: its texts may be two bytes a character. */
export const costOfDimension = (dimension: string, path: string): number =>
  bytesEach + 2 * (dimension.length + path.length);

const bytesEach = 200;
