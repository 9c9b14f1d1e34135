import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { damaged } from "./sqlite-errors.ts";
import { readPosition, type StorePosition } from "./store-position.ts";

/** What can be seen at once of whether the file is whole. Reading all of it takes as long as it is large, and is what `check` is for. */
export function checkOpened(database: DatabaseSync, path: string): StorePosition {
  const position = readPosition(database);
  if (position === undefined) throw damaged(path, "it does not say where the store stands");
  const latest = database
    .prepare(
      "SELECT revision, first_change + changes - 1 AS change FROM commits ORDER BY revision DESC LIMIT 1",
    )
    .get() as { revision: number; change: number } | undefined;
  if (latest !== undefined && latest.revision !== position.head) {
    throw damaged(
      path,
      `it stands at ${position.head}, and its latest commit is ${latest.revision}`,
    );
  }
  if (latest !== undefined && latest.change !== position.lastChange) {
    throw damaged(path, "its history does not end with its latest commit");
  }
  if (statSync(path).size <= bytesCheckedWhole) {
    const [first] = database.prepare("PRAGMA quick_check(1)").all();
    const found = String(Object.values(first ?? {})[0]);
    if (found !== "ok") throw damaged(path, found);
  }
  return position;
}

/** A file up to this size is read whole at every start: some 30 ms. */
const bytesCheckedWhole = 16 * 1024 * 1024;
