import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  type HealthCheckResponseSchema,
  type Health as HealthDescriptor,
  HealthCheckResponse_ServingStatus as HealthStatus,
} from "#gen/grpc/health/v1/health_pb.ts";
import { rpcCallOf } from "../call.ts";
import { TiffinError } from "../errors.ts";

type Answer = MessageInitShape<typeof HealthCheckResponseSchema>;

const watchesMax = 1000;

/** grpc.health.v1: whether each service, and "" for the server, is serving. All of them do, or none. */
export class Health {
  readonly #services: ReadonlySet<string>;
  readonly #wakes = new Set<() => void>();
  #serving = false;

  constructor(services: readonly string[]) {
    this.#services = new Set(["", ...services]);
  }

  get serving(): boolean {
    return this.#serving;
  }

  set serving(serving: boolean) {
    this.#serving = serving;
    for (const wake of this.#wakes) wake();
  }

  readonly service: ServiceImpl<typeof HealthDescriptor> = {
    check: ({ service }) => {
      if (this.#services.has(service)) return this.#status();
      throw unknownService(service);
    },
    list: () => ({
      statuses: Object.fromEntries([...this.#services].map((name) => [name, this.#status()])),
    }),
    watch: ({ service }, context) =>
      this.#services.has(service)
        ? this.#watch(rpcCallOf(context).signal ?? context.signal)
        : this.#watchUnknown(rpcCallOf(context).signal ?? context.signal),
  };

  #status(): Answer {
    return { status: this.#serving ? HealthStatus.SERVING : HealthStatus.NOT_SERVING };
  }

  async *#watch(signal: AbortSignal): AsyncGenerator<Answer> {
    let told: boolean | undefined;
    while (!signal.aborted) {
      if (told !== this.#serving) {
        told = this.#serving;
        yield this.#status();
      } else {
        await this.#change(signal);
      }
    }
  }

  /** The protocol wants a watch of an unknown service to stay open: it may become known. Here it never does. */
  async *#watchUnknown(signal: AbortSignal): AsyncGenerator<Answer> {
    yield { status: HealthStatus.SERVICE_UNKNOWN };
    while (!signal.aborted) await this.#change(signal);
  }

  #change(signal: AbortSignal): Promise<void> {
    if (this.#wakes.size >= watchesMax) {
      throw new TiffinError("limit_exceeded", "too many health watches are open");
    }
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wakes.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#wakes.add(wake);
      signal.addEventListener("abort", wake);
    });
  }
}

const unknownService = (service: string): TiffinError =>
  new TiffinError("service_not_found", "there is no such service here", { metadata: { service } });
