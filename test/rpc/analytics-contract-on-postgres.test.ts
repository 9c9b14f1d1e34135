import { afterAll, beforeAll, expect, test } from "vitest";
import { Granularity } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { describeAnalyticsRpcContract } from "../contracts/rpc-analytics-contract.ts";
import { one, StreamReader, stored } from "../contracts/rpc-analytics-parts.ts";
import { SharedSeries } from "../contracts/rpc-analytics-shared.ts";
import { openRpc } from "../contracts/rpc-subject.ts";
import { eventually } from "../support/settle.ts";
import { describeWithPostgres } from "../support/with-postgres.ts";

describeWithPostgres("analytics over gRPC", (server) => {
  let shared: SharedSeries;
  beforeAll(async () => {
    shared = await SharedSeries.open(await server().newDatabase());
  });
  afterAll(() => shared.close());

  describeAnalyticsRpcContract({
    name: "grpc, on PostgreSQL",
    open: (options) =>
      openRpc("grpc", {
        openSeries: async ({ clock, report }) => shared.forServer(clock, report),
        ...options,
      }),
  });

  test("two servers share a database: what one adds, the other's watches are told, and both retire", async () => {
    const analyticsUrl = await server().newDatabase();
    const first = await openRpc("grpc", { analyticsUrl });
    const second = await openRpc("grpc", { analyticsUrl });
    const watch = new StreamReader(second, (signal) => second.analytics.watch({}, { signal }));
    await watch.next();
    await first.analytics.addSeries({ series: [one({ source: "a" }), one({ source: "b" })] });
    const told = await watch.next();
    expect(told.changes.map(({ source, added }) => `${source} +${added}`)).toEqual([
      "a +1",
      "b +1",
    ]);
    await second.analytics.clearBySource({ source: "b" });
    expect((await watch.next()).changes).toMatchObject([{ source: "b", deleted: 1n }]);
    await second.series.setRetention({ tenant: "default" }, [{ count: 0 }]);
    first.clock.advance(60_000);
    second.clock.advance(60_000);
    await eventually(first.clock, async () => (await stored(second)).length === 0);
    // A minute has gone by, so that there is progress to tell before.
    let { changes } = await watch.next();
    while (changes.length === 0) ({ changes } = await watch.next());
    expect(changes).toMatchObject([{ source: "a", deleted: 1n }]);
    expect([...first.reported, ...second.reported]).toEqual([]);
    await watch.end();
    await first.close();
    await second.close();
  });

  test("what is said of a path through one server comes at once to who watches an answer at another", async () => {
    const analyticsUrl = await server().newDatabase();
    const first = await openRpc("grpc", { analyticsUrl });
    const second = await openRpc("grpc", { analyticsUrl });
    await first.analytics.addSeries({ series: [one({ dimensions: { d: "a" } })] });
    const query = { granularity: Granularity.TOTAL, select: [{ dimension: "d" }] };
    const watch = new StreamReader(second, (signal) =>
      second.analytics.watchQuery({ query }, { signal }),
    );
    await watch.next();
    await first.analytics.updateDimension({ dimension: { name: "d", path: "a", label: "A" } });
    const { groups } = await watch.next();
    expect(groups.map(({ dimensions }) => dimensions[0]?.label)).toEqual(["A"]);
    await watch.end();
    await first.close();
    await second.close();
  });
});
