import type { Group } from "../src/tiffin/analytics/v1/query_pb.ts";

/**
 * The groups in the order in which Powerhouse's analytics engine has its rows: those of a path of the first dimension together, within them those
 * of a path of the second, and so on to metric and unit; each where the first of them was.
 */
export const nestedGroups = (groups: readonly Group[]): Group[] => nestedFrom(groups, 0);

function nestedFrom(groups: readonly Group[], level: number): Group[] {
  if (groups.length < 2 || level > (groups[0]?.dimensions.length ?? 0)) return [...groups];
  const together = Map.groupBy(groups, (group) => namesOf(group)[level]);
  return [...together.values()].flatMap((some) => nestedFrom(some, level + 1));
}

const namesOf = ({ dimensions, metric }: Group): string[] => [
  ...dimensions.map(({ path }) => path),
  metric,
];
