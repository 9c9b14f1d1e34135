import { TiffinError } from "../../errors.ts";
import type {
  ChangePage,
  Changes,
  CommitChanges,
  SeriesRevision,
  SourceChange,
} from "../analytics-store.ts";

interface Remembered extends CommitChanges {
  readonly at: number;
}

/** The latest commits of a tenant, oldest first. */
export class ChangeHistory {
  #commits: Remembered[] = [];
  /** Where the oldest remembered commit is; those before it are forgotten, and cut off now and then. */
  #first = 0;
  #sources = 0;
  /** The revision just before the oldest remembered commit: from here on everything is known. */
  #floor: SeriesRevision;
  #head: SeriesRevision;

  constructor(revision: SeriesRevision) {
    this.#floor = revision;
    this.#head = revision;
  }

  get head(): SeriesRevision {
    return this.#head;
  }

  get bytes(): number {
    return (this.#commits.length - this.#first) * bytesPerCommit + this.#sources * bytesPerSource;
  }

  push(revision: SeriesRevision, sources: readonly SourceChange[], at: number): void {
    this.#commits.push({ revision, sources, at });
    this.#sources += sources.length;
    this.#head = revision;
    this.#forgetOld(at);
  }

  after({ after, limit }: ChangePage, now: number): Changes {
    this.#forgetOld(now);
    if (after === undefined) return { commits: [], head: this.#head };
    if (after < this.#floor || after > this.#head) throw gone(this.#floor, after);
    const from = this.#firstAfter(after);
    const found = this.#commits.slice(from, from + limit);
    const last = from + limit < this.#commits.length ? found.at(-1)?.revision : this.#head;
    return {
      commits: found.map(({ revision, sources }) => ({ revision, sources })),
      head: last ?? after,
    };
  }

  #firstAfter(revision: SeriesRevision): number {
    let low = this.#first;
    let high = this.#commits.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#commits[middle] as Remembered).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #forgetOld(now: number): void {
    while (this.#first < this.#commits.length) {
      const oldest = this.#commits[this.#first] as Remembered;
      const isTooMany =
        this.#commits.length - this.#first > commitsMax || this.#sources > sourcesMax;
      if (!isTooMany && now - oldest.at < rememberedMs) break;
      this.#floor = oldest.revision;
      this.#sources -= oldest.sources.length;
      this.#first++;
    }
    if (this.#first < cutOffMin || this.#first * 2 < this.#commits.length) return;
    this.#commits = this.#commits.slice(this.#first);
    this.#first = 0;
  }
}

/** Unix microseconds: what revisions begin at, and keep up with. */
export const revisionAt = (ms: number): SeriesRevision => Math.floor(ms * 1000);

const gone = (oldest: SeriesRevision, after: SeriesRevision): TiffinError =>
  new TiffinError(
    "history_gone",
    `the changes since revision ${after} are not all remembered; the oldest to continue from is ${oldest}`,
    { metadata: { oldest: String(oldest), after: String(after) } },
  );

const commitsMax = 10_000;
/** Of all commits together: a commit may touch many sources. */
const sourcesMax = 200_000;
const rememberedMs = 60 * 60 * 1000;
/** Below this many forgotten commits cutting them off is not worth the copy. */
const cutOffMin = 1024;
/** Estimates. */
const bytesPerCommit = 120;
const bytesPerSource = 80;
