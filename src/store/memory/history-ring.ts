import { isIn } from "../event-range.ts";
import { historyGone } from "../history-gone.ts";
import type { Range } from "../key.ts";
import type { CommitEvents, Revision } from "../store.ts";

/** The latest commits, oldest first, with what each costs. A commit without events stands in it too: its revision was issued. */
export class HistoryRing {
  #commits: CommitEvents[] = [];
  #costs: number[] = [];
  /** Where the oldest kept commit is; those before it are forgotten, and cut off now and then. */
  #first = 0;
  #bytes = 0;
  #head: Revision;
  /** The revision just before the oldest kept commit: from here on everything is known. */
  #floor: Revision;

  constructor(head: Revision) {
    this.#head = head;
    this.#floor = head;
  }

  get head(): Revision {
    return this.#head;
  }

  get floor(): Revision {
    return this.#floor;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(commit: CommitEvents, cost: number): void {
    this.#commits.push(commit);
    this.#costs.push(cost);
    this.#bytes += cost;
    this.#head = commit.revision;
  }

  /** Forgets the oldest commits until the rest costs so much at most. */
  trimToBytes(bytes: number): void {
    while (this.#bytes > bytes && this.#first < this.#commits.length) this.#forgetOldest();
    this.#cutOff();
  }

  /** Forgets the commits before that revision. */
  trimToRevision(oldest: Revision): void {
    while ((this.#commits[this.#first]?.revision ?? oldest) < oldest) this.#forgetOldest();
    this.#cutOff();
  }

  /** Whole commits after that revision, about so many bytes of them. */
  after(revision: Revision, bytes: number): CommitEvents[] {
    const found: CommitEvents[] = [];
    let total = 0;
    for (let at = this.#indexAfter(revision); at < this.#commits.length; at++) {
      total += this.#costs[at] as number;
      if (found.length > 0 && total > bytes) break;
      found.push(this.#commits[at] as CommitEvents);
    }
    return found;
  }

  /** Whether nothing in the range was put or deleted since; false when that is not known any more, or was never issued. */
  unchangedSince(revision: Revision, range: Range): boolean {
    if (revision < this.#floor || revision > this.#head) return false;
    for (let at = this.#commits.length - 1; at >= this.#first; at--) {
      const commit = this.#commits[at] as CommitEvents;
      if (commit.revision <= revision) return true;
      for (const event of commit.events) if (isIn(range, event)) return false;
    }
    return true;
  }

  #indexAfter(revision: Revision): number {
    if (revision === this.#floor) return this.#first;
    const at = this.#search(revision);
    if (this.#commits[at]?.revision !== revision) throw historyGone(this.#floor, revision);
    return at + 1;
  }

  /** The index of the first kept commit that is not before the revision. */
  #search(revision: Revision): number {
    let low = this.#first;
    let high = this.#commits.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#commits[middle] as CommitEvents).revision < revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #forgetOldest(): void {
    this.#bytes -= this.#costs[this.#first] as number;
    this.#floor = (this.#commits[this.#first] as CommitEvents).revision;
    this.#commits[this.#first] = forgotten; // its values are not to be kept alive until the cut
    this.#first++;
  }

  #cutOff(): void {
    if (this.#first < cutOffMin || this.#first * 2 < this.#commits.length) return;
    this.#commits = this.#commits.slice(this.#first);
    this.#costs = this.#costs.slice(this.#first);
    this.#first = 0;
  }
}

const forgotten: CommitEvents = { revision: 0, events: [] };

/** Below this many forgotten commits cutting them off is not worth the copy. */
const cutOffMin = 1024;
