import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ImportOutcome, WhenExists } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import { EventType } from "#gen/tiffin/kv/v1/watch_pb.ts";
import { key, within } from "../../src/store/key.ts";
import { eventually } from "../support/settle.ts";
import { as, everything, exported, fill, imported } from "./rpc-admin-parts.ts";
import { contentOf, failureOf, inShort, text, WatchReader } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeMoving(subject: RpcUnderTest): void {
  describe("moving what is in a server", () => {
    let from: RpcSubject;
    let to: RpcSubject;
    beforeEach(async () => {
      from = await subject.open();
      to = await subject.open({ clock: from.clock });
    });
    afterEach(async () => {
      await from.close();
      await to.close();
    });

    test("an export is a header, chunks below half a message, and a trailer", async () => {
      await fill(from);
      const parts = await exported(from);
      const cases = parts.map(({ part }) => part.case);
      expect(cases).toEqual(["header", "chunk", "chunk", "chunk", "chunk", "trailer"]);
      expect(parts[0]?.part.value).toMatchObject({
        format: "tiffin-export",
        formatVersion: 1,
        tenants: ["default"],
        tiffinVersion: "0.0.0-test",
      });
    });

    test("everything is there as it was: values, versions, creation and expiry", async () => {
      await from.tenants.create({ tenant: { name: "acme", displayName: "A", labels: { b: "c" } } });
      await fill(from);
      await fill(from, "acme");
      const response = await imported(to, await exported(from));
      expect(response).toMatchObject({ resumedChunks: 0n, chunks: 8n });
      expect(response.tenants.map(({ name, outcome }) => [name, outcome])).toEqual([
        ["acme", ImportOutcome.CREATED],
        ["default", ImportOutcome.REPLACED],
      ]);
      for (const tenant of ["default", "acme"]) {
        expect(await everything(to, tenant)).toEqual(await everything(from, tenant));
      }
      const { tenant } = await to.tenants.get({ name: "acme" });
      expect(tenant).toMatchObject({ displayName: "A", labels: { b: "c" } });
      const at60 = from.clock.now() + 60_000;
      from.clock.advance(60_000);
      expect(from.clock.now()).toBe(at60);
      expect((await to.kv.get({ key: "short" })).entry).toBeUndefined();
      expect(await to.admin.check({})).toMatchObject({ ok: true });
    });

    test("a version held from before guards a write after, and a repeated call is known", async () => {
      const { version } = await from.kv.set({ key: "a", value: text("one") });
      const call = { key: "b", value: text("two"), requestId: "once" };
      const first = await from.kv.set(call);
      await imported(to, await exported(from));
      expect(await to.kv.set(call)).toEqual(first);
      const precondition = { condition: { case: "version", value: version } } as const;
      const next = await to.kv.set({ key: "a", value: text("2"), precondition });
      expect(next.version).toBeGreaterThan(version);
      const again = to.kv.set({ key: "a", value: text("3"), precondition });
      expect(await failureOf(again)).toMatchObject({ reason: "PRECONDITION_FAILED" });
    });

    test("one tenant is moved alone, and one that is not there is not found", async () => {
      await from.tenants.create({ tenant: { name: "acme" } });
      await fill(from, "acme", 10);
      await imported(to, await exported(from, { tenants: ["acme"] }));
      expect(await everything(to, "acme")).toEqual(await everything(from, "acme"));
      expect(await failureOf(exported(from, { tenants: ["acme", "absent"] }))).toMatchObject({
        code: Code.NotFound,
        reason: "TENANT_NOT_FOUND",
        metadata: { tenant: "absent" },
      });
      const twice = exported(from, { tenants: ["acme", "acme"] });
      expect(await failureOf(twice)).toMatchObject({ reason: "INVALID_FIELD" });
    });

    test("what is written during an export is not in it", async () => {
      await fill(from);
      const before = await everything(from);
      const parts = [];
      for await (const { part } of from.admin.export({})) {
        if (parts.length === 0) {
          await from.kv.set({ key: "a", value: text("later") });
          await from.kv.deleteNamespace({ namespace: "large" });
        }
        if (part !== undefined) parts.push(part);
      }
      await imported(to, parts);
      expect(await everything(to)).toEqual(before);
    });

    test("what was deleted and is not purged yet stays behind", async () => {
      await fill(from, "default", 10);
      await from.kv.deleteNamespace({ namespace: "n" });
      const parts = await exported(from);
      await imported(to, parts);
      expect(Object.keys(await everything(to))).toEqual(["", "large"]);
      const { tenants } = await to.admin.stats({});
      const kv = tenants[0]?.spaces.find(({ name }) => name === "kv");
      expect(kv?.records).toBe(4n);
    });

    test("numbers of namespaces that both servers have used do not mix", async () => {
      await from.kv.set({ namespace: "one", key: "a", value: text("1") });
      await from.tenants.create({ tenant: { name: "acme" } });
      await from.kv.set({ namespace: "two", key: "a", value: text("2") }, as("acme"));
      await to.kv.set({ namespace: "three", key: "b", value: text("3") });
      await imported(to, await exported(from, { tenants: ["acme"] }));
      await to.kv.set({ namespace: "four", key: "c", value: text("4") }, as("acme"));
      expect(inShort(await contentOf(to, "three"))).toEqual({ b: "3" });
      expect(inShort(await contentOf(to, "two", as("acme").headers))).toEqual({ a: "2" });
      expect(inShort(await contentOf(to, "four", as("acme").headers))).toEqual({ c: "4" });
    });

    test("a tenant with records is refused by name, before and after it got them", async () => {
      const parts = await exported(from);
      await fill(to, "default", 10);
      const before = await everything(to);
      const failure = {
        code: Code.FailedPrecondition,
        reason: "TENANT_NOT_EMPTY",
        metadata: { tenant: "default" },
      };
      expect(await failureOf(imported(to, parts))).toMatchObject(failure);
      expect(await everything(to)).toEqual(before);
    });

    test("a tenant with nothing but traces counts as empty", async () => {
      await fill(from, "default", 10);
      await to.kv.set({ key: "a", value: text("x"), requestId: "once" });
      await to.kv.delete({ key: "a" });
      await imported(to, await exported(from));
      expect(await everything(to)).toEqual(await everything(from));
    });

    test("a replaced tenant is another at once: watches end, places are found anew", async () => {
      await fill(from, "default", 10);
      await fill(to, "default", 10);
      await to.kv.set({ namespace: "own", key: "a", value: text("x") });
      const watch = new WatchReader((signal) => to.kv.watch({ namespace: "n" }, { signal }));
      await watch.next();
      const parts = await exported(from);
      const { tenants } = await imported(to, parts, WhenExists.REPLACE);
      expect(tenants).toMatchObject([{ outcome: ImportOutcome.REPLACED }]);
      expect(await everything(to)).toEqual(await everything(from));
      expect((await to.kv.get({ namespace: "own", key: "a" })).entry).toBeUndefined();
      expect(await failureOf(watch.next().then(() => watch.next()))).toMatchObject({
        reason: "TENANT_NOT_FOUND",
      });
      const late = new WatchReader((signal) =>
        to.kv.watch(
          { namespace: "n", start: { case: "resumeToken", value: watch.token } },
          { signal },
        ),
      );
      expect(await failureOf(late.next())).toMatchObject({ reason: "HISTORY_GONE" });
      const records = async () => (await to.store.stats()).records;
      const expected = 1 + 1 + Number((await to.admin.stats({})).tenants[0]?.records ?? 0);
      await eventually(to.clock, async () => (await records()) === expected);
      expect((await to.store.page(within(key(0, "import")), { limit: 9 })).entries).toEqual([]);
    });

    test("what is written after an import is seen by watches from its revision on", async () => {
      await fill(from, "default", 10);
      await imported(to, await exported(from));
      const { revision } = await to.kv.get({ namespace: "n", key: "a" });
      await to.kv.set({ namespace: "n", key: "a", value: text("next") });
      const watch = new WatchReader((signal) =>
        to.kv.watch(
          { namespace: "n", start: { case: "afterRevision", value: revision } },
          { signal },
        ),
      );
      const [event] = await watch.events(1);
      expect(event?.type).toBe(EventType.PUT);
      await watch.end();
    });

    test("versions of a clock more than a day ahead are refused, with both times", async () => {
      await fill(from, "default", 10);
      const ahead = 24 * 3_600_000 + 1;
      from.clock.advance(ahead);
      await from.kv.set({ key: "late", value: text("x") });
      const parts = await exported(from);
      const behind = await subject.open();
      behind.clock.advance(from.clock.now() - ahead - behind.clock.now());
      expect(await failureOf(imported(behind, parts))).toMatchObject({
        code: Code.FailedPrecondition,
        reason: "VERSION_AHEAD",
        metadata: {
          export_time: new Date(from.clock.now()).toISOString(),
          store_time: new Date(behind.clock.now()).toISOString(),
        },
      });
      behind.clock.advance(1);
      await imported(behind, parts);
      await behind.close();
    });

    test("there is room for no more tenants than may be", async () => {
      for (const name of ["one", "two"]) await from.tenants.create({ tenant: { name } });
      const small = await subject.open({ tenantsMax: 2, clock: from.clock });
      expect(await failureOf(imported(small, await exported(from)))).toMatchObject({
        reason: "LIMIT_EXCEEDED",
        metadata: { limit: "tenants", max: "2" },
      });
      expect((await small.tenants.list({})).tenants).toHaveLength(1);
      await small.close();
    });
  });
}
