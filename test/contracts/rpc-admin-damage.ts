import { create, equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type ExportHeader,
  type ExportPart,
  ExportPartSchema,
  type ExportRecord,
  type ExportRecords,
  ExportRecordsSchema,
  ExportTrailerSchema,
} from "#gen/tiffin/admin/v1/export_pb.ts";
import { ExportChain } from "../../src/admin/export-chain.ts";
import { fromByteString } from "../../src/store/byte-string.ts";
import { key } from "../../src/store/key.ts";
import { propertyParameters } from "../support/property.ts";
import { copyOf, everything, exported, fill, imported } from "./rpc-admin-parts.ts";
import { unsoundRecords, unsoundTenants } from "./rpc-admin-unsound.ts";
import { failureOf } from "./rpc-messages.ts";
import { unsoundSessions } from "./rpc-session-unsound.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

const refused = { code: Code.InvalidArgument, reason: "EXPORT_INVALID" };

export function describeDamagedExports(subject: RpcUnderTest): void {
  describe("exports that are not as they were", () => {
    let from: RpcSubject;
    let to: RpcSubject;
    let parts: ExportPart[];
    beforeEach(async () => {
      // A chunk takes a quarter of a message: these are several.
      from = await subject.open({ adminLimits: { messageBytesMax: 800 } });
      to = await subject.open({ clock: from.clock });
      await fill(from, "default", 300);
      parts = await exported(from);
    });
    afterEach(async () => {
      // Whatever was refused has changed nothing that can be seen, and nothing that is in the way of the whole.
      expect(await everything(to)).toEqual({});
      await imported(to, parts);
      expect(await everything(to)).toEqual(await everything(from));
      await from.close();
      await to.close();
    });

    test("cut at any part", async () => {
      for (let length = 0; length < parts.length; length++) {
        expect(await failureOf(imported(to, parts.slice(0, length)))).toMatchObject(refused);
      }
    });

    test("with any one byte altered", async () => {
      const altered = fc.record({
        part: fc.nat({ max: parts.length - 1 }),
        at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        by: fc.integer({ min: 1, max: 255 }),
      });
      const property = fc.asyncProperty(altered, async ({ part, at, by }) => {
        const bytes = toBinary(ExportPartSchema, parts[part] as ExportPart);
        const position = Math.floor(at * bytes.length);
        bytes[position] = (bytes[position] ?? 0) ^ by;
        let damaged: ExportPart;
        try {
          damaged = fromBinary(ExportPartSchema, bytes);
        } catch {
          return; // no message any more: nobody can send it
        }
        // Protobuf reads some bytes in more than one way: what says the same is not altered.
        if (equals(ExportPartSchema, damaged, parts[part] as ExportPart)) return;
        await failureOf(imported(to, parts.with(part, damaged)));
        expect((await to.kv.listNamespaces({})).namespaces).toEqual([]);
      });
      await fc.assert(property, propertyParameters(40));
    });

    test("with a part lost, repeated or out of order", async () => {
      const [header, first, ...rest] = parts as [ExportPart, ExportPart, ...ExportPart[]];
      const trailer = rest.at(-1) as ExportPart;
      const orders = [
        [],
        parts.slice(1),
        [header, ...rest],
        [header, first, first, ...rest],
        [header, header, first, ...rest],
        [header, first, header, ...rest],
        [header, trailer],
        [...parts, trailer],
        [...parts, first],
        [...parts, header],
        [header, create(ExportPartSchema), first, ...rest],
      ];
      for (const [index, order] of orders.entries()) {
        expect(await failureOf(imported(to, order)), `order ${index}`).toMatchObject(refused);
      }
    });

    test("of another format, or with names and revisions that cannot be", async () => {
      const changes: Partial<ExportHeader>[] = [
        { format: "etcd-snapshot" },
        { formatVersion: 2 },
        { exportId: "" },
        { exportId: "a/b" },
        { revision: 0n },
        { revision: 2n ** 60n },
        { tenants: ["Bad"] },
        { tenants: ["default", "default"] },
        { tenants: ["default", "more"] },
        { tenants: [] },
      ];
      for (const change of changes) {
        const forged = forge(parts, change);
        expect(await failureOf(imported(to, forged)), JSON.stringify(change, String)).toMatchObject(
          refused,
        );
      }
    });

    test("with records that no export holds, their digests right", async () => {
      const good = recordsOf(parts)[0] as ExportRecords;
      const [record] = good.records as [ExportRecord];
      const bytes = (text: string) => fromByteString(text);
      const records: Partial<ExportRecord>[] = [
        { key: bytes("") },
        { key: bytes("no tuple") },
        { key: bytes("\x02kv") },
        { key: bytes("\x02kv\x00\x03") },
        { key: bytes("\x02kv\x00\x01\xff\xff\x00") },
        { key: bytes(key("unheard-of", 1, "a")) },
        { key: bytes(key("tenant", "default")) },
        { key: bytes(key("kv", "a", "b")) },
        { key: bytes(key("kv")) },
        { key: bytes(key(7)) },
        { key: bytes(key("namespace", "n")), value: bytes("{") },
        { key: bytes(key("namespace", "n")), value: bytes("null") },
        { key: bytes(key("namespace", "n")), value: bytes("{}") },
        { version: 0n },
        { createVersion: 0n },
        { createVersion: record.version + 1n },
        { version: 2n ** 55n },
        { expireAtMs: Number.NaN },
        { expireAtMs: -1 },
      ];
      for (const change of records) {
        const content = { ...good, records: [{ ...record, ...change }] };
        const forged = forge(parts, {}, [content]);
        const failure = await failureOf(imported(to, forged));
        expect(failure, JSON.stringify(change, String)).toMatchObject(refused);
      }
      const contents: ExportRecords[] = [
        { ...good, records: [record, record] },
        { $typeName: "tiffin.admin.v1.ExportRecords", records: [record] },
        { ...good, tenant: record },
      ];
      for (const content of contents) {
        expect(await failureOf(imported(to, forge(parts, {}, [content])))).toMatchObject(refused);
      }
    });

    test("with records that no room writes, their digests right", async () => {
      const good = recordsOf(parts)[0] as ExportRecords;
      const unsound = { ...unsoundRecords, ...unsoundSessions };
      for (const [what, change] of Object.entries(unsound)) {
        const [record] = good.records as [ExportRecord];
        const content = { ...good, records: [{ ...record, ...change }] };
        expect(await failureOf(imported(to, forge(parts, {}, [content]))), what).toMatchObject(
          refused,
        );
      }
      for (const change of unsoundTenants) {
        const tenant = good.tenant as ExportRecord;
        const value = Buffer.from(
          JSON.stringify({ ...JSON.parse(Buffer.from(tenant.value).toString()), ...change }),
        );
        const content = { ...good, tenant: { ...tenant, value } };
        const failure = await failureOf(imported(to, forge(parts, {}, [content])));
        expect(failure, JSON.stringify(change)).toMatchObject(refused);
      }
    });

    test("with a count in its trailer that was not so", async () => {
      const chain = new ExportChain(headerOf(parts));
      for (const { part } of parts) {
        if (part.case === "chunk") {
          chain.addChunk(part.value.index, part.value.tenant, part.value.records);
        }
      }
      const last = copyOf(parts.at(-1) as ExportPart);
      if (last.part.case !== "trailer") throw new Error("no trailer");
      last.part.value.records += 1n;
      last.part.value.digest = chain.trailerDigest(last.part.value);
      expect(await failureOf(imported(to, parts.with(-1, last)))).toMatchObject(refused);
    });

    test("with a part larger than a message", async () => {
      const [header, first] = parts as [ExportPart, ExportPart];
      const large = copyOf(first);
      if (large.part.case === "chunk") large.part.value.records = new Uint8Array(5 * 1024 * 1024);
      const failure = await failureOf(imported(to, [header, large]));
      expect(failure).toMatchObject({ reason: "MESSAGE_TOO_LARGE" });
    });
  });
}

