import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ImportOutcome, WhenExists } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import { adminSurroundings } from "../../src/admin-surroundings.ts";
import { eventually } from "../support/settle.ts";
import { as, everything, exported, fill, imported } from "./rpc-admin-parts.ts";
import { contentOf, failureOf, inShort, text, ttl, WatchReader } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeMerging(subject: RpcUnderTest): void {
  describe("merging into a tenant that there is", () => {
    let from: RpcSubject;
    let to: RpcSubject;
    beforeEach(async () => {
      from = await subject.open();
      to = await subject.open({ clock: from.clock });
      await from.kv.set({ key: "both", value: text("theirs"), requestId: "once" });
      await from.kv.set({ key: "theirs", value: text("theirs"), expiry: ttl(60_000) });
      await from.kv.set({ namespace: "n", key: "both", value: text("theirs") });
      await from.kv.set({ namespace: "new", key: "a", value: text("theirs") });
      await from.kv.set({ namespace: "emptied", key: "a", value: text("theirs") });
      await from.kv.delete({ namespace: "emptied", key: "a" });
      await to.kv.set({ namespace: "own", key: "a", value: text("ours") });
      await to.kv.set({ namespace: "n", key: "both", value: text("ours") });
      await to.kv.set({ key: "both", value: text("ours"), expiry: ttl(30_000) });
      await to.kv.set({ key: "ours", value: text("ours") });
    });
    afterEach(async () => {
      await from.close();
      await to.close();
    });

    test("keeping adds what is missing, and leaves what is there as it is", async () => {
      const watch = new WatchReader((signal) => to.kv.watch({}, { signal }));
      await watch.next();
      const before = (await to.kv.get({ key: "both" })).entry;
      const response = await imported(to, await exported(from), WhenExists.KEEP);
      expect(response.tenants).toMatchObject([
        { outcome: ImportOutcome.MERGED, writtenRecords: 2n, keptRecords: 2n },
      ]);
      expect((await to.kv.get({ key: "both" })).entry).toEqual(before);
      expect(inShort(await contentOf(to))).toEqual({
        both: "ours",
        ours: "ours",
        theirs: "theirs",
      });
      expect(inShort(await contentOf(to, "n"))).toEqual({ both: "ours" });
      expect(inShort(await contentOf(to, "new"))).toEqual({ a: "theirs" });
      expect(inShort(await contentOf(to, "own"))).toEqual({ a: "ours" });
      const [event] = await watch.events(1);
      const added = (await to.kv.get({ key: "theirs" })).entry;
      expect(event?.entry).toEqual(added);
      expect(added?.version).toBeGreaterThan(before?.version ?? 0n);
      expect(added?.expireTime).toEqual((await from.kv.get({ key: "theirs" })).entry?.expireTime);
      await watch.end();
    });

    test("overwriting writes all that came, expiry included, with new versions", async () => {
      const old = (await from.kv.get({ key: "both" })).entry;
      const response = await imported(to, await exported(from), WhenExists.OVERWRITE);
      expect(response.tenants).toMatchObject([
        { outcome: ImportOutcome.MERGED, writtenRecords: 4n, keptRecords: 0n },
      ]);
      const both = (await to.kv.get({ key: "both" })).entry;
      expect(both?.version).toBeGreaterThan(old?.version ?? 0n);
      expect(both?.expireTime).toBeUndefined();
      expect(inShort(await contentOf(to))).toEqual({
        both: "theirs",
        ours: "ours",
        theirs: "theirs",
      });
      expect(inShort(await contentOf(to, "n"))).toEqual({ both: "theirs" });
      const { namespaces } = await to.kv.listNamespaces({});
      expect(namespaces.map(({ name }) => name)).toEqual(["", "n", "new", "own"]);
    });

    test("a remembered call is not merged: its answer would tell versions that are not there", async () => {
      await imported(to, await exported(from), WhenExists.KEEP);
      const again = { key: "both", value: text("theirs"), requestId: "once" };
      const { version } = await to.kv.set(again);
      expect((await to.kv.get({ key: "both" })).entry?.version).toBe(version);
    });

    test("what is not there, or empty, is placed as it was", async () => {
      await from.tenants.create({ tenant: { name: "absent" } });
      await from.tenants.create({ tenant: { name: "empty" } });
      await to.tenants.create({ tenant: { name: "empty" } });
      for (const name of ["absent", "empty"]) await fill(from, name, 10);
      const { tenants } = await imported(to, await exported(from), WhenExists.KEEP);
      expect(tenants.map(({ name, outcome }) => [name, outcome])).toEqual([
        ["absent", ImportOutcome.CREATED],
        ["default", ImportOutcome.MERGED],
        ["empty", ImportOutcome.REPLACED],
      ]);
      for (const name of ["absent", "empty"]) {
        expect(await everything(to, name)).toEqual(await everything(from, name));
      }
    });

    test("many records go over in many commits, and leave nothing behind", async () => {
      for (let from_ = 0; from_ < 2000; from_ += 500) {
        const items = Array.from({ length: 500 }, (_, n) => ({
          key: `k${String(from_ + n).padStart(4, "0")}`,
          value: text(`v${n}`),
        }));
        await from.kv.batchSet({ namespace: "many", items });
      }
      const { tenants } = await imported(to, await exported(from), WhenExists.OVERWRITE);
      expect(tenants).toMatchObject([{ writtenRecords: 2004n }]);
      const [theirs, ours] = [await contentOf(from, "many"), await contentOf(to, "many")];
      expect(inShort(ours)).toEqual(inShort(theirs));
      await eventually(to.clock, async () => {
        const { tenants, server, records } = await to.admin.stats({});
        const counted = [...tenants, ...server].reduce((sum, part) => sum + part.records, 0n);
        return counted === records;
      });
    });

    test("a kind of record that is not made for it is refused, and nothing is changed", async () => {
      const spaces = adminSurroundings.spaces.map(({ merging, ...space }) =>
        space.name === "kv" || merging === undefined ? space : { ...space, merging },
      );
      const strict = await subject.open({ clock: from.clock, surroundings: { spaces } });
      await strict.kv.set({ key: "ours", value: text("ours") });
      const before = await everything(strict);
      const parts = await exported(from);
      expect(await failureOf(imported(strict, parts, WhenExists.KEEP))).toMatchObject({
        code: Code.FailedPrecondition,
        reason: "MERGE_UNSUPPORTED",
        metadata: { tenant: "default", space: "kv" },
      });
      expect(await everything(strict)).toEqual(before);
      const { tenants, resumedChunks } = await imported(strict, parts, WhenExists.REPLACE);
      expect(tenants).toMatchObject([{ outcome: ImportOutcome.REPLACED }]);
      expect(resumedChunks).toBe(1n);
      await strict.close();
    });

    test("a mode that is none is refused", async () => {
      const parts = await exported(from);
      expect(await failureOf(imported(to, parts, 9 as WhenExists))).toMatchObject({
        code: Code.InvalidArgument,
        reason: "INVALID_FIELD",
      });
      expect((await to.kv.get({ key: "theirs" }, as("default"))).entry).toBeUndefined();
    });
  });
}
