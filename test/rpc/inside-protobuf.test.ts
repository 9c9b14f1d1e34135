import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { expect, test } from "vitest";
import { GetResponseSchema } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { shareEncodingBuffer } from "../../src/rpc/inside-protobuf.ts";

shareEncodingBuffer();
shareEncodingBuffer(); // as every server of a process does

const answerOf = (bytes: number) => {
  const value = { kind: { case: "bytes" as const, value: new Uint8Array(bytes).fill(7) } };
  return create(GetResponseSchema, { entry: { key: "a", value, version: 5n }, revision: 9n });
};

test.each([0, 1, 127, 128, 65_000, 65_536, 65_537, 1_000_000])(
  "an answer of %i bytes comes back as it was",
  (bytes) => {
    const answer = answerOf(bytes);
    expect(fromBinary(GetResponseSchema, toBinary(GetResponseSchema, answer))).toEqual(answer);
  },
);

test("what is encoded is not overwritten by what is encoded next", () => {
  const first = toBinary(GetResponseSchema, answerOf(100));
  const before = Buffer.from(first);
  toBinary(GetResponseSchema, create(GetResponseSchema, { revision: 2n ** 60n }));
  expect(before.equals(first)).toBe(true);
});

test("a small result is a part of the pool: the library still works as it is changed here", () => {
  const { buffer } = toBinary(GetResponseSchema, answerOf(128));
  expect(buffer.byteLength).toBe(Buffer.poolSize);
});

test("writers that take turns, or never finish, do not disturb each other", () => {
  const [first, second] = [new BinaryWriter(), new BinaryWriter()];
  const fields = (writer: BinaryWriter, base: number, step: number): void => {
    writer.tag(step, WireType.Bit64).double(base + step);
  };
  for (const step of [1, 2, 3]) {
    fields(first, 10, step);
    if (step === 2) new BinaryWriter().string("never finished");
    fields(second, 20, step);
  }
  expect([second, first].map((writer) => doublesIn(writer.finish()))).toEqual([
    [21, 22, 23],
    [11, 12, 13],
  ]);
  fields(first, 30, 1);
  expect(doublesIn(first.finish())).toEqual([31]);
});

function doublesIn(bytes: Uint8Array): number[] {
  const reader = new BinaryReader(bytes);
  const found: number[] = [];
  while (reader.pos < reader.len) {
    reader.tag();
    found.push(reader.double());
  }
  return found;
}
