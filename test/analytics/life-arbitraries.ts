import fc from "fast-check";
import type {
  Aggregate,
  BucketQuery,
  CellFilter,
  DimensionMetadata,
  RetentionRule,
  Selection,
  SeriesFilter,
} from "../../src/analytics-store/analytics-store.ts";
import type { PathPatterns } from "../../src/analytics-store/path-patterns.ts";
import type { NewSeries } from "../../src/analytics-store/series.ts";

/** What is done to a tenant's series; ids are places in the order of adding. */
export type LifeStep =
  | { readonly step: "add"; readonly series: readonly NewSeries[] }
  | { readonly step: "delete"; readonly filter: SeriesFilter; readonly clear: boolean }
  | { readonly step: "say"; readonly metadata: DimensionMetadata }
  | { readonly step: "clear" }
  /** The tenant is deleted, and these are the first series of another with its name. */
  | { readonly step: "anew"; readonly series: readonly NewSeries[] }
  | { readonly step: "retire"; readonly rules: readonly RetentionRule[]; readonly now: number }
  /** The rules that there are, which were applied before, mostly. */
  | { readonly step: "retire again"; readonly now: number }
  | { readonly step: "query"; readonly query: BucketQuery; readonly slices: number }
  | { readonly step: "read"; readonly filter: SeriesFilter };

const hour = 3_600_000;
const day = 24 * hour;
const origin = Date.UTC(2024, 0, 20);

/** Few names, so that most are met again; some that mean something elsewhere. */
const paths = [
  "a",
  "a/b",
  "a/b/c",
  "a/b/d",
  "a/bc",
  "a/c/c",
  "b/a",
  "a_b",
  "axb",
  "%",
  "\u{1F600}/ä",
  "\uFFFD/ä",
];
/** Those that are easily taken for others stand twice. */
const patterns = [...paths, "a_b", "a/b", "*", "?", "a/*", "*/b", "a/*/c", "*/*", "none"];
const dimensions = ["project", "zone", "\uFFFD%"];
const sources = ["s", "s/t", "s/t/u", "st", "s_t"];
const metrics = ["m", "M", "straße"];
const units = ["", "DAI", "dai"];

/** Days of a month, mostly, many of them several times; of some months after it; and what is just before and after their boundaries. */
const instants = fc
  .tuple(
    fc.integer({ min: -4, max: 26 }),
    fc.constantFrom(0, 0, 0, 30, 91),
    fc.constantFrom(0, 0, 0, 1, -1, hour, 12 * hour),
  )
  .map(([days, more, ms]) => origin + (days + more) * day + ms);

/** Of the month in which most begin. */
const midnights = fc.integer({ min: -4, max: 26 }).map((days) => origin + days * day);

const values = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  // Not the negative nought: which of two noughts is the smallest is nobody's concern.
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0),
  fc.constantFrom(0, 0.1, 1e15, -1e15),
);

const dimensionsOfSeries = fc.dictionary(
  fc.constantFrom(...dimensions),
  fc.constantFrom(...paths),
  { maxKeys: 3, noNullPrototype: true },
);

const steps: fc.Arbitrary<NewSeries> = fc.record({
  source: fc.constantFrom(...sources),
  metric: fc.constantFrom(...metrics),
  unit: fc.constantFrom(...units),
  start: instants,
  value: values,
  dimensions: dimensionsOfSeries,
});

const vests: fc.Arbitrary<NewSeries> = fc
  .record({
    series: steps,
    value: fc.integer({ min: -1000, max: 1000 }),
    length: fc.constantFrom(0, 1, hour, day, 5 * day, 20 * day),
    cliff: fc.option(fc.constantFrom(-day, 0, 1, hour, day, 3 * day, 5 * day, 30 * day)),
  })
  .map(({ series, value, length, cliff }) => {
    const { start } = series;
    const held = cliff === null ? {} : { cliff: new Date(start + cliff).toISOString() };
    return { ...series, value, fn: "DssVest", end: start + length, params: held };
  });

const newSeries = fc.oneof({ arbitrary: steps, weight: 4 }, { arbitrary: vests, weight: 1 });

const batches = (minLength: number, maxLength: number): fc.Arbitrary<NewSeries[]> =>
  fc.oneof(fc.array(newSeries, { minLength, maxLength }), tiedBatches(minLength, maxLength));

/** Whose series begin at few instants: what is made of them ties. */
const tiedBatches = (minLength: number, maxLength: number): fc.Arbitrary<NewSeries[]> =>
  fc.uniqueArray(midnights, { minLength: 2, maxLength: 3 }).chain((starts) =>
    fc.array(
      fc
        .tuple(steps, fc.constantFrom(...starts))
        .map(([series, start]) => ({ ...series, start, metric: "m", unit: "" })),
      { minLength, maxLength },
    ),
  );

const pathPatterns = (from: readonly string[]): fc.Arbitrary<PathPatterns> =>
  fc.record({
    include: fc.array(fc.constantFrom(...from), { maxLength: 2 }),
    exclude: fc.oneof(fc.constant([]), fc.array(fc.constantFrom(...from), { maxLength: 2 })),
  });

const selections = (maxLength: number): fc.Arbitrary<Selection[]> =>
  fc.uniqueArray(
    fc.record({
      dimension: fc.constantFrom(...dimensions, "never heard of"),
      patterns: fc.oneof(
        { arbitrary: fc.constant({ include: [], exclude: [] }), weight: 3 },
        { arbitrary: pathPatterns(patterns), weight: 1 },
      ),
      levelOfDetail: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
    }),
    { maxLength, selector: ({ dimension }) => dimension },
  );

