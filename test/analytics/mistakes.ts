import type {
  AnalyticsStore,
  BucketAnswer,
  BucketQuery,
  GroupColumns,
  Selection,
} from "../../src/analytics-store/analytics-store.ts";
import type { PathPatterns } from "../../src/analytics-store/path-patterns.ts";
import type { NewSeries } from "../../src/analytics-store/series.ts";

/** Makes of a store one that does wrong. */
export type Mistake = (inner: AnalyticsStore) => AnalyticsStore;

const altering =
  (altered: (inner: AnalyticsStore) => Partial<AnalyticsStore>): Mistake =>
  (inner) => {
    const other = altered(inner);
    return new Proxy(inner, {
      get(target, name) {
        const method = Reflect.get(other, name) ?? Reflect.get(target, name).bind(target);
        return method;
      },
    });
  };

const asking = (alter: (query: BucketQuery) => BucketQuery): Mistake =>
  altering((inner) => ({ query: (scope, query) => inner.query(scope, alter(query)) }));

const answering = (alter: (answer: BucketAnswer) => BucketAnswer): Mistake =>
  altering((inner) => ({
    query: async (scope, query) => alter(await inner.query(scope, query)),
  }));

const answeringGroups = (alter: (group: GroupColumns) => GroupColumns): Mistake =>
  answering((answer) => ({ ...answer, groups: answer.groups.map(alter) }));

const selecting = (alter: (selection: Selection) => Selection): Mistake =>
  asking((query) => ({ ...query, select: query.select.map(alter) }));

const including = (alter: (include: readonly string[]) => readonly string[]): Mistake =>
  selecting((selection) => ({
    ...selection,
    patterns: { ...selection.patterns, include: alter(selection.patterns.include) },
  }));

const adding = (alter: (series: NewSeries) => NewSeries): Mistake =>
  altering((inner) => ({
    add: (scope, batch) => inner.add(scope, { ...batch, series: batch.series.map(alter) }),
  }));

