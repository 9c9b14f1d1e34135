import { TiffinError } from "../../errors.ts";
import { jsonCodec } from "../json-codec.ts";
import { type Key, key } from "../key.ts";
import type { Space } from "../space.ts";
import type { Store } from "../store.ts";

interface Counter {
  /** The highest number that some process may have given out. */
  readonly reserved: number;
}

export const numberSpace: Space<Counter> = {
  name: "number",
  rootParts: 2,
  codec: jsonCodec(),
  history: false,
  evictable: false,
};

/**
 * Numbers that were never given before. They are reserved in blocks, in commits of their own, so that creating
 * many things at once does not make every creator conflict over one counter; a block is lost when its process ends.
 */
export class NumberSource {
  readonly #store: Pick<Store, "update">;
  #next = 1;
  #reserved = 0;
  #reserving: Promise<void> | undefined;

  constructor(store: Pick<Store, "update">) {
    this.#store = store;
  }

  async next(): Promise<number> {
    while (this.#next > this.#reserved) {
      this.#reserving ??= this.#reserve().finally(() => {
        this.#reserving = undefined;
      });
      await this.#reserving;
    }
    return this.#next++;
  }

  /** Of a reservation that may have happened nobody has a number yet: its block is given up, and the next one is as good. */
  async #reserve(): Promise<void> {
    for (let attempts = 1; ; attempts++) {
      try {
        return await this.#reserveBlock();
      } catch (error) {
        const isUnknown = error instanceof TiffinError && error.kind === "outcome_unknown";
        if (!isUnknown || attempts === attemptsMax) throw error;
      }
    }
  }

  async #reserveBlock(): Promise<void> {
    const { result } = await this.#store.update({ exclusive: [counter] }, async (tx) => {
      const reserved = (await tx.get<Counter>(counter))?.value.reserved ?? 0;
      tx.put(counter, { reserved: reserved + blockSize } satisfies Counter, "none");
      return reserved;
    });
    this.#next = result + 1;
    this.#reserved = result + blockSize;
  }
}

const counter: Key = key(0, numberSpace.name);
const blockSize = 64;
const attemptsMax = 3;
