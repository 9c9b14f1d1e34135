import { join } from "node:path";
import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WhenExists } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import { Granularity } from "#gen/tiffin/analytics/v1/query_pb.ts";
import type { AnalyticsStore } from "../../src/analytics-store/analytics-store.ts";
import { TiffinError } from "../../src/errors.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { exported, imported } from "./rpc-admin-parts.ts";
import { altered } from "./rpc-analytics-altered.ts";
import { as, dayOf2024, one, stored, valuesOf } from "./rpc-analytics-parts.ts";
import { failureOf } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeAnalyticsTenants(subject: RpcUnderTest): void {
  describe("tenants and their series", () => {
    let rpc: RpcSubject;
    /** While it holds, no tenant's series can be deleted. */
    let isDown = false;
    /** Runs before the series of a call are added, when its tenant was found to be there. */
    let beforeAdding: (() => Promise<unknown>) | undefined;
    beforeEach(async () => {
      isDown = false;
      beforeAdding = undefined;
      rpc = await subject.open({ alterSeries });
      await rpc.tenants.create({ tenant: { name: "t" } });
    });
    afterEach(() => rpc.close());

    const alterSeries = (series: AnalyticsStore): AnalyticsStore =>
      altered("add", (inner) => async (scope, batch) => {
        const before = beforeAdding;
        beforeAdding = undefined;
        await before?.();
        return inner.add(scope, batch);
      })(
        altered("deleteTenant", (inner) => async (name) => {
          if (isDown) throw new TiffinError("store_unreachable", "the database went away");
          return inner.deleteTenant(name);
        })(series),
      );
    const unreachable = { code: Code.Unavailable, reason: "STORE_UNREACHABLE" };
    const notFound = { code: Code.NotFound, reason: "TENANT_NOT_FOUND", metadata: { tenant: "t" } };
    const add = (value: number, tenant = "t", of = rpc) =>
      of.analytics.addSeries({ series: [one({ value, dimensions: { d: "a" } })] }, as(tenant));
    const values = async (tenant = "t", of = rpc) => valuesOf(await stored(of, tenant));
    const create = (of = rpc) => of.tenants.create({ tenant: { name: "t" } });

    test("series are the tenant's that the call names", async () => {
      await add(1);
      await add(2, "default");
      expect(await values()).toEqual([1]);
      expect(await values("default")).toEqual([2]);
    });

    test("with its tenant goes all that is its own, and nothing of another's", async () => {
      await add(1);
      await add(2, "default");
      const label = { dimension: { name: "d", path: "a", label: "A" } };
      await rpc.analytics.updateDimension(label, as("t"));
      await rpc.analytics.setRetention(
        { rules: [{ keep: { case: "count", value: 1n } }] },
        as("t"),
      );
      await rpc.tenants.delete({ name: "t" });
      expect(await values()).toEqual([]);
      expect(await values("default")).toEqual([2]);
      await create();
      expect((await rpc.analytics.listDimensions({}, as("t"))).dimensions).toEqual([]);
      expect((await rpc.analytics.getRetention({}, as("t"))).rules).toEqual([]);
      expect((await rpc.analytics.listMetrics({}, as("t"))).metrics).toEqual([]);
      expect((await rpc.analytics.listSources({}, as("default"))).sources).toEqual(["a/b"]);
    });

    describe("when the series could not be deleted with their tenant", () => {
      beforeEach(async () => {
        await add(1);
        isDown = true;
        expect(await failureOf(rpc.tenants.delete({ name: "t" }))).toMatchObject(unreachable);
        expect(await values()).toEqual([1]);
      });

      test("the tenant has gone all the same", async () => {
        expect(await failureOf(rpc.tenants.get({ name: "t" }))).toMatchObject(notFound);
        expect(await failureOf(add(2))).toMatchObject(notFound);
        expect(await values()).toEqual([1]);
      });

      test("deleting it again deletes them", async () => {
        expect(await failureOf(rpc.tenants.delete({ name: "t" }))).toMatchObject(unreachable);
        isDown = false;
        expect(await rpc.tenants.delete({ name: "t" })).toMatchObject({ deleted: false });
        expect(await values()).toEqual([]);
      });

      test("no tenant of the name is created before they are deleted", async () => {
        expect(await failureOf(create())).toMatchObject(unreachable);
        expect(await failureOf(rpc.tenants.get({ name: "t" }))).toMatchObject(notFound);
        isDown = false;
        await create();
        expect(await values()).toEqual([]);
        await add(3);
        await rpc.tenants.create({ tenant: { name: "other" } });
        await rpc.tenants.delete({ name: "other" });
        expect(await values()).toEqual([3]);
      });

      test("nor is one imported", async () => {
        isDown = false;
        await create();
        const parts = await exported(rpc, { tenants: ["t"] });
        await add(2);
        isDown = true;
        expect(await failureOf(rpc.tenants.delete({ name: "t" }))).toMatchObject(unreachable);
        expect(await failureOf(imported(rpc, parts))).toMatchObject(unreachable);
        expect(await failureOf(rpc.tenants.get({ name: "t" }))).toMatchObject(notFound);
        isDown = false;
        await imported(rpc, parts);
        expect(await values()).toEqual([]);
      });

      test("no export and no statistics of tenants know of it", async () => {
        const [header] = await exported(rpc);
        expect(header?.part.value).toMatchObject({ tenants: ["default"] });
        const { tenants } = await rpc.admin.stats({});
        expect(tenants.map(({ name }) => name)).toEqual(["default"]);
      });
    });

    test("what a crash left between the two is deleted at the next start", async () => {
      const storeUrl = `sqlite:${join(temporaryFolder(), "store.db")}`;
      const first = await subject.open({ storeUrl, alterSeries: () => alterSeries(rpc.series) });
      await create(first);
      await add(1, "t", first);
      isDown = true;
      expect(await failureOf(first.tenants.delete({ name: "t" }))).toMatchObject(unreachable);
      await first.close();
      expect(await values()).toEqual([1]);
      // A start that cannot delete them either says so, and serves all other tenants.
      const second = await subject.open({ storeUrl, alterSeries: () => alterSeries(rpc.series) });
      expect(second.reported).toEqual(["what is left of the tenant t could not be deleted"]);
      expect(await failureOf(create(second))).toMatchObject(unreachable);
      await second.close();
      isDown = false;
      const third = await subject.open({ storeUrl, alterSeries: () => alterSeries(rpc.series) });
      expect(await values()).toEqual([]);
      expect(third.reported).toEqual([]);
      await create(third);
      await third.close();
    });

    describe("when the tenant's record is gone, and its series are not", () => {
      let other: RpcSubject;
      beforeEach(async () => {
        await add(1);
        // A store in memory that has begun anew, beside the series that were kept.
        other = await subject.open({ alterSeries: () => alterSeries(rpc.series) });
      });
      afterEach(() => other.close());

      test("deleting the tenant deletes them, and answers that there was none", async () => {
        await add(2, "default");
        expect(await other.tenants.delete({ name: "t" })).toMatchObject({ deleted: false });
        expect(await values()).toEqual([]);
        await create(other);
        expect(await values("t", other)).toEqual([]);
        expect(await values("default")).toEqual([2]);
      });

      test("a deletion that expects a version, or is of the protected tenant, deletes none", async () => {
        await add(2, "default");
        const ofVersion = other.tenants.delete({ name: "t", expectedVersion: 7n });
        expect(await failureOf(ofVersion)).toMatchObject({ reason: "PRECONDITION_FAILED" });
        const ofDefault = other.tenants.delete({ name: "default" });
        expect(await failureOf(ofDefault)).toMatchObject({ reason: "TENANT_PROTECTED" });
        expect([await values(), await values("default")]).toEqual([[1], [2]]);
      });

      test("a deletion that could not delete them does when it is repeated", async () => {
        const deletion = { name: "t", requestId: "once" };
        isDown = true;
        expect(await failureOf(other.tenants.delete(deletion))).toMatchObject(unreachable);
        isDown = false;
        expect(await other.tenants.delete(deletion)).toMatchObject({ deleted: false });
        expect(await values()).toEqual([]);
        await create(other);
        await add(3, "t", other);
        expect(await other.tenants.delete(deletion)).toMatchObject({ deleted: false });
        expect(await values()).toEqual([3]);
      });
    });

    test("what is added while its tenant is deleted is deleted again, and not acknowledged", async () => {
      beforeAdding = () => rpc.tenants.delete({ name: "t" });
      expect(await failureOf(add(1))).toMatchObject(notFound);
      expect(await values()).toEqual([]);
      await create();
      expect(await values()).toEqual([]);
    });

    test("what is added while another tenant takes the name is that one's", async () => {
      await add(1);
      beforeAdding = async () => {
        await rpc.tenants.delete({ name: "t" });
        await create();
      };
      expect(await add(2)).toMatchObject({ count: 1n });
      expect(await values()).toEqual([2]);
    });

    test("a tenant that is replaced by an import keeps its series, which are in no export", async () => {
      await add(1);
      const parts = await exported(rpc, { tenants: ["t"] });
      await imported(rpc, parts, WhenExists.REPLACE);
      expect(await values()).toEqual([1]);
      expect(await add(2)).toMatchObject({ count: 1n });
    });

    const query = { granularity: Granularity.TOTAL, select: [{ dimension: "d" }] };
    const drain = async (stream: AsyncIterable<unknown>, count = Number.POSITIVE_INFINITY) => {
      const messages: unknown[] = [];
      for await (const message of stream) {
        messages.push(message);
        if (messages.length >= count) break;
      }
      return messages;
    };
    async function* requests() {
      yield { series: [one({ value: 9 })] };
    }
    /** Each method once, in the name of the tenant; of a watch the first message. */
    const methods: Record<string, (tenant: string) => Promise<unknown>> = {
      AddSeries: (t) => rpc.analytics.addSeries({ series: [one()], requestId: "same" }, as(t)),
      ImportSeries: (t) => rpc.analytics.importSeries(requests(), as(t)),
      Query: (t) => rpc.analytics.query({ query }, as(t)),
      StreamQuery: (t) => drain(rpc.analytics.streamQuery({ query }, as(t))),
      ListSeries: (t) => rpc.analytics.listSeries({}, as(t)),
      StreamSeries: (t) => drain(rpc.analytics.streamSeries({}, as(t))),
      ListDimensions: (t) => rpc.analytics.listDimensions({}, as(t)),
      UpdateDimension: (t) =>
        rpc.analytics.updateDimension({ dimension: { name: "d", path: "a", label: t } }, as(t)),
      ClearEmptyDimensions: (t) => rpc.analytics.clearEmptyDimensions({}, as(t)),
      ListMetrics: (t) => rpc.analytics.listMetrics({}, as(t)),
      ListUnits: (t) => rpc.analytics.listUnits({}, as(t)),
      ListSources: (t) => rpc.analytics.listSources({}, as(t)),
      SetRetention: (t) =>
        rpc.analytics.setRetention({ rules: [{ keep: { case: "count", value: 5n } }] }, as(t)),
      GetRetention: (t) => rpc.analytics.getRetention({}, as(t)),
      Watch: (t) => drain(rpc.analytics.watch({}, as(t)), 1),
      WatchQuery: (t) => drain(rpc.analytics.watchQuery({ query }, as(t)), 1),
      DeleteSeries: (t) => rpc.analytics.deleteSeries({ filter: { metrics: ["Sold"] } }, as(t)),
      ClearBySource: (t) => rpc.analytics.clearBySource({ source: "a" }, as(t)),
    };

    test("every method knows when its tenant is not there", async () => {
      for (const [name, call] of Object.entries(methods)) {
        expect(await failureOf(call("absent")), name).toMatchObject({
          code: Code.NotFound,
          reason: "TENANT_NOT_FOUND",
          metadata: { tenant: "absent" },
        });
      }
    });

    test("no method in one tenant shows or changes what is another's", async () => {
      await rpc.tenants.create({ tenant: { name: "other" } });
      const secret = one({
        ...{ source: "other/source", metric: "Others", unit: "OTH", value: 777 },
        ...{ startTime: dayOf2024(3), dimensions: { d: "other/path" } },
      });
      const rules = [{ keep: { case: "count", value: 777n } } as const];
      await rpc.analytics.addSeries({ series: [secret], requestId: "same" }, as("other"));
      await rpc.analytics.setRetention({ rules }, as("other"));
      const described = { dimension: { name: "d", path: "other/path", label: "other" } };
      await rpc.analytics.updateDimension(described, as("other"));
      const seen = async () => [
        await stored(rpc, "other"),
        (await rpc.analytics.listDimensions({}, as("other"))).dimensions,
        (await rpc.analytics.getRetention({}, as("other"))).rules,
        (await rpc.analytics.query({ query }, as("other"))).groups,
        (await rpc.series.changes({ tenant: "other" }, { limit: 1 })).head,
      ];
      const before = await seen();
      for (const [name, call] of Object.entries(methods)) {
        const answer = await call("t");
        const text = JSON.stringify(answer, (_, value) =>
          typeof value === "bigint" ? String(value) : value,
        );
        expect(text, name).not.toMatch(/other|Others|OTH|777/);
        expect(await seen(), name).toEqual(before);
      }
    });
  });
}
