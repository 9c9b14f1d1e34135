import type { Message } from "@bufbuild/protobuf";
import type { ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { TiffinError } from "../../errors.ts";
import type { ServedMethod } from "../served-method.ts";
import { CallContext } from "./call-context.ts";
import { GrpcCall, type GrpcSurroundings } from "./grpc-call.ts";
import { decodeRequest, encodeAnswer, type GrpcMethod } from "./grpc-method.ts";

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/**
 * A call with a stream on either side. Nothing is buffered: an answer is asked of the room when the one before it has
 * been written, and a request is read when the room asks for it.
 */
export class StreamingCall extends GrpcCall {
  readonly method: ServedMethod;
  readonly #method: GrpcMethod;
  readonly #context: CallContext;
  #reader: Waiter<Buffer | undefined> | undefined = undefined;
  #writer: Waiter<void> | undefined = undefined;

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

  onReceiveMessage(bytes: Buffer): void {
    this.#reader?.resolve(bytes);
  }

  protected requestEnded(): void {
    this.#reader?.resolve(undefined);
  }

  protected begun(): void {
    this.#serve().catch((error: unknown) => this.fail(error));
  }

  protected override ended(error: TiffinError | undefined): void {
    const reason = error ?? new TiffinError("cancelled", "the call is over");
    this.#reader?.reject(reason);
    this.#writer?.reject(reason);
  }

  async #serve(): Promise<void> {
    const { served, run } = this.#method;
    const input = served.requestStream ? this.#requests() : await this.#onlyRequest();
    const output = run(input, this.#context);
    if (served.responseStream) {
      for await (const answer of output as AsyncIterable<unknown>) await this.#send(answer);
    } else {
      await this.#send(await output);
    }
    if (this.over) return;
    this.sendHeaderOf(this.#context);
    this.succeed(this.#context);
  }

  async #onlyRequest(): Promise<Message> {
    this.receiving = true;
    const bytes = await this.#read();
    if (bytes === undefined) {
      throw new TiffinError("malformed_message", "the call ended without a request");
    }
    this.hold(bytes.length);
    const more = await this.#read();
    if (more !== undefined) {
      throw new TiffinError("malformed_message", "a second request where one is taken");
    }
    this.receiving = false;
    return this.#checked(bytes);
  }

  async *#requests(): AsyncGenerator<Message> {
    for (;;) {
      const bytes = await this.#read();
      if (bytes === undefined) return;
      this.surroundings.inHandling.admit(bytes.length);
      try {
        yield this.#checked(bytes);
      } finally {
        this.surroundings.inHandling.release(bytes.length);
      }
    }
  }

  #checked(bytes: Buffer): Message {
    const request = decodeRequest(this.#method, bytes);
    this.#method.chain.check(this, request);
    return request;
  }

  #read(): Promise<Buffer | undefined> {
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.base.startRead();
    });
  }

  #send(answer: unknown): Promise<void> {
    const bytes = encodeAnswer(this.#method, answer, this.surroundings.messageBytesMax);
    return new Promise((resolve, reject) => {
      // grpc-js never calls back for a call that is over, so `ended` has to.
      this.#writer = { resolve, reject };
      if (this.over) {
        reject(new TiffinError("cancelled", "the call is over"));
        return;
      }
      this.sendHeaderOf(this.#context);
      this.sendAnswer(bytes, resolve);
    });
  }
}