const recordsOf = (parts: readonly ExportPart[]): ExportRecords[] =>
  parts.flatMap(({ part }) =>
    part.case === "chunk" ? [fromBinary(ExportRecordsSchema, part.value.records)] : [],
  );

function headerOf([first]: readonly ExportPart[]): ExportHeader {
  if (first?.part.case !== "header") throw new Error("no header");
  return first.part.value;
}

/** Another export, with digests that hold: what somebody could make who means to, or a defect. */
function forge(
  parts: readonly ExportPart[],
  change: Partial<ExportHeader>,
  contents = recordsOf(parts),
): ExportPart[] {
  const header = { ...headerOf(parts), exportId: crypto.randomUUID(), ...change };
  const chain = new ExportChain(header);
  const chunks = contents.map((content, index) => {
    const records = toBinary(ExportRecordsSchema, create(ExportRecordsSchema, content));
    const [tenant = "default"] = header.tenants;
    const digest = chain.addChunk(BigInt(index), tenant, records);
    return create(ExportPartSchema, {
      part: { case: "chunk", value: { index: BigInt(index), tenant, records, digest } },
    });
  });
  const counted = contents.map(({ tenant, records }) => records.length + (tenant ? 1 : 0));
  const trailer = create(ExportTrailerSchema, {
    chunks: BigInt(chunks.length),
    records: BigInt(counted.reduce((sum, count) => sum + count, 0)),
  });
  trailer.digest = chain.trailerDigest(trailer);
  return [
    create(ExportPartSchema, { part: { case: "header", value: header } }),
    ...chunks,
    create(ExportPartSchema, { part: { case: "trailer", value: trailer } }),
  ];
}
