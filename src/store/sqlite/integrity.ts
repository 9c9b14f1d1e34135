import { DatabaseSync } from "node:sqlite";
import { type Key, lengthOfParts, partsOf } from "../key.ts";
import { describeStatistics, statisticsDifferences } from "../statistics-differences.ts";
import type { Statistics } from "../store.ts";
import { SpaceRules } from "./space-rules.ts";
import { problemOf } from "./sqlite-errors.ts";
import { readPosition, type StorePosition } from "./store-position.ts";
import { checksumOf, fromBlob, type SpaceRule, type StoredRow } from "./wire.ts";

export interface IntegrityOptions {
  readonly path: string;
  readonly spaces: readonly SpaceRule[];
}

interface CheckedRow extends Omit<StoredRow, "expireAt"> {
  readonly key: Uint8Array;
  readonly checksum: number;
}

/** Reads everything, at one moment, and holds it against what is kept about it. One sentence for each thing that is wrong. */
export function findProblems({ path, spaces }: IntegrityOptions): string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    database.exec("BEGIN");
    const structure = database
      .prepare(`PRAGMA integrity_check(${problemsMax})`)
      .all()
      .map((row) => String(Object.values(row)[0]));
    if (structure.join() !== "ok") return structure.map((found) => `${path} is damaged: ${found}`);
    const position = readPosition(database);
    if (position === undefined) return [`${path} does not say where the store stands`];
    return [
      ...statisticsProblems(database, new SpaceRules(spaces), position),
      ...historyProblems(database, position),
    ];
  } catch (error) {
    if (problemOf(error) === undefined) throw error;
    return [`${path} cannot be read to its end: ${(error as Error).message}`];
  } finally {
    database.close();
  }
}

function statisticsProblems(
  database: DatabaseSync,
  rules: SpaceRules,
  position: StorePosition,
): string[] {
  const problems: string[] = [];
  const counted = countRoots(database, rules, problems);
  const kept = new Map<Key, Statistics>();
  for (const row of database.prepare("SELECT root, records, bytes FROM roots").iterate()) {
    const { root, records, bytes } = row as unknown as Statistics & { root: Uint8Array };
    kept.set(fromBlob(root), { records, bytes });
  }
  problems.push(...statisticsDifferences(kept, counted));
  const all = total(counted);
  if (all.records !== position.records || all.bytes !== position.bytes) {
    problems.push(
      `the statistics say ${describeStatistics(position)} in all, and there are ${describeStatistics(all)}`,
    );
  }
  return problems.slice(0, problemsMax);
}

/** Counts what is there, and notes what is not as it was written. */
function countRoots(
  database: DatabaseSync,
  rules: SpaceRules,
  problems: string[],
): Map<Key, Statistics> {
  const counted = new Map<Key, { records: number; bytes: number }>();
  for (const row of database.prepare(checked).iterate()) {
    const record = row as unknown as CheckedRow;
    const key = fromBlob(record.key);
    const bytes = record.key.length + record.value.length;
    if (checksumOf(record.key, record) !== record.checksum && problems.length < problemsMax) {
      problems.push(`the record ${JSON.stringify(partsOf(key))} is not as it was written`);
    }
    const root = key.slice(0, lengthOfParts(key, rules.of(key).rootParts)) as Key;
    const sums = counted.get(root) ?? { records: 0, bytes: 0 };
    counted.set(root, { records: sums.records + 1, bytes: sums.bytes + bytes });
  }
  return counted;
}

function historyProblems(database: DatabaseSync, position: StorePosition): string[] {
  const one = (text: string, ...values: number[]): number =>
    Number(Object.values(database.prepare(text).get(...values) ?? {})[0] ?? 0);
  const problems: string[] = [];
  const latest = one("SELECT max(revision) FROM commits");
  if (latest !== 0 && latest !== position.head) {
    problems.push(`the store stands at ${position.head}, and its latest commit is ${latest}`);
  }
  const bytes = one("SELECT sum(bytes) FROM commits WHERE revision > ?", position.floor);
  if (bytes !== position.historyBytes) {
    problems.push(`the history is said to take ${position.historyBytes} bytes, and takes ${bytes}`);
  }
  const changes = one("SELECT sum(changes) FROM commits WHERE revision > ?", position.floor);
  const rows = one("SELECT count(*) FROM changes");
  if (changes !== rows) problems.push(`the commits have ${changes} changes, and there are ${rows}`);
  const ahead = one("SELECT count(*) FROM records WHERE version > ?", position.head);
  if (ahead > 0) problems.push(`${ahead} records have versions that no commit has had`);
  return problems;
}

function total(counted: ReadonlyMap<Key, Statistics>): Statistics {
  let records = 0;
  let bytes = 0;
  for (const root of counted.values()) {
    records += root.records;
    bytes += root.bytes;
  }
  return { records, bytes };
}

const checked = "SELECT key, value, version, created, checksum FROM records";

/** More of them would tell nobody more. */
const problemsMax = 100;
