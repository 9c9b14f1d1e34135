/** Builds the TypeScript package: JavaScript and declarations, where the exports of its manifest name them. Part of `npm run build`. */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** Writes the build into the folder, which is emptied first: the package's `dist`, but for the test that imports what it built. */
export function buildClient(output: string): void {
  rmSync(output, { recursive: true, force: true });
  execFileSync(
    join(root, "node_modules/.bin/tsc"),
    ["--project", "gen/typescript/tsconfig.build.json", "--outDir", output],
    { cwd: root, stdio: "inherit" },
  );
}
