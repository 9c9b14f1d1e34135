import { BatchTexts, checkedSeries, isGoodTime } from "../checked-series.ts";
import type { CheckedSeries, NewSeries } from "../series.ts";
import type { TenantRows } from "./tenant-rows.ts";

/** A batch whose rows were all found good, place by place. */
export interface NewRows {
  readonly starts: Float64Array;
  readonly values: Float64Array;
  /** By place the number of what the tenant has already; of those that are in `checked` it says nothing. */
  readonly cells: Int32Array;
  readonly sources: Int32Array;
  /** The rows that bring something new, or again what was forgotten, or have more than a value at a start. */
  readonly checked: ReadonlyMap<number, CheckedSeries>;
}

/**
 * Refuses the first row that cannot be stored. What the tenant has already was checked when it came: most rows are told by a few searches, and nothing is made
 * of them.
 */
export function newRows(
  series: readonly NewSeries[],
  known: Pick<TenantRows, "cells" | "sources" | "entered">,
): NewRows {
  const texts = new BatchTexts();
  const starts = new Float64Array(series.length);
  const values = new Float64Array(series.length);
  const cells = new Int32Array(series.length);
  const sources = new Int32Array(series.length);
  const checked = new Map<number, CheckedSeries>();
  for (let at = 0; at < series.length; at++) {
    const one = series[at] as NewSeries;
    const { start, value } = one;
    if (isGoodTime(start) && Number.isFinite(value) && isStep(one)) {
      const source = known.sources.find(one.source);
      const { dimensions = {} } = one;
      const cell = known.cells.findGiven(one, texts.order.of(dimensions));
      if (source >= 0 && cell !== undefined && known.entered.get(cell) === 1) {
        cells[at] = cell;
        sources[at] = source;
        starts[at] = start;
        values[at] = value;
        continue;
      }
    }
    const good = checkedSeries(one, `series[${at}]`, texts);
    checked.set(at, good);
    starts[at] = good.start;
    values[at] = good.value;
  }
  return { starts, values, cells, sources, checked };
}

/** A value that steps at its start, and nothing beside it. */
const isStep = ({ fn = "", end, params, dimensionMetadata = [] }: NewSeries): boolean =>
  (fn === "" || fn === "Single") &&
  end === undefined &&
  params === undefined &&
  dimensionMetadata.length === 0;
