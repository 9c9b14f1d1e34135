/** What is found in requests that the codec refuses, without a server around it. */
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AddSeriesRequestSchema } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { unreadablePart } from "../../src/rpc/http/unreadable-part.ts";
import { propertyParameters } from "../support/property.ts";

const found = (json: JsonValue): string | undefined => {
  const part = unreadablePart(AddSeriesRequestSchema, json);
  return part && pathToString(part.path);
};

function isRead(json: JsonValue): boolean {
  try {
    fromJson(AddSeriesRequestSchema, json);
    return true;
  } catch {
    return false;
  }
}

const names = {
  source: "source",
  startTime: "start_time",
  value: "value",
  params: "params",
  dimensions: "dimensions",
  dimensionMetadata: "dimension_metadata",
};

const good = (row: number): { [name: string]: JsonValue } => ({
  source: "a",
  startTime: "2026-01-01T00:00:00Z",
  value: row,
  params: { cliff: null },
  dimensions: { room: "a", region: "b" },
  dimensionMetadata: [{ dimension: "room", path: "a" }],
});

test("a batch is refused if and only if a part is found, and that is the first row's that is refused alone", () => {
  const name = fc.constantFrom(...(Object.keys(names) as (keyof typeof names)[]));
  const wrong = fc.array(fc.tuple(fc.nat(199), name, fc.jsonValue() as fc.Arbitrary<JsonValue>), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 260 }), wrong, (rows, planted) => {
      const series = Array.from({ length: rows }, (_, row) => good(row));
      for (const [row, field, value] of planted) series[row] = { ...series[row], [field]: value };
      const first = series.findIndex((one) => !isRead({ series: [one] }));
      if (first === -1) {
        expect(found({ series })).toBeUndefined();
        return;
      }
      const told = found({ series }) ?? "";
      expect(told.startsWith(`series[${first}].`)).toBe(true);
      const at = Object.entries(names).find(([, field]) =>
        new RegExp(`^\\.${field}(\\W|$)`).test(told.slice(`series[${first}]`.length)),
      );
      const repaired = { ...series[first], [at?.[0] ?? ""]: null };
      const others = planted.filter(([row]) => row === first).length > 1;
      expect(others || isRead({ series: [repaired] })).toBe(true);
    }),
    propertyParameters(),
  );
});

test("an item is found wherever it stands in a list, and an entry in a map", () => {
  for (const length of [1, 2, 63, 64, 65, 128, 129]) {
    const row = length - 1;
    const items = Array.from({ length }, (_, index) => (index === row ? 5 : {}));
    expect(found({ series: [{ dimensionMetadata: items }] })).toBe(
      `series[0].dimension_metadata[${row}]`,
    );
    const entries = Array.from({ length }, (_, index) => [`k${index}`, index === row ? 5 : "a"]);
    expect(found({ series: [{ dimensions: Object.fromEntries(entries) }] })).toBe(
      `series[0].dimensions["k${row}"]`,
    );
  }
});

test("no part is found in what can be read", () => {
  expect(found({ series: [good(1), {}, { params: null, value: null }] })).toBeUndefined();
});
