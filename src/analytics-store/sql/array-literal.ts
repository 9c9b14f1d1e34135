/**
 * Arrays as PostgreSQL writes them, given as one parameter whose type the statement says (`$1::int[]`). Both drivers pass a text on as it is, where
 * they would take each element by itself. Never cast by way of text: that would be parsed anew for every row.
 */
export const numbersLiteral = (numbers: Iterable<number | undefined>): string =>
  `{${Array.from(numbers, numberText).join(",")}}`;

export const textsLiteral = (texts: Iterable<string | undefined>): string =>
  `{${Array.from(texts, textElement).join(",")}}`;

function numberText(number: number | undefined): string {
  if (number === undefined) return "null";
  return Object.is(number, -0) ? "-0" : String(number);
}

const textElement = (text: string | undefined): string =>
  text === undefined ? "null" : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

/** An instant, or what bounds instants, as a bigint can hold it. */
export const instant = (ms: number): number =>
  Math.ceil(Math.min(Math.max(ms, -instantMax), instantMax));

export const instantMax = 9_000_000_000_000_000;
