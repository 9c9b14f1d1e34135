import { child, type Key, key, lengthOfParts, within } from "../store/key.ts";
import type { Numbered } from "../store/layers/directory.ts";
import type { Movable, Space } from "../store/space.ts";
import type { Tx } from "../store/store.ts";
import type { AdminRoom } from "./admin-room.ts";
import { movableOf } from "./export-records.ts";

/** A name that stands for a number in a tenant. */
export interface StagedName {
  readonly space: Space<unknown>;
  readonly record: Movable<unknown>;
}

/** What the staged tenant's numbers are called. */
export async function stagedNames(
  { store, spaces }: AdminRoom,
  number: number,
): Promise<Map<number, StagedName>> {
  const names = new Map<number, StagedName>();
  for (const space of spaces.filter(({ merging }) => merging === "directory")) {
    let after: Key | undefined;
    do {
      const range = within(key(number, space.name));
      const page = await store.page(range, { limit: 1000, ...(after && { after }) });
      for (const { key: whole, value } of page.entries) {
        const inTenant = whole.slice(lengthOfParts(whole, 1)) as Key;
        const record = movableOf({ key: inTenant, value });
        names.set((value as Numbered).number, { space, record });
      }
      after = page.next;
    } while (after !== undefined);
  }
  return names;
}

/** Within one commit: the numbers that the same names have in the tenant merged into. A name that is not there is made. */
export class MergedNumbers {
  readonly #tx: Tx;
  readonly #live: number;
  readonly #names: ReadonlyMap<number, StagedName>;
  readonly #known = new Map<number, number | undefined>();

  constructor(tx: Tx, live: number, names: ReadonlyMap<number, StagedName>) {
    this.#tx = tx;
    this.#live = live;
    this.#names = names;
  }

  /** Undefined for what no name leads to: nobody could read it there either. */
  async replaceIn(
    space: Space<unknown>,
    record: Movable<unknown>,
  ): Promise<Movable<unknown> | undefined> {
    if (space.renumbered === undefined) return record;
    const held: number[] = [];
    space.renumbered(record, (number) => {
      held.push(number);
      return number;
    });
    for (const number of held) {
      if (!this.#known.has(number)) this.#known.set(number, await this.#find(number));
      if (this.#known.get(number) === undefined) return undefined;
    }
    return space.renumbered(record, (number) => this.#known.get(number) as number);
  }

  async #find(number: number): Promise<number | undefined> {
    const name = this.#names.get(number);
    if (name === undefined) return undefined;
    const { space, record } = name;
    const target = record.parts.reduce<Key>(child, key(this.#live, space.name));
    const there = await this.#tx.get<Numbered>(target);
    if (there !== undefined) return there.value.number;
    const fresh = await this.#tx.nextNumber();
    const made = space.renumbered?.(record, () => fresh) ?? record;
    this.#tx.put(target, made.value, "none");
    return fresh;
  }
}
