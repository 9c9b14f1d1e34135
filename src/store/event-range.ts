import { contains, intersection, type Range } from "./key.ts";
import type { StoreEvent } from "./store.ts";

/** Whether the event changed something in the range. */
export function isIn(range: Range, event: StoreEvent): boolean {
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
