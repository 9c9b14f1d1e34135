/** Texts, each with a number from 0 in the order in which they were first seen. */
export class Interned {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];

  get size(): number {
    return this.#texts.length;
  }

  get all(): readonly string[] {
    return this.#texts;
  }

  has(text: string): boolean {
    return this.#numbers.has(text);
  }

  at(number: number): string {
    return this.#texts[number] as string;
  }

  numberOf(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#texts.length;
      this.#texts.push(text);
      this.#numbers.set(text, number);
    }
    return number;
  }

  /** 1 for each text that is meant. */
  where(isMeant: (text: string) => boolean): Uint8Array {
    return Uint8Array.from(this.#texts, (text) => (isMeant(text) ? 1 : 0));
  }
}
