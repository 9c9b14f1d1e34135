import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";

/** What some tests need beyond npm: commands, where `TIFFIN_TEST_REQUIRE` names them, must be there. */
export type Need = "go" | "grpcurl" | "curl" | "h2load" | "script" | "strace" | "postgres";

/**
 * A test that needs commands which a machine may lack. Missing, it is skipped by name with the reason; if
 * `TIFFIN_TEST_REQUIRE` (comma-separated; `all`) names one that is missing, it fails instead.
 */
export function testNeeding(
  needs: readonly Need[],
  title: string,
  run: () => void | Promise<void>,
): void {
  const missing = needs.filter((need) => commandFor(need) === undefined);
  if (missing.length === 0) {
    test(title, run);
    return;
  }
  const reason = `${missing.join(" and ")} not found on this machine`;
  const demanded = missing.filter((need) => required.has(need) || required.has("all"));
  if (demanded.length === 0) {
    test(title, (context) => context.skip(reason));
    return;
  }
  test(title, () => {
    throw new Error(`TIFFIN_TEST_REQUIRE demands ${demanded.join(" and ")}: ${reason}`);
  });
}

/** The path of a command, on the PATH or where `go install` or Debian put it; undefined when there is none. */
export function commandFor(need: Need): string | undefined {
  const found = spawnSync("sh", ["-c", `command -v ${need}`], { encoding: "utf8" });
  if (found.status === 0) return found.stdout.trim();
  const folders = [
    join(process.env["GOPATH"] ?? join(homedir(), "go"), "bin"),
    ...postgresFolders(),
  ];
  return folders.map((folder) => join(folder, need)).find((path) => existsSync(path));
}

/** Debian keeps a server's programs off the PATH, by version; the newest first. */
function postgresFolders(): string[] {
  if (!existsSync(debianPostgres)) return [];
  const versions = readdirSync(debianPostgres).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(debianPostgres, version, "bin"));
}

const debianPostgres = "/usr/lib/postgresql";

const required = new Set((process.env["TIFFIN_TEST_REQUIRE"] ?? "").split(",").filter(Boolean));
