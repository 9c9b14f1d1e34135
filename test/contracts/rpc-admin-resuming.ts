import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WhenExists } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import type { ExportPart } from "#gen/tiffin/admin/v1/export_pb.ts";
import { key, within } from "../../src/store/key.ts";
import { eventually } from "../support/settle.ts";
import { until } from "../support/until.ts";
import { everything, exported, fill, imported } from "./rpc-admin-parts.ts";
import { failureOf, text } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeResuming(subject: RpcUnderTest): void {
  describe("imports that were cut", () => {
    let from: RpcSubject;
    let to: RpcSubject;
    let parts: ExportPart[];
    beforeEach(async () => {
      from = await subject.open({ adminLimits: { messageBytesMax: 800 } });
      to = await subject.open({ clock: from.clock });
      await fill(from, "default", 300);
      parts = await exported(from);
    });
    afterEach(async () => {
      await from.close();
      await to.close();
    });

    const staged = async () =>
      (await to.store.page(within(key(0, "import")), { limit: 9 })).entries.length;

    test("go on after the last chunk that was taken in, wherever that was", async () => {
      const chunks = parts.length - 2;
      expect(chunks).toBeGreaterThan(3);
      for (let taken = 1; taken <= chunks; taken++) {
        const failure = await failureOf(imported(to, parts.slice(0, taken + 1)));
        expect(failure.metadata["next_chunk"]).toBe(String(taken));
        expect(Number(failure.metadata["records"])).toBeGreaterThan(0);
      }
      const response = await imported(to, parts);
      expect(response).toMatchObject({ resumedChunks: BigInt(chunks), chunks: BigInt(chunks) });
      expect(await everything(to)).toEqual(await everything(from));
      expect(await staged()).toBe(0);
    });

    test("are not gone on with by another export of the same name", async () => {
      await failureOf(imported(to, parts.slice(0, 3)));
      await from.kv.set({ key: "a", value: text("other") });
      const [header, ...rest] = await exported(from);
      if (header?.part.case !== "header" || parts[0]?.part.case !== "header") throw new Error();
      header.part.value.exportId = parts[0].part.value.exportId;
      expect(await failureOf(imported(to, [header, ...rest]))).toMatchObject({
        code: Code.InvalidArgument,
        reason: "EXPORT_INVALID",
      });
      expect(await imported(to, parts)).toMatchObject({ resumedChunks: 2n });
    });

    test("are purged when nobody went on with them for a day", async () => {
      await failureOf(imported(to, parts.slice(0, 3)));
      expect(await staged()).toBe(1);
      const before = (await to.admin.stats({})).records;
      to.clock.advance(24 * 3_600_000 - 1);
      const other = await exported(from);
      expect(await staged()).toBe(1);
      await failureOf(imported(to, other.slice(0, 1)));
      expect(await staged()).toBe(1);
      to.clock.advance(1);
      await failureOf(imported(to, other.slice(0, 1)));
      expect(await staged()).toBe(0);
      await eventually(to.clock, async () => (await to.admin.stats({})).records < before - 3n);
      expect(await imported(to, parts)).toMatchObject({ resumedChunks: 0n });
    });

    test("of two at once one is refused, and nothing is written twice", async () => {
      const gate = Promise.withResolvers<void>();
      async function* slowly() {
        yield* parts.slice(0, 2).map((part) => ({ part }));
        await gate.promise;
        yield* parts.slice(2).map((part) => ({ part }));
      }
      const first = failureOf(to.admin.import(slowly()));
      await until(async () => (await staged()) === 1);
      await imported(to, parts);
      const before = await everything(to);
      expect(before).toEqual(await everything(from));
      gate.resolve();
      expect(await first).toMatchObject({ code: Code.Aborted, reason: "CONTENTION" });
      expect(await everything(to)).toEqual(before);
      expect(await staged()).toBe(0);
    });

    test("wait for their next part only so long", async () => {
      const gate = Promise.withResolvers<void>();
      async function* slowly() {
        yield* parts.slice(0, 2).map((part) => ({ part }));
        await gate.promise;
      }
      const slow = failureOf(to.admin.import(slowly()));
      await until(async () => (await staged()) === 1);
      await eventually(to.clock, async () => {
        to.clock.advance(30_000);
        return (await Promise.race([slow, undefined])) !== undefined;
      });
      expect(await slow).toMatchObject({
        code: Code.DeadlineExceeded,
        metadata: { next_chunk: "1" },
      });
      gate.resolve();
      expect(await imported(to, parts)).toMatchObject({ resumedChunks: 1n });
    });

    test("by a shutdown are told so", async () => {
      const gate = Promise.withResolvers<void>();
      async function* slowly() {
        yield* parts.slice(0, 2).map((part) => ({ part }));
        await gate.promise;
      }
      const slow = failureOf(to.admin.import(slowly()));
      await until(async () => (await staged()) === 1);
      const drained = to.serving.drain();
      expect(await slow).toMatchObject({ code: Code.Unavailable, reason: "SHUTTING_DOWN" });
      gate.resolve();
      await drained;
    });

    test("by a caller who leaves hold nothing, and go on", async () => {
      const leaving = new AbortController();
      const gate = Promise.withResolvers<void>();
      async function* slowly() {
        yield* parts.slice(0, 2).map((part) => ({ part }));
        await gate.promise;
      }
      const slow = to.admin.import(slowly(), { signal: leaving.signal }).catch(ConnectError.from);
      await until(async () => (await staged()) === 1);
      leaving.abort();
      await slow;
      gate.resolve();
      expect(await imported(to, parts)).toMatchObject({ resumedChunks: 1n });
    });

    test("after all was replaced say what became of it, and forget the rest", async () => {
      await to.kv.set({ key: "a", value: text("old") });
      await failureOf(imported(to, parts.slice(0, 3), WhenExists.REPLACE));
      await imported(to, parts, WhenExists.REPLACE);
      expect(await everything(to)).toEqual(await everything(from));
    });
  });
}
