/**
 * Puts the third-party contracts that ours import into `.third-party/proto`, each from the registry package that
 * carries it at the version this project has pinned. They are not committed; what is generated from them is.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";

/** Matches the npm package @bufbuild/protovalidate 1.3.0, as test/generated-code.test.ts proves. */
const protovalidateModule = "github.com/bufbuild/protovalidate@v1.2.2";

const fromNpm: Record<string, string> = {
  "google/rpc/code.proto": "google-proto-files/google/rpc/code.proto",
  "google/rpc/error_details.proto": "google-proto-files/google/rpc/error_details.proto",
  "google/rpc/status.proto": "google-proto-files/google/rpc/status.proto",
  "grpc/health/v1/health.proto": "grpc-health-check/proto/health/v1/health.proto",
  "grpc/reflection/v1/reflection.proto":
    "@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto",
  "grpc/reflection/v1alpha/reflection.proto":
    "@grpc/reflection/build/proto/grpc/reflection/v1alpha/reflection.proto",
};

export function fetchThirdPartyProtos(root: string): void {
  const target = join(root, ".third-party/proto");
  const put = (source: string, name: string): void => {
    const path = join(target, name);
    mkdirSync(dirname(path), { recursive: true });
    // Renamed into its place: whoever reads at the same time finds the whole file, old or new.
    const partial = `${path}.${process.pid}`;
    copyFileSync(source, partial);
    renameSync(partial, path);
  };
  for (const [name, source] of Object.entries(fromNpm))
    put(join(root, "node_modules", source), name);
  const validate = "buf/validate/validate.proto";
  put(join(goModuleFolder(protovalidateModule), "proto/protovalidate", validate), validate);
}

/** The folder of a Go module, downloaded and verified by the go command if it is not there yet. */
function goModuleFolder(module: string): string {
  const answer = execFileSync("go", ["mod", "download", "-json", module], { encoding: "utf8" });
  return (JSON.parse(answer) as { Dir: string }).Dir;
}
