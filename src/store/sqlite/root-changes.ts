import { type Key, lengthOfParts } from "../key.ts";
import type { SpaceRules } from "./space-rules.ts";
import type { StorePosition } from "./store-position.ts";
import { toBlob } from "./wire.ts";
import type { WriterStatements } from "./writer-statements.ts";

/** What a transaction changes of the statistics: added up, and written once however many commits share it. */
export class RootChanges {
  readonly #rules: SpaceRules;
  readonly #byRoot = new Map<string, { records: number; bytes: number }>();

  constructor(rules: SpaceRules) {
    this.#rules = rules;
  }

  add(record: Key, records: number, bytes: number): void {
    const root = record.slice(0, lengthOfParts(record, this.#rules.of(record).rootParts));
    const changed = this.#byRoot.get(root);
    if (changed === undefined) this.#byRoot.set(root, { records, bytes });
    else {
      changed.records += records;
      changed.bytes += bytes;
    }
  }

  addAll(others: RootChanges): void {
    for (const [root, { records, bytes }] of others.#byRoot) {
      this.add(root as Key, records, bytes);
    }
  }

  write(statements: WriterStatements, position: StorePosition): void {
    for (const [root, { records, bytes }] of this.#byRoot) {
      if (records === 0 && bytes === 0) continue;
      const blob = toBlob(root as Key);
      statements.addToRoot.run(blob, records, bytes);
      if (records < 0) statements.removeEmptyRoot.run(blob);
      position.records += records;
      position.bytes += bytes;
    }
  }
}
