import { setImmediate } from "node:timers/promises";
import { type Key, key, within } from "../store/key.ts";
import type { RootStatistics, Store } from "../store/store.ts";

/** All roots under the tenant's number that have records, in turns with the other calls. */
export async function rootsUnder(store: Store, number: number): Promise<RootStatistics[]> {
  const { start, end } = within(key(number));
  const found: RootStatistics[] = [];
  for (let from = start; ; ) {
    const roots = await store.roots({ start: from, end }, rootsPerStep);
    found.push(...roots);
    const last = roots.at(-1);
    if (last === undefined || roots.length < rootsPerStep) return found;
    from = `${last.root}\x00` as Key;
    await setImmediate();
  }
}

const rootsPerStep = 10_000;