/** Mostly absent: a filter of everything at once means nothing. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 4 }, { arbitrary, weight: 1 });

const cellFilters: fc.Arbitrary<CellFilter> = fc.record({
  metrics: seldom(fc.subarray([...metrics, "STRAßE", "other"])),
  metricsIgnoreCase: fc.boolean(),
  units: seldom(fc.subarray([...units, "other"])),
  select: seldom(selections(1).filter((select) => select.length > 0)),
});

const seriesFilters: fc.Arbitrary<SeriesFilter> = fc
  .record({
    cells: cellFilters,
    ids: seldom(fc.array(fc.nat({ max: 60 }), { maxLength: 8 })),
    sources: seldom(pathPatterns([...sources, "*", "*/t", "none"])),
    from: seldom(instants),
    before: seldom(instants),
  })
  .map(({ cells, ...rest }) => ({ ...cells, ...rest }));

/** A deletion of everything leaves nothing to ask about. */
const saysSomething = (filter: SeriesFilter): boolean =>
  filter.ids !== undefined || filter.sources !== undefined || filter.select !== undefined;

const ranges: fc.Arbitrary<SeriesFilter> = fc
  .tuple(midnights, midnights)
  .map(([one, other]) => ({ from: Math.min(one, other), before: Math.max(one, other) }));

const deletions = fc.oneof(seriesFilters.filter(saysSomething), ranges, ranges);

const aggregates: fc.Arbitrary<Aggregate[]> = fc.array(
  fc.oneof(
    fc.constantFrom<Aggregate[]>(
      ...(["count", "avg", "min", "max", "first", "last"] as const).map((of) => ({ function: of })),
    ),
    fc
      .constantFrom(0, 10, 50, 99.9, 100)
      .map((percentile): Aggregate => ({ function: "percentile", percentile })),
  ),
  { maxLength: 3 },
);

const queries: fc.Arbitrary<BucketQuery> = fc
  .record({
    filter: cellFilters,
    select: selections(3),
    boundaries: fc.uniqueArray(instants, { minLength: 2, maxLength: 12 }),
    boundary: fc.constantFrom("right_open", "left_open"),
    before: fc.oneof(instants, fc.constant(0), fc.constant(1)),
    aggregates,
  })
  .map(({ boundaries, before, ...rest }) => {
    const sorted = Float64Array.from(boundaries).sort();
    // The end itself and what is just after it, as the room asks, or any other instant.
    const end = before > 1 ? before : (sorted.at(-1) as number) + before;
    return { ...rest, boundaries: sorted, before: end, numbersMax: 1_000_000 };
  });

const rules: fc.Arbitrary<RetentionRule> = fc
  .record({
    of: fc.constantFrom({}, {}, {}, {}, ...sources.map((source) => ({ source })), { metric: "m" }),
    keep: fc.oneof(
      fc.integer({ min: 1, max: 60 }).map((days) => ({ ageMs: days * day })),
      fc.integer({ min: 0, max: 12 }).map((count) => ({ count })),
    ),
    rollUp: fc.constantFrom(undefined, "hourly", "daily", "monthly"),
  })
  .map(({ of, keep, rollUp }): RetentionRule => ({ ...of, ...keep, rollUp }));

const step = (retires: boolean): fc.Arbitrary<LifeStep> => {
  const adding = batches(1, 20);
  const asking = fc.record({ query: queries, slices: fc.constantFrom(0, 0, 0, 2, 5) });
  const now = fc
    .integer({ min: 0, max: 130 })
    .map((days) => origin + days * day + 7 * hour + 77_777);
  const retiring = fc.record({ rules: fc.array(rules, { minLength: 1, maxLength: 2 }), now });
  const saying = fc.record({
    dimension: fc.constantFrom(...dimensions),
    path: fc.constantFrom(...paths),
    label: fc.constantFrom(undefined, "", "label"),
    icon: fc.constantFrom(undefined, "icon"),
  });
  return fc.oneof(
    { weight: 6, arbitrary: adding.map((series) => ({ step: "add", series }) as const) },
    { weight: 20, arbitrary: asking.map((asked) => ({ step: "query", ...asked }) as const) },
    { weight: 3, arbitrary: seriesFilters.map((filter) => ({ step: "read", filter }) as const) },
    {
      weight: 2,
      arbitrary: fc
        .record({ filter: deletions, clear: fc.boolean() })
        .map((deletion) => ({ step: "delete", ...deletion }) as const),
    },
    { weight: 2, arbitrary: saying.map((metadata) => ({ step: "say", metadata }) as const) },
    { weight: 2, arbitrary: fc.constant({ step: "clear" } as const) },
    {
      weight: 1,
      arbitrary: batches(1, 30).map((series) => ({ step: "anew", series }) as const),
    },
    {
      weight: retires ? 4 : 0,
      arbitrary: retiring.map((of) => ({ step: "retire", ...of }) as const),
    },
    {
      weight: retires ? 4 : 0,
      arbitrary: now.map((now) => ({ step: "retire again", now }) as const),
    },
  );
};

/** Begins with a batch. */
export function lives(stepsMax: number): fc.Arbitrary<readonly LifeStep[]> {
  return fc
    .boolean()
    .chain((retires) =>
      fc
        .tuple(
          batches(10, 60),
          fc.array(step(retires), { minLength: stepsMax / 2, maxLength: stepsMax, size: "max" }),
        )
        .map(([series, steps]) => [{ step: "add", series }, ...steps]),
    );
}