/** As the engines that came before did, some of them; and as one may easily do. */
export const mistakes: Readonly<Record<string, Mistake>> = {
  "a value on a boundary counts on its other side": asking((query) => ({
    ...query,
    boundary: query.boundary === "left_open" ? "right_open" : "left_open",
  })),
  "series at the query's end are looked at": asking((query) => ({
    ...query,
    before: query.before + 1,
  })),
  "excluded patterns are forgotten": selecting((selection) => ({
    ...selection,
    patterns: { ...selection.patterns, exclude: [] },
  })),
  "a path means all that begins with its text": including((include) =>
    include.flatMap((path) => [path, ...(sameBeginning[path] ?? [])]),
  ),
  "an underscore matches any letter": including((include) =>
    include.includes("a_b") ? [...include, "axb"] : include,
  ),
  "series without the dimension are left out": including((include) =>
    include.length === 0 ? ["*"] : include,
  ),
  "only the first of several patterns counts": including((include) => include.slice(0, 1)),
  "the level of detail is one too deep": selecting((selection) => ({
    ...selection,
    levelOfDetail: selection.levelOfDetail && selection.levelOfDetail + 1,
  })),
  "units are no matter": asking((query) => ({
    ...query,
    filter: { ...query.filter, units: undefined },
  })),
  "metrics match in any case": asking((query) => ({
    ...query,
    filter: { ...query.filter, metricsIgnoreCase: true },
  })),
  "an empty list asks nothing": asking((query) => ({
    ...query,
    filter: {
      ...query.filter,
      metrics: query.filter.metrics?.length === 0 ? undefined : query.filter.metrics,
    },
  })),
  "values are single floats": adding((series) => ({
    ...series,
    value: Math.fround(series.value),
  })),
  "a path that two dimensions share counts twice": adding((series) => {
    const paths = Object.values(series.dimensions ?? {});
    return new Set(paths).size < paths.length ? { ...series, value: series.value * 2 } : series;
  }),
  "metrics are rewritten": adding((series) => ({
    ...series,
    metric: series.metric.charAt(0).toUpperCase() + series.metric.slice(1),
  })),
  "what changes is the difference of running totals": answeringGroups((group) => {
    let sum = group.base;
    const change = group.change.map((amount) => {
      const before = sum;
      sum += amount;
      return sum - before;
    });
    return { ...group, change };
  }),
  "an aggregate of nothing is nought": answeringGroups((group) => ({
    ...group,
    aggregates: group.aggregates.map((column) => column.map((number) => number || 0)),
  })),
  "a percentile is a little off": asking((query) => ({
    ...query,
    aggregates: query.aggregates.map(({ function: of, percentile = 0 }) => ({
      function: of,
      percentile: percentile * 0.99,
    })),
  })),
  "first is that of the lowest value": asking((query) => ({
    ...query,
    aggregates: query.aggregates.map((one) =>
      one.function === "first" ? { function: "min" } : one,
    ),
  })),
  "groups in which nothing changes are left out": answering((answer) => ({
    ...answer,
    groups: answer.groups.filter(({ change }) => change.some((amount) => amount !== 0)),
  })),
  "groups are in the order of their paths": answering((answer) => ({
    ...answer,
    groups: answer.groups.toSorted((a, b) => (a.key.paths.join() < b.key.paths.join() ? -1 : 1)),
  })),
  "history before the first period is forgotten": answeringGroups((group) => ({
    ...group,
    base: 0,
  })),
  "slices overlap": asking((query) => ({
    ...query,
    slice: query.slice && { ...query.slice, count: query.slice.count + 1 },
  })),
  "names are in the order of UTF-16": altering((inner) => ({
    dimensions: async (scope, page) =>
      (await inner.dimensions(scope, page)).toSorted((a, b) =>
        `${a.dimension}\0${a.path}` < `${b.dimension}\0${b.path}` ? -1 : 1,
      ),
  })),
  "a deletion leaves what is below a source": altering((inner) => ({
    delete: (scope, deletion) => {
      const { sources } = deletion.filter;
      const exactly = sources && { ...sources, exclude: [...sources.exclude, ...below(sources)] };
      return inner.delete(scope, {
        ...deletion,
        filter: { ...deletion.filter, sources: exactly },
      });
    },
  })),
  "a deletion takes the end of its range along": altering((inner) => ({
    delete: (scope, deletion) => {
      const { before } = deletion.filter;
      const filter = { ...deletion.filter, before: before && before + 1 };
      return inner.delete(scope, { ...deletion, filter });
    },
  })),
  "clearing forgets what is said of a path that stays": altering((inner) => ({
    async clearEmptyDimensions(scope) {
      const count = await inner.clearEmptyDimensions(scope);
      for (const one of await inner.dimensions(scope, { limit: 1000 })) {
        await inner.updateDimension(scope, { ...one, label: "" });
      }
      return count;
    },
  })),
  "what goes is deleted where it ought to be rolled up": altering((inner) => ({
    setRetention: (scope, rules) =>
      inner.setRetention(
        scope,
        rules.map((rule) => ({ ...rule, rollUp: undefined })),
      ),
  })),
  "rollups are of days whatever is asked for": altering((inner) => ({
    setRetention: (scope, rules) =>
      inner.setRetention(
        scope,
        rules.map((rule) => ({ ...rule, rollUp: rule.rollUp && "daily" })),
      ),
  })),
  "changes are not gathered by source": altering((inner) => ({
    async changes(scope, page) {
      const { head, commits } = await inner.changes(scope, page);
      const ungathered = commits.map((commit) => ({
        ...commit,
        sources: commit.sources.flatMap((one) => [one, ...(one.added > 1 ? [one] : [])]),
      }));
      return { head, commits: ungathered };
    },
  })),
};

const sameBeginning: Readonly<Record<string, readonly string[]>> = {
  a: ["a_b", "axb"],
  "a/b": ["a/bc"],
};

const below = (sources: PathPatterns): string[] => sources.include.map((path) => `${path}/*`);
