import { type Key, partsOf } from "./key.ts";
import type { Statistics } from "./store.ts";

/** Where what is kept about roots is not what a count of their records found: one sentence each, in their order. */
export function statisticsDifferences(
  kept: ReadonlyMap<Key, Statistics>,
  counted: ReadonlyMap<Key, Statistics>,
): string[] {
  const roots = [...new Set([...kept.keys(), ...counted.keys()])].sort((a, b) => (a < b ? -1 : 1));
  return roots.flatMap((root) => {
    const said = kept.get(root) ?? nothing;
    const found = counted.get(root) ?? nothing;
    if (said.records === found.records && said.bytes === found.bytes) return [];
    return `the statistics of ${JSON.stringify(partsOf(root))} say ${describeStatistics(said)}, and there are ${describeStatistics(found)}`;
  });
}

export const describeStatistics = ({ records, bytes }: Statistics): string =>
  `${records} records of ${bytes} bytes`;

const nothing: Statistics = { records: 0, bytes: 0 };
