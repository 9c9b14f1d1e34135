import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The project's folder. */
export const projectRoot = join(import.meta.dirname, "../..");

/** The text of a file, by its path in the project. */
export const textOf = (path: string): string => readFileSync(join(projectRoot, path), "utf8");

/** The paths of all files below a folder of the project, sorted. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(projectRoot.length + 1))
    .sort();
}

/** What people write and read: sources, contracts and documents, without what is generated or installed. */
export function writtenFiles(): string[] {
  const atRoot = readdirSync(projectRoot, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "package-lock.json")
    .map((entry) => entry.name);
  const folders = ["src", "test", "scripts", "bench", "proto", "docs", ".ci"];
  const clients = filesBelow("gen/typescript").filter((path) => !generated.test(path));
  return [...atRoot, ...folders.flatMap(filesBelow), ...clients].filter((path) =>
    textual.test(path),
  );
}

/** The documents. */
export const documents = (): string[] => writtenFiles().filter((path) => path.endsWith(".md"));

const generated = /^gen\/typescript\/(src|dist)\//;
const textual = /(\.(ts|cjs|json|jsonc|yaml|md|proto)|\.ci\/run|\.npmrc|\.nvmrc|\.gitignore)$/;
