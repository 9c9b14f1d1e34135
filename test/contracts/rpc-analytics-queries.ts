import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Boundary, Granularity } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { as } from "./rpc-analytics-parts.ts";
import {
  added,
  asked,
  first,
  labelsOf,
  namesOf,
  queryOf,
  sumsOf,
  valued,
  valuesOf,
} from "./rpc-analytics-query-parts.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeAnalyticsQueries(subject: RpcUnderTest): void {
  describe("Query", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    const firstQuarter = { from: "2024-01-01", to: "2024-04-01" };
    /** Values on and beside the boundaries of months. */
    const edges = [
      valued("2023-06-01", 100),
      valued("2024-01-01", 1),
      valued("2024-01-15", 2),
      valued("2024-02-01", 4),
      valued("2024-03-31T23:59:59.999Z", 8),
      valued("2024-04-01", 16),
    ];

    test("a value counts in the period that begins with it, and sums hold all that came before", async () => {
      await added(rpc, ...edges);
      const answer = await asked(rpc, firstQuarter);
      expect(labelsOf(answer.periods)).toEqual(["2024/01", "2024/02", "2024/03"]);
      expect(valuesOf(answer)).toEqual({ "p Sold": [3, 4, 8] });
      expect(sumsOf(answer)).toEqual({ "p Sold": [103, 107, 115] });
      expect(await asked(rpc, { ...firstQuarter, boundary: Boundary.RIGHT_OPEN })).toEqual(answer);
    });

    test("left open, a value on a boundary counts in the period that ends with it, and one at the end nowhere", async () => {
      await added(rpc, ...edges);
      const answer = await asked(rpc, { ...firstQuarter, boundary: Boundary.LEFT_OPEN });
      expect(valuesOf(answer)).toEqual({ "p Sold": [6, 0, 8] });
      expect(sumsOf(answer)).toEqual({ "p Sold": [107, 107, 115] });
    });

    test("a vesting accrues from its cliff to its end", async () => {
      const vest = { fn: "DssVest", endTime: { seconds: BigInt(Date.UTC(2024, 2, 31) / 1000) } };
      await added(
        rpc,
        valued("2024-01-01", 90, { ...vest, params: { cliff: "2024-01-31T00:00:00Z" } }),
      );
      const answer = await asked(rpc, { ...firstQuarter, granularity: Granularity.DAILY });
      const { value, sum } = first(answer);
      expect([value[29], value[30], value[31]]).toEqual([0, 31, 1]);
      expect([sum[29], sum[30], sum.at(-1)]).toEqual([0, 31, 90]);
    });

    test("groups are made of paths at their level of detail, filled up where they are shorter", async () => {
      await added(
        rpc,
        valued("2024-01-01", 1, { project: "a/b/c" }),
        valued("2024-01-01", 2, { project: "a/b/d" }),
        valued("2024-01-01", 4, { project: "a" }),
        valued("2024-01-01", 8, { dimensions: {} }),
      );
      const at = async (levelOfDetail?: number) => {
        const select = [
          { dimension: "project", ...(levelOfDetail !== undefined && { levelOfDetail }) },
        ];
        const answer = await asked(rpc, {
          ...firstQuarter,
          granularity: Granularity.TOTAL,
          select,
        });
        return answer.groups.map(({ dimensions, value }) => `${dimensions[0]?.path}=${value}`);
      };
      expect(await at(0)).toEqual(["=15"]);
      expect(await at(1)).toEqual(["a=7", "?=8"]);
      expect(await at(2)).toEqual(["a/b=3", "a/*=4", "?=8"]);
      expect(await at(4)).toEqual(["a/b/c/*=1", "a/b/d/*=2", "a/*/*/*=4", "?=8"]);
      expect(await at()).toEqual(["a/b/c=1", "a/b/d=2", "a=4", "?=8"]);
    });

    test("groups are of several dimensions in their order, metric and unit, as first seen", async () => {
      const dimensions = { project: "p", kind: "k" };
      await added(
        rpc,
        valued("2024-02-01", 1, { dimensions, unit: "DAI" }),
        valued("2024-01-01", 2, { dimensions, metric: "Bought" }),
        valued("2024-01-01", 4, { dimensions: { kind: "k" } }),
        valued("2024-01-01", 8, { dimensions, unit: "DAI" }),
      );
      const select = [{ dimension: "kind" }, { dimension: "project" }];
      const answer = await asked(rpc, { ...firstQuarter, select });
      expect(valuesOf(answer)).toEqual({
        "k p Sold DAI": [8, 1, 0],
        "k p Bought": [2, 0, 0],
        "k ? Sold": [4, 0, 0],
      });
      expect(first(answer).dimensions.map(({ name }) => name)).toEqual(["kind", "project"]);
    });

    test("patterns mean whole segments, a star any one, and what is excluded is left out", async () => {
      const paths = ["a/b/c", "a/x/c/d", "a/bc", "a_b", "axb"];
      const series = paths.map((project, index) => valued("2024-01-01", 2 ** index, { project }));
      await added(rpc, ...series, valued("2024-01-01", 32, { dimensions: {} }));
      const found = async (paths: string[], exclude: string[] = []) =>
        (
          await asked(rpc, { ...firstQuarter, select: [{ dimension: "project", paths, exclude }] })
        ).groups.map(({ dimensions }) => dimensions[0]?.path);
      expect(await found([])).toEqual([...paths, "?"]);
      expect(await found(["a"])).toEqual(["a/b/c", "a/x/c/d", "a/bc"]);
      expect(await found(["/a/b/"])).toEqual(["a/b/c"]);
      expect(await found(["a/*/c"])).toEqual(["a/b/c", "a/x/c/d"]);
      expect(await found(["a_b"])).toEqual(["a_b"]);
      expect(await found(["%"])).toEqual([]);
      expect(await found(["?", "axb"])).toEqual(["axb", "?"]);
      expect(await found(["*"], ["a/x", "?"])).toEqual(["a/b/c", "a/bc", "a_b", "axb"]);
      expect(await found([], ["?"])).toEqual(paths);
    });

    test("metrics are kept as they are written, found so, and if asked for in upper and lower case alike", async () => {
      const metrics = ["FTEs", "http_requests_total", "a-b", "GPTTokens", "ftes"];
      await added(rpc, ...metrics.map((metric) => valued("2024-01-01", 1, { metric })));
      const found = async (query: { metrics: string[]; metricsIgnoreCase?: boolean }) =>
        (await asked(rpc, { ...firstQuarter, ...query })).groups.map(({ metric }) => metric);
      for (const metric of metrics) expect(await found({ metrics: [metric] })).toEqual([metric]);
      expect(await found({ metrics: ["ftes"], metricsIgnoreCase: true })).toEqual(["FTEs", "ftes"]);
      expect(await found({ metrics: ["HttpRequestsTotal"] })).toEqual([]);
      expect(await found({ metrics: [] })).toEqual(metrics);
    });

    test("units are found as they are, the empty one being none", async () => {
      await added(rpc, ...["", "DAI", "MKR"].map((unit) => valued("2024-01-01", 1, { unit })));
      const found = async (...units: string[]) =>
        (await asked(rpc, { ...firstQuarter, units })).groups.map(({ unit }) => unit);
      expect(await found()).toEqual(["", "DAI", "MKR"]);
      expect(await found("MKR", "")).toEqual(["", "MKR"]);
      expect(await found("dai")).toEqual([]);
    });

    test("what is said of a path stands with its groups, and with no other dimension's", async () => {
      await added(
        rpc,
        valued("2024-01-01", 1, {
          dimensions: { project: "a/b", kind: "a/b" },
          dimensionMetadata: [{ dimension: "project", path: "a/b", label: "The b", icon: "i" }],
        }),
      );
      await rpc.analytics.updateDimension({
        dimension: { name: "project", path: "a", description: "all of a" },
        updateMask: { paths: ["description"] },
      });
      const select = [{ dimension: "kind" }, { dimension: "project" }];
      const [kind, project] = first(await asked(rpc, { ...firstQuarter, select })).dimensions;
      expect(kind).toMatchObject({ name: "kind", path: "a/b", label: "", icon: "" });
      expect(project).toMatchObject({ name: "project", path: "a/b", label: "The b", icon: "i" });
      const above = [{ dimension: "project", levelOfDetail: 1 }];
      expect(
        first(await asked(rpc, { ...firstQuarter, select: above })).dimensions[0],
      ).toMatchObject({
        path: "a",
        description: "all of a",
      });
    });

    test("series under one path in two dimensions count once, and numbers keep all their digits", async () => {
      await added(
        rpc,
        valued("2024-01-01", 16_777_217, { dimensions: { project: "x", budget: "x" } }),
        valued("2024-01-02", 123_456_789.12, { dimensions: { project: "y", budget: "x" } }),
      );
      expect(valuesOf(await asked(rpc, firstQuarter))).toEqual({
        "x Sold": [16_777_217, 0, 0],
        "y Sold": [123_456_789.12, 0, 0],
      });
    });

    test("a dimension may have any name, such as those of metadata and a quote", async () => {
      for (const dimension of ["icon", "label", 'a"b', "a.b", "'; drop table", "__proto__"]) {
        await added(
          rpc,
          valued("2024-01-01", 1, { metric: "Odd", dimensions: { [dimension]: "x" } }),
        );
        const odd = { metrics: ["Odd"], select: [{ dimension, paths: ["x"] }] };
        expect(namesOf(await asked(rpc, { ...firstQuarter, ...odd }))).toEqual(["x Odd"]);
      }
    });

    test("an answer is of the tenant's own series, and tells their revision", async () => {
      await rpc.tenants.create({ tenant: { name: "other" } });
      const { revision } = await added(rpc, ...edges);
      expect((await asked(rpc, firstQuarter)).revision).toBe(revision);
      const other = await rpc.analytics.query({ query: queryOf(firstQuarter) }, as("other"));
      expect(other.groups).toEqual([]);
      expect(other.periods).toHaveLength(3);
    });
  });
}
