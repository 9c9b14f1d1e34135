/** Generates `gen/` from `proto/`: `npm run generate`. Needs the go command, which brings validate.proto. */
import { execFileSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { fetchThirdPartyProtos } from "./third-party-protos.ts";

const root = join(import.meta.dirname, "..");

/** Writes the generated tree below `output`, which is the project itself but for the test that compares. */
export function generate(output: string): void {
  fetchThirdPartyProtos(root);
  const bin = join(root, "node_modules/.bin");
  execFileSync(join(bin, "buf"), ["generate", "--output", output], {
    cwd: root,
    stdio: ["ignore", "inherit", "pipe"],
    // buf finds its plugins, protoc-gen-es, on the path.
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"]}` },
  });
}

if (import.meta.main) generate(root);
