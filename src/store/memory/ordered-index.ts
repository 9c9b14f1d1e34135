import { createRequire } from "node:module";
import type sortedBtree from "sorted-btree";
import type { Key, Range } from "../key.ts";
import type { PageOptions } from "../store.ts";

// A CommonJS module with a default export: runtimes disagree on what importing it means, but not on requiring it.
const { default: BTree } = createRequire(import.meta.url)("sorted-btree") as typeof sortedBtree;

/** What is kept in the order of its keys. */
export type OrderedIndex<T> = InstanceType<typeof BTree<Key, T>>;

export const createOrderedIndex = <T>(): OrderedIndex<T> =>
  new BTree<Key, T>(undefined, compareKeys, nodeSize);

/** Which part of a range a page is of, and in which direction. */
export type Walk = Range & Pick<PageOptions, "descending" | "after">;

/** Told of each key in order; answers whether to go on. */
export type Visit<T> = (key: Key, item: T) => boolean;

/** Visits what is in the range, in order. The index must not change meanwhile. */
export function visit<T>(index: OrderedIndex<T>, part: Walk, each: Visit<T>): void {
  if (part.descending === true) {
    for (const [key, item] of walkDown(index, part)) if (!each(key, item)) return;
    return;
  }
  const { end, after } = part;
  index.forRange(firstOf(part), end, false, (key, item) =>
    key === after || each(key, item) ? undefined : stop,
  );
}

/** Visits what is in either of two indexes, which share no key, as if they were one. */
export function visitBoth<A, B>(
  indexes: readonly [OrderedIndex<A>, OrderedIndex<B>],
  part: Walk,
  each: Visit<A | B>,
): void {
  for (const [key, item] of walkBoth(indexes, part)) if (!each(key, item)) return;
}

function* walkBoth<A, B>(
  [first, second]: readonly [OrderedIndex<A>, OrderedIndex<B>],
  part: Walk,
): Generator<readonly [Key, A | B]> {
  const walk = part.descending === true ? walkDown : walkUp;
  const left = walk(first, part);
  const right = walk(second, part);
  let a = left.next();
  let b = right.next();
  while (!a.done || !b.done) {
    const leftFirst = b.done || (!a.done && a.value[0] < b.value[0] === (part.descending !== true));
    if (leftFirst && !a.done) {
      yield a.value;
      a = left.next();
    } else if (!b.done) {
      yield b.value;
      b = right.next();
    }
  }
}

function* walkUp<T>(index: OrderedIndex<T>, part: Walk): Generator<readonly [Key, T]> {
  const pair: [Key, T] = [] as never; // filled by the index at each step
  for (const found of index.entries(firstOf(part), pair)) {
    if (found[0] >= part.end) return;
    if (found[0] !== part.after) yield found;
  }
}

function* walkDown<T>(
  index: OrderedIndex<T>,
  { start, end, after }: Walk,
): Generator<readonly [Key, T]> {
  if (index.size === 0) return; // sorted-btree cannot begin at the end of nothing
  const before = after !== undefined && after < end ? after : end;
  const pair: [Key, T] = [] as never;
  for (const found of index.entriesReversed(before, pair, true)) {
    if (found[0] < start) return;
    yield found;
  }
}

const firstOf = ({ start, after }: Walk): Key =>
  after !== undefined && after > start ? after : start;

const stop = { break: true };

const compareKeys = (a: Key, b: Key): number => (a < b ? -1 : a > b ? 1 : 0);

/** Keys in a node: measured as the best of 32, 64 and 128 for inserting at a million. */
const nodeSize = 64;
