import { contains, intersection, type Range } from "../key.ts";
import type { StoreEvent } from "../store.ts";

/** Those of a commit's events that are in the ranges, a range deletion cut to what is watched; in the commit's order. */
export function concernedEvents(
  ranges: readonly Range[],
  events: readonly StoreEvent[],
): StoreEvent[] {
  const found: StoreEvent[] = [];
  for (const event of events) {
    for (const range of ranges) {
      if (!touches(range, event)) continue;
      found.push(
        event.type === "rangeDeleted"
          ? { ...event, range: intersection(event.range, range) ?? range }
          : event,
      );
    }
  }
  return found;
}

function touches(range: Range, event: StoreEvent): boolean {
  switch (event.type) {
    case "put":
      return contains(range, event.entry.key);
    case "rangeDeleted":
      return intersection(range, event.range) !== undefined;
    case "deleted":
    case "expired":
    case "evicted":
      return contains(range, event.key);
  }
}
