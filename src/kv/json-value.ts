import { type BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Value as JsonValue, ListValue, Struct } from "@bufbuild/protobuf/wkt";
import { invalidField, type TiffinError, valueTooLarge } from "../errors.ts";
import { jsonLevelsMax } from "../json-levels.ts";

/**
 * Writes a google.protobuf.Value in one form for all that are equal as data: members by name, -0 as 0. So two
 * stored values are equal if their bytes are. Refuses what JSON cannot say on the way.
 */
export function writeJson(writer: BinaryWriter, value: JsonValue, at: JsonPlace): void {
  const { kind } = value;
  switch (kind.case) {
    case "nullValue":
      writer.tag(1, WireType.Varint).int32(0);
      return;
    case "numberValue":
      if (!Number.isFinite(kind.value)) throw invalidJson(at, `${kind.value} is not JSON`);
      writer.tag(2, WireType.Bit64).double(kind.value === 0 ? 0 : kind.value);
      return;
    case "stringValue":
      writer.tag(3, WireType.LengthDelimited).string(wellFormed(kind.value, at));
      return;
    case "boolValue":
      writer.tag(4, WireType.Varint).bool(kind.value);
      return;
    case "structValue":
      writer.tag(5, WireType.LengthDelimited).fork();
      writeStruct(writer, kind.value, inside(at));
      writer.join();
      return;
    case "listValue":
      writer.tag(6, WireType.LengthDelimited).fork();
      writeList(writer, kind.value, inside(at));
      writer.join();
      return;
    case undefined:
      throw invalidJson(at, "a value within has no kind");
  }
}

/** Where in a request the JSON stands, and how deep in it the writer is. */
export interface JsonPlace {
  readonly field: string;
  readonly level: number;
}

function writeStruct(writer: BinaryWriter, { fields }: Struct, at: JsonPlace): void {
  for (const name of Object.keys(fields).sort()) {
    const member = fields[name];
    if (member === undefined) throw invalidJson(at, "a member has no value");
    writer.tag(1, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(wellFormed(name, at));
    writer.tag(2, WireType.LengthDelimited).fork();
    writeJson(writer, member, at);
    writer.join().join();
  }
}

function writeList(writer: BinaryWriter, { values }: ListValue, at: JsonPlace): void {
  for (const element of values) {
    writer.tag(1, WireType.LengthDelimited).fork();
    writeJson(writer, element, at);
    writer.join();
  }
}

function inside({ field, level }: JsonPlace): JsonPlace {
  if (level < jsonLevelsMax) return { field, level: level + 1 };
  throw valueTooLarge(field, `is nested deeper than ${jsonLevelsMax} levels`, {
    limit: "json levels",
    max: jsonLevelsMax,
    actual: jsonLevelsMax + 1,
  });
}

function wellFormed(text: string, at: JsonPlace): string {
  if (!text.isWellFormed()) throw invalidJson(at, "holds half of a surrogate pair");
  return text;
}

const invalidJson = ({ field }: JsonPlace, description: string): TiffinError =>
  invalidField(field, description);
