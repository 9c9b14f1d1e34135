import type { SourceChange } from "../analytics-store.ts";
import type { Row } from "./row.ts";

/** What a commit does to each source, gathered row by row, in the order of first change. */
export class ChangeTally {
  readonly #sources = new Map<
    number,
    { -readonly [Field in keyof SourceChange]: SourceChange[Field] }
  >();
  readonly #nameOf: (source: number) => string;

  constructor(nameOf: (source: number) => string) {
    this.#nameOf = nameOf;
  }

  count({ source, start }: Pick<Row, "source" | "start">, of: "added" | "deleted"): void {
    let change = this.#sources.get(source);
    if (change === undefined) {
      change = {
        source: this.#nameOf(source),
        added: 0,
        deleted: 0,
        firstStart: start,
        lastStart: start,
      };
      this.#sources.set(source, change);
    }
    change[of]++;
    if (start < change.firstStart) change.firstStart = start;
    if (start > change.lastStart) change.lastStart = start;
  }

  get changes(): SourceChange[] {
    return [...this.#sources.values()];
  }
}
