import { create, fromJson, toBinary } from "@bufbuild/protobuf";
import { ValueSchema as JsonSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { SetRequestSchema } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { withSortedMaps } from "./sorted-maps.ts";

const request = (json: object) =>
  create(SetRequestSchema, {
    key: "a",
    value: { kind: { case: "json", value: fromJson(JsonSchema, json as never) } },
  });
const encoded = (json: object): Buffer =>
  Buffer.from(toBinary(SetRequestSchema, withSortedMaps(request(json))));

test("requests that differ in the order of JSON members are encoded alike", () => {
  expect(encoded({ b: [{ d: 1, c: 2 }], a: 0 })).toEqual(encoded({ a: 0, b: [{ c: 2, d: 1 }] }));
  expect(encoded({ case: 1, $typeName: 2, a: 3 })).toEqual(
    encoded({ a: 3, $typeName: 2, case: 1 }),
  );
  expect(encoded({ a: [1, 2] })).not.toEqual(encoded({ a: [2, 1] }));
});

test("nothing else is changed, and the request itself not at all", () => {
  const original = request({ b: 1, a: { ["__proto__"]: 1 } });
  const before = structuredClone(original);
  const sorted = withSortedMaps(original);
  expect(original).toEqual(before);
  expect(sorted).toEqual(original);
});

test("bytes stay bytes", () => {
  const bytes = create(SetRequestSchema, {
    value: { kind: { case: "bytes", value: Uint8Array.of(1, 2, 3) } },
  });
  expect(withSortedMaps(bytes)).toEqual(bytes);
});
