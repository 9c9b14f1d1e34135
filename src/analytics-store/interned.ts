/** Texts, each with a number from 0 in the order in which they were first seen. */
export class Interned {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];
  #bytes = 0;

  get size(): number {
    return this.#texts.length;
  }

  /** About what they take. */
  get bytes(): number {
    return this.#bytes;
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

  /** -1: it was not seen. */
  find(text: string): number {
    return this.#numbers.get(text) ?? -1;
  }

  numberOf(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#texts.length;
      this.#texts.push(text);
      this.#numbers.set(text, number);
      this.#bytes += bytesOfText(text);
    }
    return number;
  }

  /** The numbers of the texts that are meant. */
  numbersWhere(isMeant: (text: string) => boolean): number[] {
    return this.#texts.flatMap((text, number) => (isMeant(text) ? [number] : []));
  }

  /** 1 for each text that is meant. */
  where(isMeant: (text: string) => boolean): Uint8Array {
    return Uint8Array.from(this.#texts, (text) => (isMeant(text) ? 1 : 0));
  }
}

/** About what a text takes, which may have two bytes a character, with its places. */
export const bytesOfText = (text: string): number => 60 + 2 * text.length;
