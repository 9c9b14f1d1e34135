import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Durability } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import { eventually } from "../support/settle.ts";
import { as, fill } from "./rpc-admin-parts.ts";
import { failureOf, msOf, text } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeAdmin(subject: RpcUnderTest): void {
  describe("looking at the server", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    test("its engine, its limits and the history it can be watched from are told", async () => {
      const { version } = await rpc.kv.set({ key: "a", value: text("one") });
      rpc.clock.advance(5);
      const told = await rpc.admin.info({});
      expect(told).toMatchObject({
        tiffinVersion: "0.0.0-test",
        nodeVersion: process.version,
        engine: "memory",
        durability: Durability.NONE,
        shared: false,
        historyHead: version,
      });
      expect(msOf(told.currentTime)).toBe(rpc.clock.now());
      expect(msOf(told.startTime)).toBe(rpc.clock.now() - 5);
      expect(msOf(told.historyHeadTime)).toBe(rpc.clock.now() - 5);
      expect(told.historyFloor).toBeLessThan(version);
      const limits = new Map(told.limits.map(({ name, value }) => [name, value]));
      expect(limits.get("keyBytes")).toBe(BigInt(rpc.store.limits.keyBytes));
    });

    test("a check of what is well finds nothing", async () => {
      await fill(rpc);
      expect(await rpc.admin.check({})).toMatchObject({ ok: true, problems: [], problemCount: 0n });
    });

    test("what every tenant and namespace holds is counted", async () => {
      await rpc.tenants.create({ tenant: { name: "acme" } });
      await fill(rpc, "acme", 1000);
      const { tenants, server, records, bytes } = await rpc.admin.stats({});
      expect(tenants.map(({ name }) => name)).toEqual(["acme", "default"]);
      const [acme, empty] = tenants;
      expect(empty).toMatchObject({ records: 0n, bytes: 0n, spaces: [] });
      const spaces = new Map(acme?.spaces.map((space) => [space.name, space]));
      expect([...spaces.keys()]).toEqual(["kv", "namespace", "request", "request-age"]);
      const namespaces = spaces.get("kv")?.namespaces ?? [];
      expect(namespaces.map(({ name, records }) => [name, records])).toEqual([
        ["", 2n],
        ["large", 2n],
        ["n", 2n],
      ]);
      const listed = await rpc.kv.listNamespaces({}, as("acme"));
      expect(namespaces.map(({ bytes }) => bytes)).toEqual(
        listed.namespaces.map(({ bytes }) => bytes),
      );
      const sum = (parts: readonly { records: bigint; bytes: bigint }[] = []) => [
        parts.reduce((total, part) => total + part.records, 0n),
        parts.reduce((total, part) => total + part.bytes, 0n),
      ];
      expect(sum(acme?.spaces)).toEqual([acme?.records, acme?.bytes]);
      expect(sum([...tenants, ...server])).toEqual([records, bytes]);
    });

    test("counts are given page by page, and of a deleted namespace none", async () => {
      for (const name of ["c", "a", "b"]) await rpc.tenants.create({ tenant: { name } });
      await fill(rpc, "a", 1000);
      await rpc.kv.deleteNamespace({ namespace: "n" }, as("a"));
      const seen: string[] = [];
      let pageToken = "";
      do {
        const page = await rpc.admin.stats({ pageSize: 1, pageToken });
        seen.push(...page.tenants.map(({ name }) => name));
        const kv = page.tenants[0]?.spaces.find(({ name }) => name === "kv");
        if (seen.at(-1) === "a")
          expect(kv?.namespaces.map(({ name }) => name)).toEqual(["", "large"]);
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      expect(seen).toEqual(["a", "b", "c", "default"]);
      expect(await failureOf(rpc.admin.stats({ pageToken: "bm8" }))).toMatchObject({
        code: Code.InvalidArgument,
        reason: "PAGE_TOKEN_INVALID",
      });
      await eventually(rpc.clock, async () => {
        const { tenants, server, bytes } = await rpc.admin.stats({});
        const parts = [...tenants, ...server];
        return parts.reduce((total, part) => total + part.bytes, 0n) === bytes;
      });
    });
  });
}
