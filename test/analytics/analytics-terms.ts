import { expect } from "vitest";
import type {
  AnalyticsStore,
  BucketAnswer,
  BucketQuery,
  GroupColumns,
  Scope,
  Selection,
  SeriesFilter,
} from "../../src/analytics-store/analytics-store.ts";
import type { NewSeries } from "../../src/analytics-store/series.ts";
import { type ErrorKind, TiffinError } from "../../src/errors.ts";

/** `at("2024-02")`, `at("2024-02-01T12:00:00Z")`: an instant in UTC. */
export const at = (text: string): number => Date.parse(text);

/** A series of which a test says only what matters to it. */
export const series = (said: Partial<NewSeries> = {}): NewSeries => ({
  ...{ source: "source", metric: "metric", start: at("2024-01-15"), value: 1 },
  ...said,
});

/** Of the dimension `project`. */
export const under = (project: string, value: number, said: Partial<NewSeries> = {}): NewSeries =>
  series({ value, dimensions: { project }, ...said });

export function select(
  dimension: string,
  include: readonly string[] = [],
  said: { readonly exclude?: readonly string[]; readonly levelOfDetail?: number } = {},
): Selection {
  const { exclude = [], levelOfDetail } = said;
  return { dimension, patterns: { include, exclude }, levelOfDetail };
}

type Asked = Partial<Omit<BucketQuery, "boundaries">> & { readonly boundaries?: readonly number[] };

export const year2024 = [at("2024"), at("2025")];
export const months = (...names: string[]): number[] => names.map(at);

/** By project over 2024, unless it is said otherwise. */
export function question({ boundaries = year2024, ...said }: Asked = {}): BucketQuery {
  return {
    filter: {},
    select: [select("project")],
    boundaries: Float64Array.from(boundaries),
    boundary: "right_open",
    before: boundaries.at(-1) as number,
    aggregates: [],
    numbersMax: 1_000_000,
    ...said,
  };
}

export const ask = (
  store: AnalyticsStore,
  scope: Scope,
  asked: Asked = {},
): Promise<BucketAnswer> => store.query(scope, question(asked));

/** By what its paths are, joined by spaces: what changes in each period. */
export const changes = (answer: BucketAnswer): Record<string, number[]> =>
  ofEach(answer, (group) => [...group.change]);

/** By what its paths are, joined by spaces. */
export const ofEach = <T>(
  { groups }: BucketAnswer,
  take: (group: GroupColumns) => T,
): Record<string, T> =>
  Object.fromEntries(groups.map((group) => [group.key.paths.join(" "), take(group)]));

/** What changes over 2024 in each group. */
export const totals = async (
  store: AnalyticsStore,
  scope: Scope,
  asked: Asked = {},
): Promise<Record<string, number>> =>
  ofEach(await ask(store, scope, asked), (group) => group.change[0] as number);

/** What the sums of a group with this base and these changes are. */
export const runningSums = ({ base, change }: GroupColumns): number[] => {
  let sum = base;
  return Array.from(change, (amount) => {
    sum += amount;
    return sum;
  });
};

/** The values of the series that the filter means. */
export const valuesOf = async (
  store: AnalyticsStore,
  scope: Scope,
  filter: SeriesFilter = {},
): Promise<number[]> =>
  (await store.list(scope, filter, { afterId: 0, limit: 1000 })).map(({ value }) => value);

/** A call that is refused: what its error says. One that goes well fails the test. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ readonly kind: ErrorKind; readonly field: string | undefined }> {
  const error = await call.then(
    (answer) => new Error(`the call did not fail, and answered ${JSON.stringify(answer)}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TiffinError)) throw error;
  return { kind: error.kind, field: error.details.metadata?.["field"] };
}

/** Equal but for what adding up in another order may change. */
export function expectNear(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  const magnitude = Math.max(...expected.map(Math.abs));
  for (const [index, number] of expected.entries()) {
    expect(Math.abs((actual[index] as number) - number)).toBeLessThanOrEqual(1e-12 * magnitude);
  }
}
