import { create } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { type Value, ValueSchema } from "#gen/tiffin/kv/v1/entry_pb.ts";
import type { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { type RpcCall, rpcCallOf } from "../../src/call.ts";
import { TiffinError } from "../../src/errors.ts";

/**
 * A small service on a real descriptor, for tests of what is around services: a Map, and a few keys that behave
 * in a certain way. It knows nothing of the store.
 */
export class MapService {
  readonly values = new Map<string, Value>();
  /** What the last call brought. */
  lastCall: RpcCall | undefined;
  lastContext: HandlerContext | undefined;
  calls = 0;
  scansClosed = 0;
  /** Entries a Scan has given so far. */
  scanned = 0;
  /** Given again and again by Scan, when set, without end. */
  endless: Value | undefined;
  readonly #behaviours = new Map<string, (context: HandlerContext) => unknown>();

  /** What Get of that key does instead of reading. */
  behave(key: string, behaviour: (context: HandlerContext) => unknown): void {
    this.#behaviours.set(key, behaviour);
  }

  #see(context: HandlerContext): void {
    this.calls += 1;
    this.lastContext = context;
    this.lastCall = rpcCallOf(context);
  }

  readonly service = {
    get: (request, context) => {
      this.#see(context);
      const behaviour = this.#behaviours.get(request.key);
      if (behaviour !== undefined) return behaviour(context) as never;
      const value = this.values.get(request.key);
      return value === undefined ? { revision: 1n } : { entry: { key: request.key, value } };
    },
    set: (request, context) => {
      this.#see(context);
      this.values.set(request.key, request.value ?? create(ValueSchema));
      return { version: 1n };
    },
    scan: (_request, context) => {
      this.#see(context);
      return this.#scan();
    },
    watch: (_request, context) => {
      this.#see(context);
      return watchNothing(rpcCallOf(context).signal ?? context.signal);
    },
  } as Partial<ServiceImpl<typeof KeyValueService>> as ServiceImpl<typeof KeyValueService>;

  async *#scan() {
    try {
      for (const [key, value] of this.values) yield { entries: [{ key, value }] };
      for (; this.endless !== undefined; this.scanned += 1) {
        yield { entries: [{ key: "endless", value: this.endless }] };
      }
    } finally {
      this.scansClosed += 1;
    }
  }
}

async function* watchNothing(signal: AbortSignal) {
  yield { revision: 1n };
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve());
    if (signal.aborted) resolve();
  });
}

/** Every method a test does not use. */
export function withUnused(
  service: Partial<ServiceImpl<typeof KeyValueService>>,
  names: readonly string[],
): ServiceImpl<typeof KeyValueService> {
  const unused = (): never => {
    throw new TiffinError("internal", "not for this test");
  };
  return {
    ...Object.fromEntries(names.map((name) => [name, unused])),
    ...service,
  } as ServiceImpl<typeof KeyValueService>;
}
