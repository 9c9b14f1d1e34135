import { knownAnalyticsSchemes } from "./analytics-store/open-analytics-store.ts";
import type { Variable } from "./config-variable.ts";
import { variables } from "./config-variables.ts";
import { type Address, isLocal, showAddress } from "./rpc/address.ts";
import { knownSchemes } from "./store/open-store.ts";

type Values = {
  readonly [K in keyof typeof variables]: (typeof variables)[K] extends Variable<infer T>
    ? T
    : never;
};

/** What the process was told, read and checked. */
export interface Config extends Values {
  readonly storeUrl: string;
  readonly analyticsUrl: string;
  readonly authToken: string | undefined;
}

/** Everything that is wrong with the environment, at once. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the configuration is not valid:\n  ${problems.join("\n  ")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

type Env = Readonly<Record<string, string | undefined>>;
const tokenCharactersMin = 16;

/** Reads the environment; `readFile` answers a file's text. Throws a ConfigError that names every problem. */
export function readConfig(env: Env, readFile: (path: string) => string): Config {
  const problems: string[] = unknownNames(env);
  const values = Object.fromEntries(
    Object.entries(variables).map(([field, variable]) => [field, read(env, variable, problems)]),
  ) as unknown as Values;
  const authToken = readToken(values.authTokenFile, readFile, problems);
  const storeUrl = values.storeUrl ?? variables.storeUrl.fallback;
  const analyticsUrl = values.analyticsUrl ?? variables.analyticsUrl.fallback;
  checkScheme({ ...variables.storeUrl, url: storeUrl, known: knownSchemes }, problems);
  checkScheme(
    { ...variables.analyticsUrl, url: analyticsUrl, known: knownAnalyticsSchemes },
    problems,
  );
  checkReach(values, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze({ ...values, storeUrl, analyticsUrl, authToken });
}

/** The settings that differ from their defaults, as one would set them; passwords left out. */
export function shownConfig(env: Env): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const { name, fallback } of Object.values(variables)) {
    const given = env[name];
    if (given !== undefined && given !== fallback) shown[name] = showValue(name, given);
  }
  return shown;
}

function read(env: Env, variable: Variable<unknown>, problems: string[]): unknown {
  const given = env[variable.name]?.trim() || variable.fallback;
  const found = variable.read(given) ?? variable.read(variable.fallback);
  if (variable.read(given) === undefined) {
    problems.push(
      `${variable.name}=${showValue(variable.name, given)}: expected ${variable.expected}`,
    );
  }
  return found?.value;
}

/** A misspelt name would be silently without effect; names for tests are not ours to check. */
function unknownNames(env: Env): string[] {
  const known = new Set(Object.values(variables).map(({ name }) => name));
  return Object.keys(env)
    .filter((name) => name.startsWith("TIFFIN_") && !name.startsWith("TIFFIN_TEST_"))
    .filter((name) => !known.has(name))
    .map((name) => `${name}: there is no such variable`);
}

function readToken(
  path: string | undefined,
  readFile: (path: string) => string,
  problems: string[],
): string | undefined {
  if (path === undefined) return undefined;
  const name = variables.authTokenFile.name;
  let token: string;
  try {
    token = readFile(path).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    problems.push(`${name}=${path}: the file cannot be read (${code ?? "unknown"})`);
    return undefined;
  }
  if (token.length >= tokenCharactersMin && /^[!-~]+$/.test(token)) return token;
  problems.push(`${name}=${path}: expected at least ${tokenCharactersMin} printable characters`);
  return undefined;
}

interface SchemedUrl {
  readonly name: string;
  readonly url: string;
  /** Separated by commas. */
  readonly known: string;
}

function checkScheme({ name, url, known }: SchemedUrl, problems: string[]): void {
  const scheme = url.slice(0, url.indexOf(":") + 1);
  if (scheme === "" || !known.split(", ").includes(scheme)) {
    problems.push(`${name}=${showValue(name, url)}: expected a URL with one of ${known}`);
  } else if (scheme === "memory:" && url !== scheme) {
    problems.push(`${name}=${showValue(name, url)}: expected nothing after memory:`);
  }
}

function checkReach(values: Values, problems: string[]): void {
  if (values.authTokenFile !== undefined || values.allowUnauthenticated) return;
  const { name: token } = variables.authTokenFile;
  const { name: allow } = variables.allowUnauthenticated;
  for (const field of ["grpcAddresses", "httpAddresses"] as const) {
    const open: readonly Address[] = values[field].filter((address) => !isLocal(address));
    for (const address of open) {
      const shown = `${variables[field].name}=${showAddress(address)}`;
      problems.push(`${shown}: others can reach it, so expected ${token}, or ${allow}=true`);
    }
  }
}

/** A URL may hold a password before its host and in its query. */
function showValue(name: string, given: string): string {
  if (name !== variables.storeUrl.name && name !== variables.analyticsUrl.name) return given;
  const withoutQuery = given.split("?", 1)[0] ?? "";
  return withoutQuery.replace(/\/\/[^/@]*@/, "//[redacted]@");
}
