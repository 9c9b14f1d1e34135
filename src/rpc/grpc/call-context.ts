import type { DescMethod, DescService } from "@bufbuild/protobuf";
import {
  type ContextKey,
  type ContextValues,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import type { Metadata } from "@grpc/grpc-js";
import { type RpcCall, rpcCallKey } from "../../call.ts";

/** What the context needs of the call it belongs to. */
export interface CallOfContext extends RpcCall {
  readonly metadata: Metadata;
  readonly signal: AbortSignal;
  /** Milliseconds until the deadline, if there is one. */
  remainingMs(): number | undefined;
}

/**
 * What a room is given beside the request. Nothing in it is made before something asks: most calls never look at
 * their headers and never wait, and an AbortController alone costs more than a read of the store.
 */
export class CallContext implements HandlerContext, ContextValues {
  readonly method: DescMethod;
  readonly requestMethod = "POST";
  readonly protocolName = "grpc";
  readonly #call: CallOfContext;
  #requestHeader: Headers | undefined;
  #responseHeader: Headers | undefined;
  #responseTrailer: Headers | undefined;
  #values: ContextValues | undefined;

  constructor(method: DescMethod, call: CallOfContext) {
    this.method = method;
    this.#call = call;
  }

  get service(): DescService {
    return this.method.parent;
  }

  get url(): string {
    return `/${this.method.parent.typeName}/${this.method.name}`;
  }

  get signal(): AbortSignal {
    return this.#call.signal;
  }

  timeoutMs(): number | undefined {
    return this.#call.remainingMs();
  }

  get requestHeader(): Headers {
    this.#requestHeader ??= toHeaders(this.#call.metadata);
    return this.#requestHeader;
  }

  get responseHeader(): Headers {
    this.#responseHeader ??= new Headers();
    return this.#responseHeader;
  }

  get responseTrailer(): Headers {
    this.#responseTrailer ??= new Headers();
    return this.#responseTrailer;
  }

  /** What the room wrote, if it wrote anything. */
  get writtenHeader(): Headers | undefined {
    return this.#responseHeader;
  }

  get writtenTrailer(): Headers | undefined {
    return this.#responseTrailer;
  }

  get values(): ContextValues {
    return this;
  }

  get<T>(key: ContextKey<T>): T {
    if (key.id === rpcCallKey.id) return this.#call as T;
    return this.#values === undefined ? key.defaultValue : this.#values.get(key);
  }

  set<T>(key: ContextKey<T>, value: T): this {
    this.#values ??= createContextValues();
    this.#values.set(key, value);
    return this;
  }

  delete(key: ContextKey<unknown>): this {
    this.#values?.delete(key);
    return this;
  }
}

function toHeaders(metadata: Metadata): Headers {
  const headers = new Headers();
  for (const name of Object.keys(metadata.getMap())) {
    for (const value of metadata.get(name)) {
      headers.append(name, typeof value === "string" ? value : value.toString("base64"));
    }
  }
  return headers;
}
