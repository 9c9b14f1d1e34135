import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyParameters } from "../../test/support/property.ts";
import { mergePatch } from "./merge-patch.ts";

const { objects } = fc.letrec<{ value: JsonValue; objects: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<JsonValue[]>(null, 0, "", "a", true),
    fc.array(tie("value"), { maxLength: 2 }),
    tie("objects"),
  ),
  // Few names, so that members of target and patch meet.
  objects: fc
    .uniqueArray(fc.tuple(fc.constantFrom("a", "b", "__proto__", "toString"), tie("value")), {
      selector: ([name]) => name,
      maxLength: 4,
    })
    .map((members) => JSON.parse(JSON.stringify(fromMembers(members)))),
}));

const fromMembers = (members: [string, JsonValue][]): JsonObject => {
  const object = Object.create(null) as JsonObject;
  for (const [name, value] of members) object[name] = value;
  return object;
};

/** RFC 7396, section 2, as its pseudocode has it, over lists of members. */
function reference(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return patch;
  const members = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    else members.set(name, reference(members.get(name), value));
  }
  return fromMembers([...members]);
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const written = (value: JsonValue): unknown => JSON.parse(JSON.stringify(value));

describe("merging a patch", () => {
  test("makes what RFC 7396 says, whatever the members are called", () => {
    fc.assert(
      fc.property(objects, objects, (target, patch) => {
        expect(written(mergePatch(target, patch))).toEqual(written(reference(target, patch)));
      }),
      propertyParameters(1000),
    );
  });

  test("changes neither target nor patch, nor what every object has", () => {
    fc.assert(
      fc.property(objects, objects, (target, patch) => {
        const before = JSON.stringify([target, patch]);
        mergePatch(target, patch);
        expect(JSON.stringify([target, patch])).toBe(before);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      propertyParameters(300),
    );
  });

  test("again makes no difference", () => {
    fc.assert(
      fc.property(objects, objects, (target, patch) => {
        const once = mergePatch(target, patch);
        expect(written(mergePatch(once, patch))).toEqual(written(once));
      }),
      propertyParameters(300),
    );
  });

  test("takes members that an object only inherits for absent", () => {
    const patch = { toString: { a: 1 }, constructor: { b: 2 } };
    expect(written(mergePatch({}, patch))).toEqual(patch);
  });
});
