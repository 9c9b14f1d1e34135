import type { NamePage } from "../analytics-store.ts";
import { byCodePoints } from "../code-points.ts";
import { isWithin } from "../path.ts";
import type { TenantRows } from "./tenant-rows.ts";

/** The names that rows have, by code points. */
export function pageOfNames(all: TenantRows, { of, path, after, limit }: NamePage): string[] {
  return [...namesOf(all, of)]
    .filter((name) => name !== "" && (path === undefined || isWithin(name, path)))
    .filter((name) => after === undefined || byCodePoints(name, after) > 0)
    .sort(byCodePoints)
    .slice(0, limit);
}

function namesOf({ cells, sources, population }: TenantRows, of: NamePage["of"]): Set<string> {
  if (of === "source") {
    return new Set(sources.all.filter((_, source) => population.hasSource(source)));
  }
  const names = new Set<string>();
  for (let cell = 0; cell < cells.size; cell++) {
    if (!population.hasCell(cell)) continue;
    names.add(of === "metric" ? cells.metricOf(cell) : cells.unitOf(cell));
  }
  return names;
}
