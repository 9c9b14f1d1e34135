import type { Boundary } from "./analytics-store.ts";

/** How a value comes about: at once, and evenly over a while. */
export interface Accrual {
  /** At `jumpAt`, this much. */
  readonly jumpAt: number;
  readonly jump: number;
  /** From `from` to `to`, this much evenly; nothing where they are equal. */
  readonly from: number;
  readonly to: number;
  readonly evenly: number;
}

/** A `DssVest`: evenly from start to end, of which nothing shows before the cliff, where what has accrued comes at once. */
export function vesting(
  value: number,
  start: number,
  { end, cliff = start }: { readonly end: number; readonly cliff?: number | undefined },
): Accrual {
  const held = Math.max(start, cliff);
  if (held >= end) return { jumpAt: held, jump: value, from: held, to: held, evenly: 0 };
  const jump = value * ((held - start) / (end - start));
  return { jumpAt: held, jump, from: held, to: end, evenly: value - jump };
}

/** In which period of rising boundaries an instant lies: -1 before the first, the number of periods after the last. */
export function periodOf(boundaries: Float64Array, at: number, boundary: Boundary): number {
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = boundaries[middle] as number;
    if (there < at || (there === at && boundary === "right_open")) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Adds what comes about in each period; answers what came about before the first. */
export function accrue(
  { jumpAt, jump, from, to, evenly }: Accrual,
  { boundaries, boundary }: { readonly boundaries: Float64Array; readonly boundary: Boundary },
  add: (period: number, amount: number) => void,
): number {
  const periods = boundaries.length - 1;
  const first = boundaries[0] as number;
  let base = 0;
  const at = periodOf(boundaries, jumpAt, boundary);
  if (at < 0) base += jump;
  else if (at < periods) add(at, jump);
  if (to === from) return base;
  const shareOf = (since: number, until: number): number =>
    evenly * ((until - since) / (to - from));
  if (from < first) base += shareOf(from, Math.min(to, first));
  for (
    let period = Math.max(0, periodOf(boundaries, from, "right_open"));
    period < periods;
    period++
  ) {
    const since = Math.max(from, boundaries[period] as number);
    const until = Math.min(to, boundaries[period + 1] as number);
    if (until <= since) break;
    add(period, shareOf(since, until));
  }
  return base;
}
