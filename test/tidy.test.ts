/** The house rules that no linter knows. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { AdminService } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import { AnalyticsService } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { SessionService } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { TenantService } from "#gen/tiffin/tenant/v1/tenant_service_pb.ts";
import { errorTable } from "../src/rpc/errors.ts";
import { filesBelow, projectRoot, textOf, writtenFiles } from "./support/project-files.ts";

const sources = ["src", "gen/typescript/lib"]
  .flatMap(filesBelow)
  .filter((path) => path.endsWith(".ts"));
const programs = writtenFiles().filter((path) => /\.(ts|cjs)$/.test(path));
/** This file names what it bans. */
const written = writtenFiles().filter((path) => path !== "test/tidy.test.ts");

describe("files", () => {
  test("no source is longer than 300 lines", () => {
    expect(sources.filter((path) => textOf(path).split("\n").length > 301)).toEqual([]);
  });

  test("every file is named after what is in it", () => {
    const nameless = /^(utils?|helpers?|common|misc|shared|types|index|constants)\./;
    expect(programs.filter((path) => nameless.test(basename(path)))).toEqual([]);
  });

  test("the environment is read in src/main.ts and nowhere else in the sources", () => {
    const reading = /process\.env\b|\{[^}]*\benv\b[^}]*\} (= process\b|from "node:process")/;
    const readers = sources.filter(
      (path) => !path.endsWith(".test.ts") && reading.test(textOf(path)),
    );
    expect(readers).toEqual(["src/main.ts"]);
  });

  test("every exported class says what it is", () => {
    expect(sources.flatMap(undocumentedClasses)).toEqual([]);
  });
});

describe("engines", () => {
  const notEngines = ["core", "decorators", "layers"];
  const engines = readdirSync(join(projectRoot, "src/store"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !notEngines.includes(entry.name))
    .map((entry) => entry.name);

  test("there is one", () => {
    expect(engines).toContain("memory");
  });

  for (const engine of engines) {
    test(`${engine} has the files that every engine has`, () => {
      const expected = [`${engine}-engine.ts`, "README.md"];
      const missing = expected.filter(
        (name) => !existsSync(join(projectRoot, "src/store", engine, name)),
      );
      expect(missing).toEqual([]);
    });
  }
});

describe("words", () => {
  test("nothing is left to be done later without a number to find it by", () => {
    expect(linesWith(/\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))/)).toEqual([]);
  });

  test("no test is run alone, and none is skipped without a reason", () => {
    expect(
      linesWith(/\.only\b|\b(test|it|describe)\.(skip|todo)\b(?!.*reason)|\.skip\(\s*\)/),
    ).toEqual([]);
  });

  test("no word stands where a plainer one would do", () => {
    const plainer: Record<string, string> = {
      "blacklist|whitelist": "refused, allowed",
      "utili[sz]e[sd]?": "use",
      "leverag\\w+": "use",
      "seamless\\w*|blazing\\w*|world-class|cutting-edge|state-of-the-art": "a figure",
      "robust|powerful": "what it withstands, what it can do",
      "sanity check": "check",
    };
    for (const [words, instead] of Object.entries(plainer)) {
      expect(linesWith(new RegExp(`\\b(${words})\\b`, "i")), `better: ${instead}`).toEqual([]);
    }
  });

  test("nothing names a folder of somebody's machine or the host of a registry", () => {
    expect(linesWith(/(^|[\s"'`(=])\/(root|home|work|Users)\//)).toEqual([]);
    expect(linesWith(/https?:\/\/[^\s"'`)]*(registry|npmjs|artifactory|nexus)/i)).toEqual([]);
  });
});

describe("packages", () => {
  const manifest = JSON.parse(textOf("package.json")) as Record<string, Record<string, string>>;
  const kinds = ["dependencies", "devDependencies", "optionalDependencies"];
  const versions = kinds.flatMap((kind) => Object.entries(manifest[kind] ?? {}));
  const lock = JSON.parse(textOf("package-lock.json")) as {
    readonly packages: Record<string, Record<string, unknown>>;
  };

  test("every dependency is pinned to one version", () => {
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  test("docs/dependencies.md says why of each dependency, and of no other", () => {
    const rows = textOf("docs/dependencies.md").matchAll(/^\| ((?:`[^`]+`(?:, )?)+) \|/gm);
    const listed = [...rows].flatMap(([, names = ""]) => names.replaceAll("`", "").split(", "));
    expect(listed.sort()).toEqual(versions.map(([name]) => name).sort());
  });

  test("the lock is of this manifest, and holds integrity but no place to download from", () => {
    for (const kind of kinds) expect(lock.packages[""]?.[kind], kind).toEqual(manifest[kind]);
    const installed = Object.entries(lock.packages).filter(([path]) => path !== "");
    expect(installed.filter(([, one]) => one["integrity"] === undefined)).toEqual([]);
    expect(installed.filter(([, one]) => one["resolved"] !== undefined)).toEqual([]);
  });
});

describe("the contract", () => {
  /** How the contract tests call the clients. */
  const clients = {
    kv: KeyValueService,
    sessions: SessionService,
    tenants: TenantService,
    admin: AdminService,
    analytics: AnalyticsService,
  };
  const calls = filesBelow("test/contracts")
    .filter((path) => basename(path).startsWith("rpc-"))
    .map(textOf)
    .join("\n");

  for (const [client, service] of Object.entries(clients)) {
    test(`every method of ${service.name} is called by the RPC contract tests`, () => {
      const uncalled = service.methods.filter(
        ({ localName }) => !new RegExp(`\\b${client}\\.${localName}\\(`).test(calls),
      );
      expect(uncalled.map((method) => method.name)).toEqual([]);
    });
  }

  test("every error reason is in docs/errors.md", () => {
    const page = textOf("docs/errors.md");
    const reasons = Object.values(errorTable).map(({ reason }) => reason);
    expect(reasons.filter((reason) => !page.includes(`| \`${reason}\` |`))).toEqual([]);
  });
});

test("every variable of the tests is in CONTRIBUTING.md, and every other in docs/configuration.md", () => {
  // Tests misspell some on purpose.
  const named = written.flatMap((path) => {
    const own = path.endsWith(".test.ts") ? /\bTIFFIN_TEST_[A-Z]+\b/g : /\bTIFFIN_[A-Z_]*[A-Z]\b/g;
    return textOf(path).match(own) ?? [];
  });
  const guide = textOf("CONTRIBUTING.md");
  const page = textOf("docs/configuration.md");
  const unknown = [...new Set(named)].filter(
    (name) => !(name.startsWith("TIFFIN_TEST_") ? guide : page).includes(`\`${name}\``),
  );
  expect(unknown).toEqual([]);
});

/** `path:line` of every written line that matches. */
function linesWith(pattern: RegExp): string[] {
  return written.flatMap((path) =>
    textOf(path)
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
  );
}

function undocumentedClasses(path: string): string[] {
  const lines = textOf(path).split("\n");
  return lines.flatMap((line, index) => {
    const name = /^export (?:abstract )?class (\w+)/.exec(line)?.[1];
    return name === undefined || lines[index - 1]?.endsWith("*/") ? [] : [`${path}: ${name}`];
  });
}
