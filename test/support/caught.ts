import { type Code, ConnectError } from "@connectrpc/connect";
import {
  type BadRequest_FieldViolation,
  BadRequestSchema,
  ErrorInfoSchema,
} from "#gen/google/rpc/error_details_pb.ts";

export interface Caught {
  readonly code: Code;
  readonly message: string;
  readonly reason: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly BadRequest_FieldViolation[];
}

/** The error a call failed with. A call that goes well fails the test. */
export async function caught(call: Promise<unknown>): Promise<Caught> {
  let answer: unknown;
  try {
    answer = await call;
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    const [info] = error.findDetails(ErrorInfoSchema);
    return {
      code: error.code,
      message: error.rawMessage,
      reason: info?.reason,
      metadata: info?.metadata ?? {},
      violations: error.findDetails(BadRequestSchema)[0]?.fieldViolations ?? [],
    };
  }
  throw new Error(`the call did not fail, and answered ${String(answer)}`);
}
