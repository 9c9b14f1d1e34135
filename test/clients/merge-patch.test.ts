import fc from "fast-check";
import { expect, test } from "vitest";
import { mergePatch } from "../../gen/typescript/lib/merge-patch.ts";
import { mergePatch as mergePatchOfTheServer } from "../../src/session/merge-patch.ts";
import { propertyParameters } from "../support/property.ts";

test("a patch is merged as the server would merge it, so that a session is the same in every backend", () => {
  // Few names, so that members of target and patch meet.
  const name = fc.constantFrom("a", "b", "__proto__", "toString", "1");
  const { object } = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, fc.constantFrom(null, 0, "", [null]), tie("object")),
    object: fc.dictionary(name, tie("value"), { maxKeys: 4 }),
  }));
  const json = object.map((members) => JSON.parse(JSON.stringify(members)));
  fc.assert(
    fc.property(json, json, (target, patch) => {
      const before = JSON.stringify([target, patch]);
      const merged = JSON.stringify(mergePatch(target, patch));
      expect(merged).toBe(JSON.stringify(mergePatchOfTheServer(target, patch)));
      expect(JSON.stringify([target, patch])).toBe(before);
    }),
    propertyParameters(1000),
  );
});
