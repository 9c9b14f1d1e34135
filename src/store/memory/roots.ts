import { contains, type Key, lengthOfParts, type Range } from "../key.ts";
import type { Space } from "../space.ts";
import { statisticsDifferences } from "../statistics-differences.ts";
import type { RootStatistics, Statistics } from "../store.ts";

/** What is stored under one root: every record points to its own, so counting costs no lookup. */
export interface Root {
  readonly key: Key;
  readonly space: Space<unknown>;
  records: number;
  bytes: number;
}

/** The roots that have records. */
export class Roots {
  readonly #roots = new Map<Key, Root>();
  #records = 0;
  #bytes = 0;

  /** The root to which a record is about to be added. */
  open(record: Key, space: Space<unknown>): Root {
    const name = record.slice(0, lengthOfParts(record, space.rootParts)) as Key;
    const known = this.#roots.get(name);
    if (known !== undefined) return known;
    const root = { key: ownCopy(name), space, records: 0, bytes: 0 };
    this.#roots.set(root.key, root);
    return root;
  }

  add(root: Root, records: number, bytes: number): void {
    root.records += records;
    root.bytes += bytes;
    this.#records += records;
    this.#bytes += bytes;
    if (root.records === 0) this.#roots.delete(root.key);
  }

  /** Of one root; of all of them without. */
  statistics(root: Key | undefined): Statistics {
    if (root === undefined) return { records: this.#records, bytes: this.#bytes };
    const { records, bytes } = this.#roots.get(root) ?? nothing;
    return { records, bytes };
  }

  within(range: Range, limit: number): RootStatistics[] {
    const keys = [...this.#roots.keys()].filter((key) => contains(range, key)).sort(byBytes);
    return keys.slice(0, limit).map((root) => ({ root, ...this.statistics(root) }));
  }

  /** Where these counts are not those, one sentence each. */
  differences(counted: Roots): string[] {
    return statisticsDifferences(this.#roots, counted.#roots);
  }
}

const byBytes = (a: Key, b: Key): number => (a < b ? -1 : 1);

/** A slice would keep the whole key it was cut from alive. */
const ownCopy = (text: string): Key => Buffer.from(text, "latin1").toString("latin1") as Key;

const nothing: Statistics = { records: 0, bytes: 0 };
