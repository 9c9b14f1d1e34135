import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generatedPages } from "../scripts/generate-docs.ts";

const root = join(import.meta.dirname, "..");

for (const [path, page] of Object.entries(generatedPages)) {
  test(`${path} says what the code says: \`npm run docs\` changes nothing`, () => {
    expect(readFileSync(join(root, path), "utf8")).toBe(page());
  });
}
