/** Builds what is published: plain JavaScript and declarations, for a Node that strips no types. `npm run build`. */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildClient } from "./build-client.ts";

const root = join(import.meta.dirname, "..");

/** Writes the build into the folder, which is emptied first: `dist`, but for the test that starts what it built. */
export function build(output: string): void {
  rmSync(output, { recursive: true, force: true });
  execFileSync(
    join(root, "node_modules/.bin/tsc"),
    ["--project", "tsconfig.build.json", "--outDir", output],
    { cwd: root, stdio: "inherit" },
  );
  writeFileSync(join(output, "package.json"), `${JSON.stringify(manifest(), undefined, 2)}\n`);
}

/**
 * The compiler rewrites relative specifiers and leaves `#gen/...` as it is, so the build brings a map of its own from
 * those to the JavaScript.
 */
function manifest(): object {
  const { name, version, description, license, type, imports } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  ) as Record<string, unknown> & { readonly imports: Record<string, string> };
  const toJavaScript = ([pattern, target]: [string, string]): [string, string] => [
    pattern,
    target.replace(/\.ts$/, ".js"),
  ];
  const built = Object.fromEntries(Object.entries(imports).map(toJavaScript));
  return { name, version, description, license, type, imports: built };
}

if (import.meta.main) {
  build(join(root, "dist"));
  buildClient(join(root, "gen/typescript/dist"));
}
