import type { RollupParts } from "../series.ts";
import { type Row, rankOfRollups, singlePart } from "./row.ts";

/** A rollup while it is made: of the rows of a source and cell that begin in one period. Rows come by start and id. */
export class RollupPlace {
  readonly source: number;
  readonly cell: number;
  /** The rollups among its rows, by id. */
  readonly rollups: number[] = [];
  /** Whether any of its rows goes by itself. */
  isGoing = false;
  #rows = 0;
  #start = 0;
  #value = 0;
  #count = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #first = { start: Number.POSITIVE_INFINITY, rank: 0, value: 0 };
  #last = 0;
  /** When the last one begins that is no rollup, and when that begins that is one. */
  #lastStart = Number.NaN;
  #lastRollupStart = Number.NaN;

  constructor(source: number, cell: number) {
    this.source = source;
    this.cell = cell;
  }

  /** A rollup alone stays what it is. */
  get isNew(): boolean {
    return this.isGoing && !(this.#rows === 1 && this.rollups.length === 1);
  }

  add({ id, start, value, extra }: Row, isRollup: boolean): void {
    const parts = extra?.parts ?? singlePart(start, value);
    if (isRollup) this.rollups.push(id);
    this.#rows++;
    this.#start = start;
    this.#value += value;
    this.#count += parts.count;
    this.#min = Math.min(this.#min, parts.min);
    this.#max = Math.max(this.#max, parts.max);
    this.#addFirst(parts, isRollup ? rankOfRollups : id);
    if (isRollup) this.#addLastOf(parts, start);
    else {
      this.#last = value;
      this.#lastStart = start;
    }
  }

  /** Of what begins at one instant rollups come first: they are made of what was before those that were kept. Among them it goes by value, as nobody knows more. */
  #addFirst({ firstStart: start, first: value }: RollupParts, rank: number): void {
    const { start: first, rank: firstRank, value: held } = this.#first;
    if (start > first || (start === first && rank > firstRank)) return;
    const isTied = start === first && rank === firstRank;
    this.#first = { start, rank, value: isTied ? Math.min(held, value) : value };
  }

  #addLastOf({ last }: RollupParts, start: number): void {
    if (start === this.#lastStart) return;
    this.#last = start === this.#lastRollupStart ? Math.max(this.#last, last) : last;
    this.#lastRollupStart = start;
  }

  /** The rollup as a row of that id. */
  row(id: number): Row {
    const { source, cell } = this;
    const row = { id, source, cell, start: this.#start, value: this.#value, isRollup: true };
    return this.#count === 1 ? row : { ...row, extra: { parts: this.#parts } };
  }

  get #parts(): RollupParts {
    return {
      count: this.#count,
      firstStart: this.#first.start,
      min: this.#min,
      max: this.#max,
      first: this.#first.value,
      last: this.#last,
    };
  }
}
