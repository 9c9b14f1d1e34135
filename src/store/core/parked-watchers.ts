import { contains, intersection, only, type Range } from "../key.ts";
import type { StoreEvent } from "../store.ts";
import type { Watcher } from "./watcher.ts";

/** Those who wait for the same. */
interface Group {
  readonly range: Range;
  readonly watchers: Set<Watcher>;
}

/**
 * The watches that wait, by what they wait for. Most ranges are of one key, and are found by it; many watch one and
 * the same of the others. So a commit does not cost a comparison for each of ten thousand watches.
 */
export class ParkedWatchers {
  readonly #all = new Set<Watcher>();
  readonly #ofOneKey = new Map<string, Group>();
  readonly #ofMany = new Map<string, Group>();

  add(watcher: Watcher): void {
    this.#all.add(watcher);
    for (const range of watcher.ranges) {
      const { groups, name } = this.#placeOf(range);
      const group = groups.get(name);
      if (group === undefined) groups.set(name, { range, watchers: new Set([watcher]) });
      else group.watchers.add(watcher);
    }
  }

  delete(watcher: Watcher): void {
    if (!this.#all.delete(watcher)) return;
    for (const range of watcher.ranges) {
      const { groups, name } = this.#placeOf(range);
      const watchers = groups.get(name)?.watchers;
      watchers?.delete(watcher);
      if (watchers?.size === 0) groups.delete(name);
    }
  }

  /** Nobody waits any more. */
  takeAll(): Watcher[] {
    const all = [...this.#all];
    this.#all.clear();
    this.#ofOneKey.clear();
    this.#ofMany.clear();
    return all;
  }

  /** Those with one of the events in their ranges. */
  concernedBy(events: readonly StoreEvent[]): ReadonlySet<Watcher> {
    const found = new Set<Watcher>();
    if (this.#all.size === 0) return found;
    for (const event of events) {
      for (const { watchers } of this.#groupsOf(event)) {
        for (const watcher of watchers) found.add(watcher);
      }
    }
    return found;
  }

  #groupsOf(event: StoreEvent): Group[] {
    if (event.type === "rangeDeleted") return this.#groupsIn(event.range);
    const key = event.type === "put" ? event.entry.key : event.key;
    const found: Group[] = [];
    const group = this.#ofOneKey.get(key);
    if (group !== undefined) found.push(group);
    for (const wide of this.#ofMany.values()) if (contains(wide.range, key)) found.push(wide);
    return found;
  }

  #groupsIn(deleted: Range): Group[] {
    const groups = [...this.#ofOneKey.values(), ...this.#ofMany.values()];
    return groups.filter(({ range }) => intersection(range, deleted) !== undefined);
  }

  #placeOf(range: Range): { groups: Map<string, Group>; name: string } {
    const { start, end } = range;
    return end === only(start).end
      ? { groups: this.#ofOneKey, name: start }
      : { groups: this.#ofMany, name: `${start}${betweenKeys}${end}` };
  }
}

/** In no key: their chars are bytes. */
const betweenKeys = "\u0100";
