/** What contenders are asked, of the whole year. */
export interface Question {
  readonly name: string;
  readonly granularity: "total" | "monthly" | "daily";
  readonly select: readonly Selected[];
}

export interface Selected {
  readonly dimension: "project" | "region";
  /** Segments that tell groups apart. */
  readonly levels: number;
  /** Only this path, and what is below it. */
  readonly path?: string;
}

const region: Selected = { dimension: "region", levels: 1 };

export const questions: readonly Question[] = [
  { name: "monthly, by one dimension (10 groups)", granularity: "monthly", select: [region] },
  {
    name: "monthly, by two (50 groups)",
    granularity: "monthly",
    select: [{ dimension: "project", levels: 2 }, region],
  },
  { name: "daily, by one (10 groups)", granularity: "daily", select: [region] },
  {
    name: "monthly, one leaf (2 % of the values)",
    granularity: "monthly",
    select: [{ dimension: "project", levels: 3, path: "atlas/p2/t5" }],
  },
  { name: "total, by one (10 groups)", granularity: "total", select: [region] },
];

/** By which contenders' answers are compared: how many pairs of value and sum there are, and all values, and all sums, added up. */
export interface AnswerDigest {
  readonly pairs: number;
  readonly values: number;
  readonly sums: number;
}

export function digestOf(
  columns: readonly { value: ArrayLike<number>; sum: ArrayLike<number> }[],
): AnswerDigest {
  let pairs = 0;
  let [values, sums] = [0, 0];
  for (const { value, sum } of columns) {
    pairs += value.length;
    for (let index = 0; index < value.length; index++) {
      values += value[index] ?? Number.NaN;
      sums += sum[index] ?? Number.NaN;
    }
  }
  return { pairs, values, sums };
}
