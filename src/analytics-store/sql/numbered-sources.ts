/** A tenant's sources, numbered from 0 in the order in which they were first seen. */
export class NumberedSources {
  readonly #numbers = new Map<string, number>();
  readonly #paths: string[] = [];

  get size(): number {
    return this.#paths.length;
  }

  find(path: string): number | undefined {
    return this.#numbers.get(path);
  }

  at(number: number): string {
    return this.#paths[number] as string;
  }

  /** The next one. */
  push(path: string): void {
    this.#numbers.set(path, this.#paths.length);
    this.#paths.push(path);
  }

  where(isMeant: (path: string) => boolean): number[] {
    return this.#paths.flatMap((path, number) => (isMeant(path) ? [number] : []));
  }
}
