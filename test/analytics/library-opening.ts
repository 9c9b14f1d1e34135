import { expect, test } from "vitest";
import type { AnalyticsStore } from "../../src/analytics-store/analytics-store.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { newScope } from "./analytics-subject.ts";
import { ask, refusal, totals, under, valuesOf } from "./analytics-terms.ts";
import type { LibraryOptions } from "./library-listeners.ts";

/** When a store may be called. */
export function describeOpening(
  name: string,
  construct: (options: LibraryOptions) => AnalyticsStore,
): void {
  test(`${name} refuses all calls before it is made ready and after it is closed, and can be made ready again`, async () => {
    const store = construct({ clock: new ManualClock(), report: () => {} });
    await expectNotOpen(store);
    await store.init();
    const scope = newScope();
    await store.add(scope, { series: [under("a", 1)] });
    expect(await totals(store, scope)).toEqual({ a: 1 });
    await store.close();
    await expectNotOpen(store);
    await store.init();
    const other = newScope();
    await store.add(other, { series: [under("b", 2)] });
    expect(await totals(store, other)).toEqual({ b: 2 });
    await store.close();
  });
}

async function expectNotOpen(store: AnalyticsStore): Promise<void> {
  const scope = newScope();
  const page = { limit: 1 };
  const metadata = { dimension: "project", path: "a" };
  const calls = [
    store.add(scope, { series: [under("a", 1)] }),
    store.delete(scope, { filter: {} }),
    ask(store, scope),
    store.span(scope, {}),
    valuesOf(store, scope),
    store.dimensions(scope, page),
    store.describe(scope, [metadata]),
    store.updateDimension(scope, metadata),
    store.clearEmptyDimensions(scope),
    store.names(scope, { of: "metric", ...page }),
    store.retention(scope),
    store.setRetention(scope, []),
    store.applyRetention(scope, 0),
    store.tenantsWithRetention(),
    store.changes(scope, page),
    store.deleteTenant(scope.tenant),
    store.stats(),
  ];
  const kinds = (await Promise.all(calls.map(refusal))).map(({ kind }) => kind);
  expect(kinds).toEqual(calls.map(() => "shutting_down"));
}
