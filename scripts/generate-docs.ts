/** Writes the pages that the code already knows: `npm run docs`. test/docs.test.ts fails when one is stale. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationPage } from "./configuration-docs.ts";
import { errorsPage } from "./error-docs.ts";

/** The generated pages, by their path in the project. */
export const generatedPages: Record<string, () => string> = {
  "docs/configuration.md": configurationPage,
  "docs/errors.md": errorsPage,
};

if (import.meta.main) {
  const root = join(import.meta.dirname, "..");
  for (const [path, page] of Object.entries(generatedPages))
    writeFileSync(join(root, path), page());
}
