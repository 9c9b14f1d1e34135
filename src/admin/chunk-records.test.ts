import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ExportRecordsSchema } from "#gen/tiffin/admin/v1/export_pb.ts";
import { readChunkRecords } from "./chunk-records.ts";

const chunkOf = (records: number): Uint8Array =>
  toBinary(ExportRecordsSchema, create(ExportRecordsSchema, { records: Array(records).fill({}) }));

test("a chunk of as many records as fit one is read", () => {
  expect(readChunkRecords(chunkOf(65_536)).records).toHaveLength(65_536);
});

test("a chunk of more records than any export puts in one is not taken apart", () => {
  expect(() => readChunkRecords(chunkOf(65_537))).toThrow("more records than one can have");
});

test("what a chunk holds that nobody knows is not kept", () => {
  const unknown = Buffer.from("7a00".repeat(1000), "hex");
  expect(readChunkRecords(unknown).$unknown).toBeUndefined();
});
