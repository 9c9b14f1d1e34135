import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { as, one } from "./rpc-analytics-parts.ts";
import { failureOf } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeAnalyticsNames(subject: RpcUnderTest): void {
  describe("ListMetrics, ListUnits and ListSources", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    const names = ["b", "a", "B", "\u{1F600}", "\uFFFD", "a"];
    const inOrder = ["B", "a", "b", "\uFFFD", "\u{1F600}"];

    test("list each name once, as it is written, by code points", async () => {
      const series = names.map((name) => one({ metric: name, unit: name, source: name }));
      await rpc.analytics.addSeries({ series: [...series, one({ metric: "a", source: "a" })] });
      expect((await rpc.analytics.listMetrics({})).metrics).toEqual(inOrder);
      expect((await rpc.analytics.listUnits({})).units).toEqual(inOrder);
      expect((await rpc.analytics.listSources({})).sources).toEqual(inOrder);
    });

    test("list what is there now", async () => {
      await rpc.analytics.addSeries({ series: [one({ metric: "gone", unit: "u", source: "s" })] });
      await rpc.analytics.clearBySource({ source: "s" });
      expect((await rpc.analytics.listMetrics({})).metrics).toEqual([]);
      expect((await rpc.analytics.listUnits({})).units).toEqual([]);
      expect((await rpc.analytics.listSources({})).sources).toEqual([]);
    });

    test("list the sources below one, by whole segments", async () => {
      const series = ["a", "a/b", "ab", "a/b/c", "a_"].map((source) => one({ source }));
      await rpc.analytics.addSeries({ series });
      const { sources } = await rpc.analytics.listSources({ source: "/a" });
      expect(sources).toEqual(["a", "a/b", "a/b/c"]);
      for (const source of ["a//b", "*", "a/*"]) {
        expect(await failureOf(rpc.analytics.listSources({ source }))).toMatchObject({
          reason: "INVALID_FIELD",
          fields: ["source"],
        });
      }
    });

    test("page after page gives each once", async () => {
      const numbered = Array.from({ length: 11 }, (_, at) => `n${String(at).padStart(2, "0")}`);
      const series = numbered.map((name) => one({ metric: name, unit: name, source: `s/${name}` }));
      await rpc.analytics.addSeries({ series });
      const { analytics } = rpc;
      type Page = { readonly names: readonly string[]; readonly nextPageToken: string };
      const lists: readonly ((pageToken: string) => Promise<Page>)[] = [
        (pageToken) =>
          analytics
            .listMetrics({ pageSize: 4, pageToken })
            .then(({ metrics, nextPageToken }) => ({ names: metrics, nextPageToken })),
        (pageToken) =>
          analytics
            .listUnits({ pageSize: 4, pageToken })
            .then(({ units, nextPageToken }) => ({ names: units, nextPageToken })),
        (pageToken) =>
          analytics.listSources({ source: "s", pageSize: 4, pageToken }).then((page) => ({
            ...page,
            names: page.sources.map((source) => source.slice(2)),
          })),
      ];
      for (const list of lists) {
        const found: string[] = [];
        let pages = 0;
        for (let token: string | undefined = ""; token !== undefined; pages++) {
          const page: Page = await list(token);
          found.push(...page.names);
          token = page.nextPageToken || undefined;
        }
        expect(found).toEqual(numbered);
        expect(pages).toBe(3);
      }
    });

    test("a page token is good for its list and its tenant alone", async () => {
      await rpc.tenants.create({ tenant: { name: "t" } });
      const series = ["a", "b"].map((name) => one({ metric: name, unit: name, source: name }));
      await rpc.analytics.addSeries({ series });
      const { nextPageToken: pageToken } = await rpc.analytics.listSources({ pageSize: 1 });
      const calls = [
        rpc.analytics.listMetrics({ pageToken }),
        rpc.analytics.listUnits({ pageToken }),
        rpc.analytics.listSources({ source: "a", pageToken }),
        rpc.analytics.listSources({ pageToken }, as("t")),
      ];
      for (const call of calls) {
        expect(await failureOf(call)).toMatchObject({ reason: "PAGE_TOKEN_INVALID" });
      }
    });
  });
}
