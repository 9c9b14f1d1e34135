import { isIn } from "../event-range.ts";
import { intersection, type Range } from "../key.ts";
import type { StoreEvent } from "../store.ts";

/** Those of a commit's events that are in the ranges, which do not overlap; a range deletion cut to each of them. In the commit's order. */
export function concernedEvents(
  ranges: readonly Range[],
  events: readonly StoreEvent[],
): StoreEvent[] {
  const found: StoreEvent[] = [];
  for (const event of events) {
    for (const range of ranges) {
      if (!isIn(range, event)) continue;
      found.push(
        event.type === "rangeDeleted"
          ? { ...event, range: intersection(event.range, range) ?? range }
          : event,
      );
    }
  }
  return found;
}
