import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyParameters } from "../../../test/support/property.ts";
import type { Chunk } from "./chunk.ts";
import type { Row } from "./row.ts";
import { SeriesRows } from "./series-rows.ts";

/** Few starts, so that many are equal, and a far one, so that they do not fit into one number with their places. */
const start = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(-62_135_596_800_000));
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ add: fc.array(start, { maxLength: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ remove: fc.integer({ min: 1, max: 4 }) }) },
);

describe("rows in chunks", () => {
  test("are what they would be in one array, whatever comes late or goes", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.integer({ min: 2, max: 9 }),
        (steps, max) => {
          const rows = new SeriesRows(max);
          const plain = new Map<number, Row>();
          for (const [index, each] of steps.entries()) {
            takeStep(rows, plain, { ...each, firstId: index * 100 + 1 });
            expect(all(rows)).toEqual([...plain.values()].sort(byStart));
            expect(rows.size).toBe(plain.size);
            for (const chunk of rows.chunks) expectSound(chunk, max);
          }
        },
      ),
      propertyParameters(300),
    );
  });

  test("come to the same sums by cell, chunk by chunk", () => {
    fc.assert(
      fc.property(
        fc.array(start, { maxLength: 60 }),
        fc.integer({ min: 2, max: 20 }),
        (starts, max) => {
          const rows = new SeriesRows(max);
          for (const [index, one] of starts.entries()) {
            rows.add(rowOf(index + 1, one));
            // Asked for in between: what was added up before a change must not be answered after it.
            if (index % 7 === 0) rows.chunks.map((chunk) => summed(rows, chunk));
          }
          for (const chunk of rows.chunks) {
            expect(summed(rows, chunk)).toEqual(sumsOf(rowsIn(chunk)));
          }
        },
      ),
      propertyParameters(),
    );
  });

  test("that come latest first behind a full chunk lie together", () => {
    const rows = new SeriesRows(16);
    for (let id = 1; id <= 16; id++) rows.add(rowOf(id, id));
    for (let id = 17; id <= 80; id++) rows.add(rowOf(id, 1000 - id));
    expect(rows.chunks.length).toBeLessThan(10);
    for (const chunk of rows.chunks) expectSound(chunk, 16);
    const starts = all(rows).map((row) => row.start);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  });

  test("give back what they took", () => {
    const rows = new SeriesRows(64);
    for (let id = 1; id <= 1000; id++) rows.add({ ...rowOf(id, id % 10), extra: { end: id } });
    expect(rows.bytes).toBeGreaterThan(1000 * 100);
    removeAll(rows, () => true);
    expect(rows.bytes).toBe(0);
    expect(rows.chunks).toEqual([]);
  });
});

const cells = 5;

const rowOf = (id: number, at: number): Row => ({
  ...{ id, source: id % 3, cell: id % cells, start: at, value: id / 8 },
  extra: id % 6 === 0 ? { end: at + 1 } : undefined,
});

const byStart = (a: Row, b: Row): number => a.start - b.start || a.id - b.id;

type Step = { readonly add: readonly number[] } | { readonly remove: number };

function takeStep(
  rows: SeriesRows,
  plain: Map<number, Row>,
  step: Step & { readonly firstId: number },
): void {
  if ("remove" in step) {
    removeAll(rows, (row) => row.id % step.remove === 0);
    for (const id of [...plain.keys()]) if (id % step.remove === 0) plain.delete(id);
    return;
  }
  for (const [index, at] of step.add.entries()) {
    const row = rowOf(step.firstId + index, at);
    plain.set(row.id, row);
    rows.add(row);
  }
}

const all = (rows: SeriesRows): Row[] => rows.chunks.flatMap(rowsIn);

const rowsIn = (chunk: Chunk): Row[] =>
  Array.from({ length: chunk.length }, (_, at) => chunk.row(at));

function removeAll(rows: SeriesRows, isMeant: (row: Row) => boolean): void {
  for (const chunk of rows.chunks) rows.removeFrom(chunk, (at) => isMeant(chunk.row(at)));
  rows.tidy();
}

function summed(rows: SeriesRows, chunk: Chunk): (readonly [number, number, number])[] {
  const summary = rows.summaryOf(chunk, cells);
  if (summary === undefined) return sumsOf(rowsIn(chunk));
  const { cells: there, sums, counts } = summary;
  const found = [...there].map(
    (cell, at) => [cell, sums[at] as number, counts[at] as number] as const,
  );
  return found.sort(([a], [b]) => a - b);
}

/** Cell, sum and count, by cell. */
const sumsOf = (rows: readonly Row[]): (readonly [number, number, number])[] =>
  Array.from({ length: cells }, (_, cell) => rows.filter((row) => row.cell === cell)).flatMap(
    (own, cell) =>
      own.length === 0
        ? []
        : [[cell, own.reduce((sum, { value }) => sum + value, 0), own.length] as const],
  );

/** What a chunk says of itself is so. */
function expectSound(chunk: Chunk, max: number): void {
  const own = rowsIn(chunk);
  expect(own.length).toBeGreaterThan(0);
  expect(own.length).toBeLessThanOrEqual(max);
  expect([chunk.earliest, chunk.latest]).toEqual([own[0]?.start, own.at(-1)?.start]);
  expect(chunk.extras.size).toBe(own.filter(({ extra }) => extra !== undefined).length);
  for (const { id, extra } of own) {
    expect(id >= chunk.leastId && id <= chunk.greatestId).toBe(true);
    expect(extra?.end ?? Number.NEGATIVE_INFINITY).toBeLessThanOrEqual(chunk.latestEnd);
  }
}
