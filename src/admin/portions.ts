import type { Limits, Mutation } from "../store/store.ts";

/** A mutation and what its key and value take. */
export interface Sized {
  readonly mutation: Mutation;
  readonly bytes: number;
}

/** The mutations in as many commits as the store needs for them, with room for one more beside them in each. */
export function* portionsOf(
  mutations: readonly Sized[],
  { commitRecords, commitBytes }: Limits,
): Generator<Mutation[]> {
  let portion: Mutation[] = [];
  let bytes = 0;
  for (const each of mutations) {
    const isFull = portion.length >= commitRecords - 1 || bytes + each.bytes > commitBytes / 2;
    if (isFull && portion.length > 0) {
      yield portion;
      portion = [];
      bytes = 0;
    }
    portion.push(each.mutation);
    bytes += each.bytes;
  }
  if (portion.length > 0) yield portion;
}
