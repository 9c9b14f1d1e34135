import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { type ExportRecords, ExportRecordsSchema } from "#gen/tiffin/admin/v1/export_pb.ts";
import { exportInvalid } from "./export-invalid.ts";

/** Reads what a chunk holds. Its digest says nothing about who made it: what no export puts into one is not even taken apart. */
export function readChunkRecords(bytes: Uint8Array): ExportRecords {
  if (hasTooMany(bytes)) throw exportInvalid("holds a chunk of more records than one can have");
  return orInvalid(() => fromBinary(ExportRecordsSchema, bytes, { readUnknownFields: false }));
}

function orInvalid<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw exportInvalid("holds a chunk that is none", cause);
  }
}

/** Two bytes can say a record, which takes two hundred once it is read: a message of them would hold up everybody. */
function hasTooMany(bytes: Uint8Array): boolean {
  return orInvalid(() => countsOver(bytes, recordsMax));
}

function countsOver(bytes: Uint8Array, max: number): boolean {
  const reader = new BinaryReader(bytes);
  let records = 0;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    reader.skip(wireType, field);
    if (field === ExportRecordsSchema.field.records.number && ++records > max) return true;
  }
  return false;
}

/** More than fit the bytes that an export puts into a chunk, were all of them as small as a record can be. */
const recordsMax = 65_536;
