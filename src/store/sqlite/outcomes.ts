import type { Committed, Revision } from "../store.ts";
import type { Reader } from "./reader.ts";
import { outcomesKept } from "./trimming.ts";

/** What became of commits, by id. Seldom asked, and then for a whole batch at once: so they are read once for each head. */
export class Outcomes {
  #head: Revision | undefined;
  readonly #byId = new Map<string, Committed>();

  /** To be called within one moment. */
  find(reader: Reader, id: string): Committed | undefined {
    const { head } = reader.position();
    if (head !== this.#head) {
      this.#byId.clear();
      for (const row of reader.statements.latestCommits.all(outcomesKept)) {
        const { id: known, revision, rangeDeleted } = row as unknown as Committed & { id: string };
        this.#byId.set(known, { revision, rangeDeleted });
      }
      this.#head = head;
    }
    return this.#byId.get(id);
  }
}
