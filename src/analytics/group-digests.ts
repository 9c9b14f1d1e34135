/**
 * A digest of each group of an answer, by what the group stands for: as they were sent, run of the question after run. What a group stands for is kept
 * itself, as it must be told of one that has gone.
 */
export class GroupDigests {
  /** Where each group's digest is. */
  readonly #places = new Map<string, number>();
  #free: number[] = [];
  #digests = Buffer.alloc(0);
  /** In which run each was there last. After a run all are of that one, so that two kinds of run are enough. */
  #runs = new Uint8Array(0);
  #run = 0;

  get size(): number {
    return this.#places.size;
  }

  has(key: string): boolean {
    return this.#places.has(key);
  }

  /** To be called before all groups are noted again. */
  beginRun(): void {
    this.#run = 1 - this.#run;
  }

  /** The group is there; answers whether it is new or another than before. */
  note(key: string, digest: Uint8Array): boolean {
    const known = this.#places.get(key);
    const place = known ?? this.#newPlace(key);
    const at = place * digestBytes;
    const kept = this.#digests.subarray(at, at + digestBytes);
    const isSame = known !== undefined && kept.equals(digest.subarray(0, digestBytes));
    kept.set(digest.subarray(0, digestBytes));
    this.#runs[place] = this.#run;
    return !isSame;
  }

  /** Those that were not noted in this run, which are forgotten one by one. */
  *gone(): Generator<string> {
    for (const [key, place] of this.#places) {
      if (this.#runs[place] === this.#run) continue;
      this.#places.delete(key);
      this.#free.push(place);
      yield key;
    }
  }

  clear(): void {
    this.#places.clear();
    this.#free = [];
  }

  #newPlace(key: string): number {
    const place = this.#free.pop() ?? this.#places.size;
    this.#places.set(key, place);
    if (place >= this.#runs.length) this.#grow();
    return place;
  }

  #grow(): void {
    const length = Math.max(16, Math.ceil(this.#runs.length * 1.5));
    const runs = new Uint8Array(length);
    runs.set(this.#runs);
    this.#runs = runs;
    const digests = Buffer.alloc(length * digestBytes);
    this.#digests.copy(digests);
    this.#digests = digests;
  }
}

/** Enough that no two of a tenant's answers are taken for the same. */
const digestBytes = 16;
