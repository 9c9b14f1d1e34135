import { create, fromBinary, fromJson, toBinary } from "@bufbuild/protobuf";
import { ValueSchema as JsonValueSchema } from "@bufbuild/protobuf/wkt";
import { type Value, ValueSchema } from "#gen/tiffin/kv/v1/entry_pb.ts";
import {
  GetRequestSchema,
  GetResponseSchema,
  SetRequestSchema,
  SetResponseSchema,
} from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { type Course, callBeside, inTurn } from "./course.ts";
import { sampleData } from "./sample-session.ts";

/** What sessions are compared with: as many keys, with values that hold as much. */
export function keyValueCourses(keyCount: number): Course[] {
  return kinds.flatMap(({ name, value }) => {
    const keys = Array.from({ length: keyCount }, (_, index) => `bench/key-${index}`);
    const sets = keys.map((key) =>
      toBinary(SetRequestSchema, create(SetRequestSchema, { key, value })),
    );
    const gets = keys.map((key) => toBinary(GetRequestSchema, create(GetRequestSchema, { key })));
    return [setCourse(name, sets), getCourse({ name, value }, sets, gets)];
  });
}

function setCourse(name: string, sets: readonly Uint8Array[]): Course {
  return {
    name: `KV Set, ${name}`,
    path: `${service}/Set`,
    prepare: async (_, calls) => inTurn(sets, calls),
    check(answer) {
      if (fromBinary(SetResponseSchema, answer).version <= 0n) throw new Error("Set did not set");
    },
  };
}

function getCourse(
  { name, value }: Kind,
  sets: readonly Uint8Array[],
  gets: readonly Uint8Array[],
): Course {
  let isSet = false;
  return {
    name: `KV Get, ${name}`,
    path: `${service}/Get`,
    async prepare(address, calls) {
      if (!isSet) await callBeside({ address, path: `${service}/Set` }, sets);
      isSet = true;
      return inTurn(gets, calls);
    },
    check(answer) {
      const got = fromBinary(GetResponseSchema, answer).entry?.value?.kind;
      if (got?.case !== value.kind.case) throw new Error("Get did not answer what was set");
    },
  };
}

interface Kind {
  readonly name: string;
  readonly value: Value;
}

const kinds: readonly Kind[] = [
  {
    name: "json",
    value: create(ValueSchema, {
      kind: { case: "json", value: fromJson(JsonValueSchema, sampleData) },
    }),
  },
  {
    name: "bytes",
    value: create(ValueSchema, {
      kind: { case: "bytes", value: Buffer.from(JSON.stringify(sampleData)) },
    }),
  },
];

const service = "/tiffin.kv.v1.KeyValueService";
