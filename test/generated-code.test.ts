import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { file_buf_validate_validate as published } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { expect, test } from "vitest";
import { file_buf_validate_validate as generated } from "#gen/buf/validate/validate_pb.ts";
import { generate } from "../scripts/generate.ts";
import { testNeeding } from "./support/needs.ts";

const root = join(import.meta.dirname, "..");

testNeeding(["go"], "generating again changes nothing", () => {
  const again = mkdtempSync(join(tmpdir(), "tiffin-generated-"));
  try {
    generate(again);
    expect(filesOf(join(again, "gen"))).toEqual(filesOf(join(root, "gen")));
  } finally {
    rmSync(again, { recursive: true });
  }
});

test("validate.proto is the one that the validator was built for", () => {
  const bytesOf = (file: typeof generated): Uint8Array =>
    toBinary(FileDescriptorProtoSchema, file.proto);
  expect(Buffer.compare(bytesOf(generated), bytesOf(published))).toBe(0);
});

testNeeding(["go"], "the contract passes buf lint and is formatted", () => {
  const buf = (...args: string[]): string =>
    execFileSync(join(root, "node_modules/.bin/buf"), args, { cwd: root, encoding: "utf8" });
  expect(buf("lint")).toBe("");
  expect(buf("format", "--diff", "proto")).toBe("");
});

/** Every file below the folder with its text; package manifests above the generated sources are not generated. */
function filesOf(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && path.endsWith("_pb.ts")) {
      files[path.slice(folder.length)] = readFileSync(path, "utf8");
    }
  }
  return files;
}
