import { create, fromJson, toBinary } from "@bufbuild/protobuf";
import { ValueSchema as JsonSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Value, ValueSchema } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { propertyParameters } from "../../test/support/property.ts";
import { fromByteString } from "../store/byte-string.ts";
import { bodyOf, decodeInteger, decodeValue, encodeInteger, encodeValue, kindOf } from "./value.ts";

const bytesMax = 2 ** 20;
const toValue = (kind: Value["kind"]): Value => create(ValueSchema, { kind });
const scalars = fc.oneof(
  fc
    .string({ unit: "grapheme", maxLength: 400 })
    .filter((text) => text.isWellFormed())
    .map((value) => toValue({ case: "text", value })),
  fc.uint8Array({ maxLength: 40_000 }).map((value) => toValue({ case: "bytes", value })),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((value) => toValue({ case: "integer", value })),
);
const jsons = fc
  .jsonValue({ maxDepth: 5, stringUnit: "grapheme" })
  .map((json) => toValue({ case: "json", value: fromJson(JsonSchema, json as never) }));

describe("a stored value", () => {
  test("is the value as protobuf encodes it", () => {
    fc.assert(
      fc.property(scalars, (value) => {
        const stored = encodeValue(value, "value", bytesMax);
        expect(Buffer.from(fromByteString(stored))).toEqual(
          Buffer.from(toBinary(ValueSchema, value)),
        );
      }),
      propertyParameters(),
    );
  });

  test("comes back as it went in", () => {
    fc.assert(
      fc.property(fc.oneof(scalars, jsons), (value) => {
        const stored = encodeValue(value, "value", bytesMax);
        expect(kindOf(stored)).toBe(value.kind.case);
        const back = decodeValue(stored);
        expect(encodeValue(back, "value", bytesMax)).toBe(stored);
        expect(back.kind.case).toBe(value.kind.case);
        if (value.kind.case !== "bytes") expect(plain(back)).toEqual(plain(value));
      }),
      propertyParameters(),
    );
  });

  test("is one string for all JSON that is equal as data", () => {
    const encode = (json: object): string =>
      encodeValue(
        toValue({ case: "json", value: fromJson(JsonSchema, json as never) }),
        "v",
        bytesMax,
      );
    expect(encode({ a: 1, b: { c: [0], d: null } })).toBe(
      encode({ b: { d: null, c: [-0] }, a: 1 }),
    );
    expect(encode({ 1: "x", 0: "y" })).toBe(encode({ 0: "y", 1: "x" }));
    expect(encode({ a: [1, 2] })).not.toBe(encode({ a: [2, 1] }));
    expect(encode({ a: "1" })).not.toBe(encode({ a: 1 }));
  });

  test("orders text and bytes by their bytes, without what is before them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (a, b) => {
        const [first, second] = [a, b].map((value) =>
          bodyOf(encodeValue(toValue({ case: "bytes", value }), "v", bytesMax)),
        ) as [string, string];
        expect(Math.sign(Buffer.compare(a, b))).toBe(first < second ? -1 : first > second ? 1 : 0);
      }),
      propertyParameters(),
    );
  });

  test("counts its tag and length against the limit", () => {
    const text = (length: number): Value => toValue({ case: "text", value: "x".repeat(length) });
    for (const [length, head] of [
      [127, 2],
      [128, 3],
      [16_383, 3],
      [16_384, 4],
    ] as const) {
      const size = length + head;
      expect(encodeValue(text(length), "v", size)).toHaveLength(size);
      expect(() => encodeValue(text(length), "v", size - 1)).toThrow(
        expect.objectContaining({ kind: "value_too_large" }),
      );
    }
  });

  test("of an integer is the integer, over all of 64 bits", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(decodeInteger(encodeInteger(value))).toBe(value);
      }),
      propertyParameters(),
    );
  });

  test.each([undefined, toValue({ case: undefined })])("must have a kind", (value) => {
    expect(() => encodeValue(value, "items[1].value", bytesMax)).toThrow(
      expect.objectContaining({
        kind: "invalid_field",
        message: expect.stringContaining("items[1].value"),
      }),
    );
  });

  test.each([
    ["a number that JSON has not", { case: "numberValue", value: Number.NaN }],
    ["an infinite number", { case: "numberValue", value: Number.NEGATIVE_INFINITY }],
    ["no kind", { case: undefined }],
    ["half of a surrogate pair", { case: "stringValue", value: "\udc00" }],
  ] as const)("refuses JSON that holds %s, however deep", (_, kind) => {
    const leaf = create(JsonSchema, { kind: kind as never });
    const list = create(JsonSchema, { kind: { case: "listValue", value: { values: [leaf] } } });
    const fields = { a: list };
    const object = create(JsonSchema, { kind: { case: "structValue", value: { fields } } });
    for (const value of [leaf, list, object]) {
      expect(() => encodeValue(toValue({ case: "json", value }), "value", bytesMax)).toThrow(
        expect.objectContaining({ kind: "invalid_field" }),
      );
    }
  });
});

const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}n` : part)).replaceAll(
      ":-0,",
      ":0,",
    ),
  );
