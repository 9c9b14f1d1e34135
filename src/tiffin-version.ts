import { readFileSync } from "node:fs";

/** As the package says it; what is built has a package of its own beside it. */
export function readTiffinVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
