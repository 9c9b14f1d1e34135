import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

/** Programs that ours are compared with: packages of npm that are no dependencies of ours, each with its version. */
export interface PeerPackages {
  /** Of the folder that they are installed in. */
  readonly name: string;
  readonly packages: Readonly<Record<string, string>>;
}

/** Installs them where git and the linter do not look, unless they are there; answers the folder. */
export async function installPeer({ name, packages }: PeerPackages): Promise<string> {
  const folder = join(peersFolder, name);
  const manifest = join(folder, "package.json");
  const missing = Object.entries(packages).filter(
    ([one, version]) => installedVersion(folder, one) !== version,
  );
  if (missing.length === 0) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(manifest, JSON.stringify({ private: true }));
  // From a file of its own folder a package is found as its users find it.
  writeFileSync(join(folder, loader), "export const load = (name) => import(name);\n");
  const named = Object.entries(packages).map(([one, version]) => `${one}@${version}`);
  await promisify(execFile)(
    "npm",
    ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...named],
    { cwd: folder, timeout: installMs },
  );
  return folder;
}

/** A package out of such a folder. */
export async function importPeer<T>(folder: string, name: string): Promise<T> {
  const { load } = (await import(pathToFileURL(join(folder, loader)).href)) as {
    load(name: string): Promise<unknown>;
  };
  return (await load(name)) as T;
}

function installedVersion(folder: string, name: string): string | undefined {
  const manifest = join(folder, "node_modules", name, "package.json");
  if (!existsSync(manifest)) return undefined;
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  return version;
}

const peersFolder = join(dirname(dirname(import.meta.dirname)), ".bench-peers");
const loader = "load.mjs";
const installMs = 300_000;
