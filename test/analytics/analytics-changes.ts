import { describe, expect, test } from "vitest";
import type {
  AnalyticsStore,
  CommitChanges,
  Scope,
} from "../../src/analytics-store/analytics-store.ts";
import { until } from "../support/until.ts";
import { type AnalyticsUnderTest, newScope, openTenant } from "./analytics-subject.ts";
import { at, refusal, series } from "./analytics-terms.ts";

const hour = 3_600_000;

export function describeChanges(subject: AnalyticsUnderTest): void {
  const since = async (
    store: AnalyticsStore,
    scope: Scope,
    after: number,
  ): Promise<readonly CommitChanges[]> =>
    (await store.changes(scope, { after, limit: 1000 })).commits.map((commit) => ({
      ...commit,
      sources: commit.sources.toSorted((a, b) => (a.source < b.source ? -1 : 1)),
    }));

  describe("changes", () => {
    test("from now on there are none, and the head is the last commit", async () => {
      const { store, scope } = await openTenant(subject);
      const { revision } = await store.add(scope, { series: [series()] });
      const nothing = { commits: [], head: revision };
      expect(await store.changes(scope, { limit: 10 })).toEqual(nothing);
      expect(await store.changes(scope, { after: revision, limit: 10 })).toEqual(nothing);
    });

    test("of a tenant that has no series yet are those to come", async () => {
      const { store, scope } = await openTenant(subject);
      const { head, commits } = await store.changes(scope, { limit: 10 });
      expect(commits).toEqual([]);
      const { revision } = await store.add(scope, { series: [series()] });
      expect(await since(store, scope, head)).toMatchObject([{ revision }]);
    });

    test("are gathered by commit and source", async () => {
      const { store, scope } = await openTenant(subject);
      const { head } = await store.changes(scope, { limit: 1 });
      const starting = (source: string, month: string) =>
        series({ source, start: at(`2024-${month}`) });
      const rows = [starting("b", "05"), starting("a", "03"), starting("b", "02")];
      const first = await store.add(scope, { series: rows });
      const second = await store.add(scope, { series: [starting("a", "07")] });
      const third = await store.delete(scope, { filter: { before: at("2024-04") } });
      const change = (source: string, counts: [number, number], [from, to]: [string, string]) => ({
        ...{ source, added: counts[0], deleted: counts[1] },
        ...{ firstStart: at(`2024-${from}`), lastStart: at(`2024-${to}`) },
      });
      expect(await since(store, scope, head)).toEqual([
        {
          revision: first.revision,
          sources: [change("a", [1, 0], ["03", "03"]), change("b", [2, 0], ["02", "05"])],
        },
        { revision: second.revision, sources: [change("a", [1, 0], ["07", "07"])] },
        {
          revision: third.revision,
          sources: [change("a", [0, 1], ["03", "03"]), change("b", [0, 1], ["02", "02"])],
        },
      ]);
    });

    test("come page by page, none left out and none twice", async () => {
      const { store, scope } = await openTenant(subject);
      let { head: after } = await store.changes(scope, { limit: 1 });
      const expected: number[] = [];
      for (let count = 0; count < 7; count++) {
        expected.push((await store.add(scope, { series: [series()] })).revision);
      }
      const found: number[] = [];
      for (;;) {
        const { commits, head } = await store.changes(scope, { after, limit: 3 });
        if (commits.length === 0) break;
        expect(commits.length).toBeLessThanOrEqual(3);
        found.push(...commits.map(({ revision }) => revision));
        after = found.at(-1) as number;
        expect(head).toBeGreaterThanOrEqual(after);
        expect(expected).toContain(head);
      }
      expect(found).toEqual(expected);
    });

    test("that many commits at the same time make are all told, in order", async () => {
      const { store, scope } = await openTenant(subject);
      const { head } = await store.changes(scope, { limit: 1 });
      const batches = Array.from({ length: 20 }, (_, index) => ({
        series: [series({ source: `s${index}` })],
      }));
      const added = await Promise.all(batches.map((batch) => store.add(scope, batch)));
      const revisions = added.map(({ revision }) => revision).sort((a, b) => a - b);
      const told = await since(store, scope, head);
      expect(told.map(({ revision }) => revision)).toEqual(revisions);
      for (const { revision, sources } of told) {
        const index = added.findIndex((one) => one.revision === revision);
        expect(sources).toMatchObject([{ source: `s${index}`, added: 1 }]);
      }
    });

    test("of a revision that is not there yet are gone", async () => {
      const { store, scope } = await openTenant(subject);
      const { revision } = await store.add(scope, { series: [series()] });
      for (const after of [revision + 1, 2 ** 64]) {
        const asked = store.changes(scope, { after, limit: 10 });
        expect(await refusal(asked)).toMatchObject({ kind: "history_gone" });
      }
    });

    test("are forgotten after an hour, and asking for them is refused", async () => {
      const { store, scope, clock } = await openTenant(subject);
      const { head } = await store.changes(scope, { limit: 1 });
      const first = await store.add(scope, { series: [series()] });
      clock.advance(hour - 1);
      expect(await since(store, scope, head)).toHaveLength(1);
      clock.advance(hour);
      const second = await store.add(scope, { series: [series()] });
      const asked = store.changes(scope, { after: head, limit: 10 });
      expect(await refusal(asked)).toMatchObject({ kind: "history_gone" });
      const rest = await since(store, scope, first.revision);
      expect(rest.map(({ revision }) => revision)).toEqual([second.revision]);
    });

    test("are a tenant's own", async () => {
      const { store, scope } = await openTenant(subject);
      const other = newScope();
      const { head } = await store.changes(other, { limit: 1 });
      await store.add(scope, { series: [series()] });
      expect(await store.changes(other, { after: head, limit: 10 })).toEqual({ commits: [], head });
    });
  });

  describe("listeners", () => {
    test("are told of every tenant's commits, until they are ended", async () => {
      const { store, scope } = await openTenant(subject);
      const heard = new Set<string>();
      const heardByOther: string[] = [];
      const end = store.onChange((tenant) => heard.add(tenant));
      const endOther = store.onChange((tenant) => heardByOther.push(tenant));
      const other = newScope();
      await store.add(scope, { series: [series()] });
      await store.add(other, { series: [series()] });
      await until(() => heard.has(scope.tenant) && heard.has(other.tenant));
      heard.clear();
      await store.delete(other, { filter: {} });
      await until(() => heard.has(other.tenant));

      end();
      end();
      heard.clear();
      heardByOther.length = 0;
      await store.add(scope, { series: [series()] });
      await until(() => heardByOther.includes(scope.tenant));
      endOther();
      expect([...heard]).toEqual([]);
    });

    test("are told of what retention does", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [series()] });
      await store.setRetention(scope, [{ count: 0 }]);
      const { head } = await store.changes(scope, { limit: 1 });
      let told = 0;
      const end = store.onChange(() => told++);
      await store.applyRetention(scope, at("2025"));
      await until(() => told > 0);
      end();
      expect((await store.changes(scope, { limit: 1 })).head).toBeGreaterThan(head);
    });

    test("are told of what is said of a path, which is no commit", async () => {
      const { store, scope } = await openTenant(subject);
      await store.add(scope, { series: [series()] });
      const { head } = await store.changes(scope, { limit: 1 });
      const heard: string[] = [];
      const end = store.onChange((tenant) => heard.push(tenant));
      await store.updateDimension(scope, { dimension: "project", path: "a", label: "A" });
      await until(() => heard.includes(scope.tenant));
      end();
      expect((await store.changes(scope, { limit: 1 })).head).toBe(head);
    });

    test("that throw fail no write, and keep nobody else from being told", async () => {
      const { store, scope } = await openTenant(subject);
      const heard: string[] = [];
      const ends = [
        store.onChange(() => {
          throw new Error("of the listener's own");
        }),
        store.onChange((tenant) => heard.push(tenant)),
      ];
      expect(await store.add(scope, { series: [series()] })).toMatchObject({ count: 1 });
      await until(() => heard.includes(scope.tenant));
      expect(await store.delete(scope, { filter: {} })).toMatchObject({ series: 1 });
      for (const end of ends) end();
    });

    test("that are told find the commit done", async () => {
      const { store, scope } = await openTenant(subject);
      const found: Promise<number>[] = [];
      const head = async () => (await store.changes(scope, { limit: 1 })).head;
      const end = store.onChange((tenant) => {
        if (tenant === scope.tenant) found.push(head());
      });
      const { revision } = await store.add(scope, { series: [series()] });
      await until(() => found.length > 0);
      end();
      expect(await found[0]).toBe(revision);
    });
  });
}
