import type {
  ChangePage,
  Changes,
  CommitChanges,
  SeriesRevision,
  SourceChange,
} from "../analytics-store.ts";
import { changesGone } from "../changes-gone.ts";
import { changesMs, commitsMax } from "../remembered-for.ts";

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
    if (after < this.#floor || after > this.#head) throw changesGone(this.#floor, after);
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
      if (!isTooMany && now - oldest.at < changesMs) break;
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

/** Of all commits together: a commit may touch many sources. */
const sourcesMax = 200_000;
/** Below this many forgotten commits cutting them off is not worth the copy. */
const cutOffMin = 1024;
/** Estimates. */
const bytesPerCommit = 120;
const bytesPerSource = 80;

/** What is remembered of a commit to so many sources. */
export const bytesOfCommit = (sources: number): number => bytesPerCommit + sources * bytesPerSource;
