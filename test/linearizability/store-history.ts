import { create } from "@bufbuild/protobuf";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { WatchRequestSchema, type WatchResponse } from "#gen/tiffin/kv/v1/watch_pb.ts";
import { systemClock } from "../../src/clock.ts";
import { createKeyValueService } from "../../src/kv/key-value-service.ts";
import { defaultKvLimits } from "../../src/kv/kv-limits.ts";
import type { Store } from "../../src/store/store.ts";
import { callContext } from "../support/call-context.ts";
import { namespace } from "./calls.ts";
import { type ToldEvent, toTold } from "./told-message.ts";

/** All that is committed to the namespace from now on, read from the store itself: no connection delays it or loses any of it. */
export class StoreHistory implements AsyncDisposable {
  readonly events: ToldEvent[] = [];
  readonly #cancel: AbortController;
  readonly #reading: Promise<void>;
  #told = Promise.withResolvers<void>();

  static async open(store: Store): Promise<StoreHistory> {
    const cancel = new AbortController();
    const messages = watchEverything(store, cancel.signal);
    // The first message says that the watch has begun.
    await messages.next();
    return new StoreHistory(messages, cancel);
  }

  private constructor(messages: Messages, cancel: AbortController) {
    this.#cancel = cancel;
    this.#reading = this.#read(messages);
    // Whoever waits is told of the failure; who does not, has one of his own.
    this.#reading.catch(() => undefined);
  }

  /** When such an event has come, of those from the given one on. */
  async until(isIt: (event: ToldEvent) => boolean, from = 0): Promise<void> {
    for (let seen = from; !this.events.slice(seen).some(isIt); ) {
      seen = this.events.length;
      await Promise.race([this.#told.promise, this.#reading]);
      this.#cancel.signal.throwIfAborted();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancel.abort();
    await this.#reading.catch(() => undefined);
  }

  async #read(messages: Messages): Promise<void> {
    for (let next = await messages.next(); !next.done; next = await messages.next()) {
      this.events.push(...toTold(next.value).events);
      this.#told.resolve();
      this.#told = Promise.withResolvers();
    }
    throw new Error("the store's history has ended, which only a store that closes may do");
  }
}

type Messages = AsyncIterator<WatchResponse>;

function watchEverything(store: Store, signal: AbortSignal): Messages {
  const service = createKeyValueService({ store, limits: defaultKvLimits, clock: systemClock });
  const context = callContext(KeyValueService.method.watch, { tenant: "default", signal });
  const messages = service.watch(create(WatchRequestSchema, { namespace }), context);
  return (messages as AsyncIterable<WatchResponse>)[Symbol.asyncIterator]();
}
