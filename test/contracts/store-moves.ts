import { describe, expect, test } from "vitest";
import { WhenExists } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import type { ExportPart } from "#gen/tiffin/admin/v1/export_pb.ts";
import type { Entry } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { everything, exported, fill, imported } from "./rpc-admin-parts.ts";
import { contentOf, text, textOf, ttl } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

/** What one writer was told of one key, in the order in which it asked. */
interface Acknowledged {
  readonly revision: bigint;
  /** Undefined: deleted. */
  readonly value: string | undefined;
}

/** Moves between two engines: nothing lost, no version changed. */
export function describeStoreMoves(from: RpcUnderTest, to: RpcUnderTest): void {
  describe(`from ${from.name} to ${to.name}`, () => {
    test("and back everything is as it was", async () => {
      const source = await from.open();
      const target = await to.open({ clock: source.clock });
      const back = await from.open({ clock: source.clock });
      await source.tenants.create({ tenant: { name: "acme", labels: { a: "b" } } });
      for (const tenant of ["default", "acme"]) await fill(source, tenant, 300_000);
      await imported(target, await exported(source));
      await imported(back, await exported(target));
      for (const tenant of ["default", "acme"]) {
        const expected = await everything(source, tenant);
        expect(await everything(target, tenant)).toEqual(expected);
        expect(await everything(back, tenant)).toEqual(expected);
      }
      for (const server of [target, back]) {
        expect(await server.admin.check({})).toMatchObject({ ok: true, problems: [] });
      }
      source.clock.advance(60_000);
      for (const server of [source, target, back]) {
        expect((await server.kv.get({ key: "short" })).entry).toBeUndefined();
        await server.close();
      }
    });

    test("under writers all that was acknowledged by the export's revision is there, and nothing after", async () => {
      const source = await from.open();
      const target = await to.open({ clock: source.clock });
      for (let batch = 0; batch < 3; batch++) {
        const items = Array.from({ length: 500 }, (_, n) => ({
          key: `before ${batch} ${n}`,
          value: text("x".repeat(2000)),
        }));
        await source.kv.batchSet({ namespace: "before", items });
      }
      const writing = startWriters(source);
      await writing.written(100);
      const parts: ExportPart[] = [];
      for await (const { part } of source.admin.export({})) {
        if (part !== undefined) parts.push(part);
        await writing.written(10);
      }
      await writing.written(50);
      const acknowledged = await writing.stop();
      expect(parts.length).toBeGreaterThan(4);
      await target.kv.set({ namespace: "hot", key: "w0 k0", value: text("in the way") });
      await imported(target, parts, WhenExists.REPLACE);
      const revision = revisionOf(parts);
      expectAsAcknowledged(await contentOf(target, "hot"), { acknowledged, revision });
      expect(await contentOf(target, "before")).toEqual(await contentOf(source, "before"));
      expect(await target.admin.check({})).toMatchObject({ ok: true });
      await source.close();
      await target.close();
    });
  });
}

const revisionOf = ([header]: readonly ExportPart[]): bigint =>
  header?.part.case === "header" ? header.part.value.revision : 0n;

/** Writers with keys of their own, each of which waits for one answer before it asks again. */
function startWriters({ kv }: RpcSubject) {
  const acknowledged = new Map<string, Acknowledged[]>();
  let count = 0;
  let isOver = false;
  let wake: (() => void) | undefined;
  const note = (key: string, revision: bigint, value: string | undefined): void => {
    acknowledged.set(key, [...(acknowledged.get(key) ?? []), { revision, value }]);
    count++;
    wake?.();
  };
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; !isOver; n++) {
      const key = `w${writer} k${n % 7}`;
      if (n % 11 === 10) {
        note(key, (await kv.delete({ namespace: "hot", key })).revision, undefined);
        continue;
      }
      const value = `${writer} ${n}`;
      const expiry = ttl(600_000);
      const call = { namespace: "hot", key, value: text(value), ...(n % 3 === 0 && { expiry }) };
      note(key, (await kv.set(call)).version, value);
    }
  };
  const writers = Promise.all([0, 1, 2, 3].map(write));
  return {
    /** Waits until so many more have been written. */
    async written(more: number): Promise<void> {
      for (const until = count + more; count < until; ) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async stop(): Promise<ReadonlyMap<string, readonly Acknowledged[]>> {
      isOver = true;
      await writers;
      return acknowledged;
    },
  };
}

function expectAsAcknowledged(
  found: readonly Entry[],
  expected: {
    readonly acknowledged: ReadonlyMap<string, readonly Acknowledged[]>;
    readonly revision: bigint;
  },
): void {
  const there = new Map(found.map((entry) => [entry.key, entry]));
  let later = 0;
  for (const [key, history] of expected.acknowledged) {
    const before = history.filter(({ revision }) => revision <= expected.revision);
    later += history.length - before.length;
    const last = before.at(-1);
    const entry = there.get(key);
    expect(textOf(entry?.value), key).toBe(last?.value);
    if (last?.value !== undefined) expect(entry?.version, key).toBe(last.revision);
    there.delete(key);
  }
  expect([...there.keys()]).toEqual([]);
  expect(later, "nothing was written after the export began").toBeGreaterThan(0);
}
