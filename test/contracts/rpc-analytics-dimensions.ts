import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { as, one } from "./rpc-analytics-parts.ts";
import { failureOf } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeAnalyticsDimensions(subject: RpcUnderTest): void {
  let rpc: RpcSubject;
  beforeEach(async () => {
    rpc = await subject.open();
  });
  afterEach(() => rpc.close());

  const add = (...of: Record<string, string>[]) =>
    rpc.analytics.addSeries({ series: of.map((dimensions) => one({ dimensions })) });

  type ListRequest = Parameters<RpcSubject["analytics"]["listDimensions"]>[0];
  const listed = async (request: ListRequest = {}): Promise<string[]> => {
    const { dimensions } = await rpc.analytics.listDimensions(request);
    return dimensions.map(({ name, path }) => `${name} ${path}`);
  };

  describe("ListDimensions", () => {
    test("lists every path of every dimension once, by code points", async () => {
      await add({ b: "z", a: "x/y" }, { a: "x" }, { a: "x/y" }, { a: "x!" }, { a: "\u{1F600}" });
      await add({ a: "\uFFFD" }, { "\u{1F600}": "p" }, { "\uFFFD": "p" });
      const ofA = ["a x", "a x!", "a x/y", "a \uFFFD", "a \u{1F600}"];
      expect(await listed()).toEqual([...ofA, "b z", "\uFFFD p", "\u{1F600} p"]);
      expect(await listed({ name: "a" })).toEqual(ofA);
      expect(await listed({ path: "/x" })).toEqual(["a x", "a x/y"]);
      expect(await listed({ name: "b", path: "x" })).toEqual([]);
    });

    test("page after page gives each once", async () => {
      await add(...Array.from({ length: 25 }, (_, at) => ({ [`d${at % 3}`]: `p/${at}` })));
      const whole = await listed();
      const paged: string[] = [];
      let pageToken = "";
      do {
        const page = await rpc.analytics.listDimensions({ pageSize: 4, pageToken });
        expect(page.dimensions.length).toBeLessThanOrEqual(4);
        paged.push(...page.dimensions.map(({ name, path }) => `${name} ${path}`));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      expect(paged).toEqual(whole);
      expect(whole).toHaveLength(25);
    });

    test("a page token is good for its query and its tenant alone", async () => {
      await rpc.tenants.create({ tenant: { name: "t" } });
      await add({ a: "1" }, { a: "2" });
      const { nextPageToken: pageToken } = await rpc.analytics.listDimensions({ pageSize: 1 });
      expect(await listed({ pageToken })).toEqual(["a 2"]);
      const calls = [
        rpc.analytics.listDimensions({ name: "a", pageToken }),
        rpc.analytics.listDimensions({ path: "1", pageToken }),
        rpc.analytics.listDimensions({ pageToken }, as("t")),
        rpc.analytics.listMetrics({ pageToken }),
        rpc.analytics.listDimensions({ pageToken: `${pageToken}x` }),
      ];
      for (const call of calls) {
        expect(await failureOf(call)).toMatchObject({ reason: "PAGE_TOKEN_INVALID" });
      }
    });

    test("a page is no larger than a message may be", async () => {
      const small = await subject.open({ analyticsLimits: { messageBytesMax: 4096 } });
      const paths = Array.from({ length: 10 }, (_, at) => `${at}${"x".repeat(1000)}`);
      const series = paths.map((path) => one({ dimensions: { d: path } }));
      await small.analytics.addSeries({ series });
      const first = await small.analytics.listDimensions({});
      expect(first.dimensions.length).toBeGreaterThan(0);
      expect(first.dimensions.length).toBeLessThan(4);
      const rest = await small.analytics.listDimensions({ pageToken: first.nextPageToken });
      expect(rest.dimensions[0]?.path).toBe(paths[first.dimensions.length]);
      await small.close();
    });

    test("what is asked for is checked", async () => {
      const bad = [{ path: "a//b" }, { path: "*" }, { name: "n".repeat(256) }, { pageSize: -1 }];
      for (const request of bad) {
        expect(await failureOf(rpc.analytics.listDimensions(request))).toMatchObject({
          code: Code.InvalidArgument,
          reason: "INVALID_FIELD",
          fields: [Object.keys(request)[0]?.replace("pageSize", "page_size")],
        });
      }
    });
  });

  describe("UpdateDimension", () => {
    const germany = { name: "region", path: "eu/de" };
    const said = { label: "Germany", icon: "DE", description: "where it is" };

    test("says what is said of a path in a dimension, and of no other", async () => {
      await add({ region: "eu/de", country: "eu/de" }, { region: "eu" });
      const { dimension } = await rpc.analytics.updateDimension({
        dimension: { ...germany, path: "/eu/de", ...said },
      });
      expect(dimension).toMatchObject({ ...germany, ...said });
      const { dimensions } = await rpc.analytics.listDimensions({});
      expect(dimensions.map(({ name, path, label }) => [name, path, label])).toEqual([
        ["country", "eu/de", ""],
        ["region", "eu", ""],
        ["region", "eu/de", "Germany"],
      ]);
    });

    test("sets the fields that the mask names", async () => {
      await rpc.analytics.updateDimension({ dimension: { ...germany, ...said } });
      const updated = async (paths: string[] | undefined, init: Partial<typeof said>) => {
        const updateMask = paths && { paths };
        const dimension = { ...germany, ...init };
        return (
          await rpc.analytics.updateDimension({ dimension, ...(updateMask && { updateMask }) })
        ).dimension;
      };
      expect(await updated(["label"], { label: "Deutschland", icon: "no" })).toMatchObject({
        ...said,
        label: "Deutschland",
      });
      expect(await updated(["icon", "description"], { icon: "flag" })).toMatchObject({
        ...{ label: "Deutschland", icon: "flag", description: "" },
      });
      expect(await updated(undefined, said)).toMatchObject(said);
      expect(await updated(["*"], {})).toMatchObject({ label: "", icon: "", description: "" });
    });

    test("a path that no series has is made, and stays until it is cleared", async () => {
      await rpc.analytics.updateDimension({ dimension: { ...germany, label: "Germany" } });
      expect(await listed()).toEqual(["region eu/de"]);
      expect(await rpc.analytics.clearEmptyDimensions({})).toMatchObject({ dimensions: 1n });
      expect(await listed()).toEqual([]);
    });

    test("what is asked for is checked", async () => {
      const bad: [Parameters<typeof rpc.analytics.updateDimension>[0], string][] = [
        [{}, "dimension"],
        [{ dimension: { path: "a" } }, "dimension.name"],
        [{ dimension: { name: "d" } }, "dimension.path"],
        [{ dimension: { name: "d", path: "?" } }, "dimension.path"],
        [{ dimension: { name: "d", path: "a", label: "l".repeat(1025) } }, "dimension.label"],
        [{ dimension: { name: "d", path: "a", icon: "l".repeat(1025) } }, "dimension.icon"],
        [
          { dimension: { name: "d", path: "a", description: "l".repeat(4097) } },
          "dimension.description",
        ],
        [{ dimension: { name: "d", path: "a" }, updateMask: { paths: ["path"] } }, "update_mask"],
      ];
      for (const [request, field] of bad) {
        expect(await failureOf(rpc.analytics.updateDimension(request))).toMatchObject({
          code: Code.InvalidArgument,
          reason: "INVALID_FIELD",
          fields: [field],
        });
      }
      expect(await listed()).toEqual([]);
    });
  });

  test("ClearEmptyDimensions forgets what no series has, nor one below it", async () => {
    await add({ d: "a/b" }, { d: "c" });
    await rpc.analytics.updateDimension({ dimension: { name: "d", path: "a", label: "A" } });
    await rpc.analytics.deleteSeries({ filter: { select: [{ dimension: "d", paths: ["c"] }] } });
    expect(await listed()).toEqual(["d a", "d a/b", "d c"]);
    expect(await rpc.analytics.clearEmptyDimensions({})).toMatchObject({ dimensions: 1n });
    expect(await listed()).toEqual(["d a", "d a/b"]);
    expect(await rpc.analytics.clearEmptyDimensions({})).toMatchObject({ dimensions: 0n });
  });
}
