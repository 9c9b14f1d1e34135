import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ValueSchema } from "#gen/tiffin/kv/v1/entry_pb.ts";
import {
  GetRequestSchema,
  GetResponseSchema,
  SetRequestSchema,
  SetResponseSchema,
} from "#gen/tiffin/kv/v1/key_value_service_pb.ts";

/** What every server is asked to keep: 24 bytes of key, 128 of value. */
export const benchKey = "bench/key-of-24-bytes-01";
export const benchValue = Buffer.alloc(128, "a value that is 128 bytes long; ");

/** A call that a peer understands, and how to tell that it was answered. */
export interface PeerCall {
  readonly path: string;
  readonly request: Uint8Array;
  /** Throws unless the answer is what it must be. */
  check(answer: Uint8Array): void;
}

export interface KeyValueCalls {
  readonly get: PeerCall;
  readonly set: PeerCall;
}

const service = "/tiffin.kv.v1.KeyValueService";
const value = create(ValueSchema, { kind: { case: "bytes", value: benchValue } });

/** Get and Set as the contract has them: for Tiffin, and for what only passes the bytes through. */
export const contractCalls: KeyValueCalls = {
  get: {
    path: `${service}/Get`,
    request: toBinary(GetRequestSchema, create(GetRequestSchema, { key: benchKey })),
    check(answer) {
      const kind = fromBinary(GetResponseSchema, answer).entry?.value?.kind;
      if (kind?.case !== "bytes" || !benchValue.equals(kind.value)) {
        throw new Error("Get did not answer the value that was set");
      }
    },
  },
  set: {
    path: `${service}/Set`,
    request: toBinary(SetRequestSchema, create(SetRequestSchema, { key: benchKey, value })),
    check(answer) {
      const { version } = fromBinary(SetResponseSchema, answer);
      if (version <= 0n) throw new Error("Set answered no version");
    },
  },
};

/** Answers of the size that Tiffin's have, for the server that makes none of its own. */
export function sampleAnswers(): { readonly get: Uint8Array; readonly set: Uint8Array } {
  const version = BigInt(Date.now()) * 1000n;
  const entry = { key: benchKey, value, version, createVersion: version };
  return {
    get: toBinary(GetResponseSchema, create(GetResponseSchema, { entry, revision: version })),
    set: toBinary(
      SetResponseSchema,
      create(SetResponseSchema, { version, createVersion: version }),
    ),
  };
}
