import { TiffinError } from "../../errors.ts";

/**
 * How the memory is shared out. Records and history together stay below all but a reserve, which is for what
 * open snapshots hold and for a commit that is under way. The history takes what the records leave it, and
 * gives way to them down to a floor, so that watches of a full store still have something to continue from.
 */
export class Ceiling {
  readonly bytesMax: number;
  readonly #forBoth: number;
  readonly #historyMax: number;
  readonly #historyFloor: number;
  readonly #forDeletions: number;

  constructor(bytesMax: number, historyBytes: number) {
    this.bytesMax = bytesMax;
    this.#forBoth = Math.floor(bytesMax * (1 - reservedShare));
    this.#historyMax = historyBytes;
    this.#historyFloor = Math.min(historyBytes, Math.floor(bytesMax * historyFloorShare));
    this.#forDeletions = Math.floor(bytesMax * deletionShare);
  }

  /**
   * How many bytes are missing to have records of that cost and number; none when they fit. A commit that deletes may
   * take from the reserve: what it writes beside, such as the memory of its request, must not stop it.
   */
  missing(cost: number, records: number, deletes = false): number {
    const extra = deletes ? this.#forDeletions : 0;
    const bytes = cost - (this.#forBoth - this.#historyFloor + extra);
    // Past the number, one record must go for each: any positive answer makes that happen.
    return Math.max(0, bytes, records - recordsMax);
  }

  /** What the history may cost beside records of that cost. */
  historyRoom(recordCost: number): number {
    return Math.min(this.#historyMax, Math.max(this.#historyFloor, this.#forBoth - recordCost));
  }
}

export const storeFull = (bytesMax: number): TiffinError =>
  new TiffinError(
    "store_full",
    `the store is full: TIFFIN_MEMORY_MAX_BYTES is ${bytesMax}; delete something, raise it, or let the store evict`,
    { metadata: { limit: "TIFFIN_MEMORY_MAX_BYTES", max: String(bytesMax) } },
  );

/** Kept free of records and history. */
const reservedShare = 0.02;
/** What commits that delete may take of that. */
const deletionShare = reservedShare / 2;
/** What the history keeps in a full store. */
const historyFloorShare = 1 / 64;
/** A Map ends at 2^24 entries, by throwing. */
const recordsMax = 16_000_000;
