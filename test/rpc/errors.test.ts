import { create, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  QuotaFailureSchema,
  ResourceInfoSchema,
  RetryInfoSchema,
} from "#gen/google/rpc/error_details_pb.ts";
import { ErrorReason } from "#gen/tiffin/error/v1/error_reason_pb.ts";
import { type ErrorKind, TiffinError } from "../../src/errors.ts";
import { detailsOf, errorBounds, messageOf } from "../../src/rpc/error-details.ts";
import { errorTable, toTiffinError } from "../../src/rpc/errors.ts";
import { toGrpcStatus } from "../../src/rpc/grpc/grpc-status.ts";
import { toConnectError } from "../../src/rpc/http/connect-error.ts";

const kinds = Object.keys(errorTable) as ErrorKind[];

/** As the contract's comments say it; a mistake in the table shows here. */
const documentedCodes: Record<string, Code> = {
  INVALID_ARGUMENT: Code.InvalidArgument,
  NOT_FOUND: Code.NotFound,
  ALREADY_EXISTS: Code.AlreadyExists,
  FAILED_PRECONDITION: Code.FailedPrecondition,
  ABORTED: Code.Aborted,
  OUT_OF_RANGE: Code.OutOfRange,
  RESOURCE_EXHAUSTED: Code.ResourceExhausted,
  UNAUTHENTICATED: Code.Unauthenticated,
  DEADLINE_EXCEEDED: Code.DeadlineExceeded,
  CANCELLED: Code.Canceled,
  UNAVAILABLE: Code.Unavailable,
  UNIMPLEMENTED: Code.Unimplemented,
  INTERNAL: Code.Internal,
};

describe.each(kinds)("an error of kind %s", (kind) => {
  const error = new TiffinError(kind, "what happened", { metadata: { key: "a" } });

  test("has the reason of the same name, which the contract knows", () => {
    expect(errorTable[kind].reason).toBe(kind.toUpperCase());
    expect(ErrorReason[errorTable[kind].reason]).toBeGreaterThan(0);
  });

  test("says the same over gRPC and Connect", () => {
    const status = toGrpcStatus(error);
    const connect = toConnectError(error);
    expect(status.code).toBe(connect.code);
    expect(status.details).toBe(connect.rawMessage);
    expect(connect.findDetails(ErrorInfoSchema)).toMatchObject([
      { reason: errorTable[kind].reason, domain: "tiffin", metadata: { key: "a" } },
    ]);
  });
});

test("every reason of the contract has its kind, with the code its comment names", async () => {
  const { readFile } = await import("node:fs/promises");
  const proto = await readFile("proto/tiffin/error/v1/error_reason.proto", "utf8");
  const documented = [...proto.matchAll(/\/\/ ([A-Z_]+): .*\n {2}ERROR_REASON_([A-Z_]+) = /g)];
  expect(documented).toHaveLength(kinds.length);
  for (const [, code = "", reason = ""] of documented) {
    const kind = reason.toLowerCase() as ErrorKind;
    expect(errorTable[kind].code, reason).toBe(documentedCodes[code]);
  }
});

describe("details", () => {
  const found = (error: TiffinError) => detailsOf(error).map(({ desc }) => desc.typeName);

  test("name each violated field", () => {
    const violations = [{ field: "items[2].key", description: "is empty" }];
    const error = new TiffinError("invalid_field", "no", { violations });
    expect(toConnectError(error).findDetails(BadRequestSchema)[0]?.fieldViolations).toMatchObject(
      violations,
    );
  });

  test.each([
    ["precondition_failed", PreconditionFailureSchema],
    ["limit_exceeded", QuotaFailureSchema],
    ["tenant_not_found", ResourceInfoSchema],
    ["overloaded", RetryInfoSchema],
  ] as const)("of %s hold the message made for it", (kind, schema) => {
    expect(found(new TiffinError(kind, "no"))).toContain(schema.typeName);
  });

  test("hold the time after which to try again", () => {
    const error = new TiffinError("contention", "no", { retryAfterMs: 1500 });
    const [retry] = toConnectError(error).findDetails(RetryInfoSchema);
    expect(retry?.retryDelay).toMatchObject({ seconds: 1n, nanos: 500_000_000 });
  });

  test("stay within what clients take as header fields, whatever the error holds", () => {
    const long = "\u{1F371}".repeat(100_000);
    const error = new TiffinError("invalid_field", long, {
      metadata: Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`${long}${at}`, long])),
      violations: Array.from({ length: 1000 }, () => ({ field: long, description: long })),
    });
    const bytes = detailsOf(error).map(({ desc, value }) => toBinary(desc, create(desc, value)));
    const total = bytes.reduce((sum, { length }) => sum + length, 0);
    expect(total).toBeLessThanOrEqual(errorBounds.detailsBytes);
    expect(detailsOf(error)[0]?.desc.typeName).toBe(ErrorInfoSchema.typeName);
    expect(Buffer.byteLength(messageOf(error))).toBeLessThanOrEqual(errorBounds.messageBytes);
    const header = toGrpcStatus(error).metadata.get("grpc-status-details-bin")[0] as Buffer;
    expect(header.length * (4 / 3)).toBeLessThan(8192);
  });

  test("are well-formed text where the error's is not", () => {
    const status = toGrpcStatus(new TiffinError("invalid_field", "lone \ud800 surrogate"));
    expect(() => encodeURI(status.details)).not.toThrow();
  });
});

describe("what was thrown", () => {
  test("is internal, and nothing of it is sent, when nobody foresaw it", () => {
    const error = toTiffinError(new Error("password=hunter2"));
    expect(error.kind).toBe("internal");
    expect(JSON.stringify(toGrpcStatus(error))).not.toContain("hunter2");
    expect((error.cause as Error).message).toBe("password=hunter2");
  });

  test("is cancelled when it is an abort", () => {
    expect(toTiffinError(AbortSignal.abort().reason).kind).toBe("cancelled");
  });
});
