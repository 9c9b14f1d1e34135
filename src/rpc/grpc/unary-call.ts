import type { ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { TiffinError } from "../../errors.ts";
import type { ServedMethod } from "../served-method.ts";
import { CallContext } from "./call-context.ts";
import { GrpcCall, type GrpcSurroundings } from "./grpc-call.ts";
import { decodeRequest, encodeAnswer, type GrpcMethod } from "./grpc-method.ts";

/** One request, one answer. */
export class UnaryCall extends GrpcCall {
  readonly method: ServedMethod;
  readonly #method: GrpcMethod;
  readonly #context: CallContext;
  #request: Buffer | undefined = undefined;

  constructor(
    base: ServerInterceptingCallInterface,
    method: GrpcMethod,
    surroundings: GrpcSurroundings,
  ) {
    super(base, method.chain, surroundings);
    this.method = method.served;
    this.#method = method;
    this.#context = new CallContext(method.served.descriptor, this);
  }

  protected begun(): void {
    this.receiving = true;
    this.base.startRead();
  }

  onReceiveMessage(bytes: Buffer): void {
    if (this.#request !== undefined) {
      this.fail(new TiffinError("malformed_message", "a second request in a unary call"));
      return;
    }
    try {
      this.hold(bytes.length);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#request = bytes;
    this.base.startRead();
  }

  protected requestEnded(): void {
    this.receiving = false;
    const bytes = this.#request;
    if (bytes === undefined) {
      this.fail(new TiffinError("malformed_message", "the call ended without a request"));
      return;
    }
    let answer: unknown;
    try {
      const request = decodeRequest(this.#method, bytes);
      this.#method.chain.check(this, request);
      answer = this.#method.run(request, this.#context);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (!(answer instanceof Promise)) {
      this.#answer(answer);
      return;
    }
    answer.then(
      (message) => this.#answer(message),
      (error) => this.fail(error),
    );
  }

  #answer(answer: unknown): void {
    if (this.over) return;
    let bytes: Uint8Array;
    try {
      bytes = encodeAnswer(this.#method, answer, this.surroundings.messageBytesMax);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.sendHeaderOf(this.#context);
    // Ending the stream before the message is written was measured: it costs more than this closure.
    this.sendAnswer(bytes, () => this.succeed(this.#context));
  }
}
