/**
 * Arrays as PostgreSQL writes them, given as one parameter whose type the statement says (`$1::int[]`). Both drivers pass a text on as it is, where
 * they would take each element by itself. Never cast by way of text: that would be parsed anew for every row.
 */
export function numbersLiteral(numbers: Iterable<number | undefined>): string {
  const list = Array.isArray(numbers) ? numbers : Array.from(numbers);
  return `{${(list.some(isWrittenOtherwise) ? list.map(numberText) : list).join(",")}}`;
}

export const textsLiteral = (texts: Iterable<string | undefined>): string =>
  `{${Array.from(texts, textElement).join(",")}}`;

/** Few rows have any. None are an empty array: `unnest` adds nulls to the shorter ones. */
export const fewNumbersLiteral = (numbers: readonly (number | undefined)[]): string =>
  numbersLiteral(numbers.some(isThere) ? numbers : []);

export const fewTextsLiteral = (texts: readonly (string | undefined)[]): string =>
  textsLiteral(texts.some(isThere) ? texts : []);

const isThere = (value: unknown): boolean => value !== undefined;

/** Than JavaScript joins it. */
const isWrittenOtherwise = (number: number | undefined): boolean =>
  number === undefined || Object.is(number, -0);

function numberText(number: number | undefined): string {
  if (number === undefined) return "null";
  return Object.is(number, -0) ? "-0" : String(number);
}

/** Where there is nothing that JSON writes in a way of its own, it escapes quotes and backslashes as an array does, and is faster at it. */
const textElement = (text: string | undefined): string => {
  if (text === undefined) return "null";
  if (!hasControls.test(text)) return JSON.stringify(text);
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const hasControls = /[\0-\x1f]/;

/** An instant, or what bounds instants, as a bigint can hold it. */
export const instant = (ms: number): number =>
  Math.ceil(Math.min(Math.max(ms, -instantMax), instantMax));

export const instantMax = 9_000_000_000_000_000;
