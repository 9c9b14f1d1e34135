import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";

/** What a service's calls need beside their request. */
export interface ServicePolicy {
  /** False for Health alone: an orchestrator asks it before it has any token. */
  readonly authenticated: boolean;
  /** False where there is no tenant to act in. */
  readonly tenanted: boolean;
}

/** A service and what serves it, on every transport. */
export interface ServedService {
  readonly service: DescService;
  readonly implementation: ServiceImpl<DescService>;
  readonly policy: ServicePolicy;
}

/** A method as the transports and the interceptors see it: what the descriptor says, decided once. */
export interface ServedMethod extends ServicePolicy {
  readonly descriptor: DescMethod;
  /** `tiffin.kv.v1.KeyValueService/Get`: the name in logs and metrics. */
  readonly name: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  /** Ends only when someone ends it: what is called Watch or WatchQuery, and what lasts as long as its caller talks. */
  readonly endless: boolean;
}

/** Pairs a service with its implementation; a plain object literal would lose the check that they belong together. */
export const serve = <S extends DescService>(
  service: S,
  implementation: ServiceImpl<S>,
  policy: ServicePolicy = { authenticated: true, tenanted: true },
): ServedService => ({
  service,
  implementation: implementation as unknown as ServiceImpl<DescService>,
  policy,
});

function toServedMethod(descriptor: DescMethod, policy: ServicePolicy): ServedMethod {
  const kind = descriptor.methodKind;
  return {
    ...policy,
    descriptor,
    name: `${descriptor.parent.typeName}/${descriptor.name}`,
    requestStream: kind === "client_streaming" || kind === "bidi_streaming",
    responseStream: kind === "server_streaming" || kind === "bidi_streaming",
    endless:
      kind === "bidi_streaming" ||
      kind === "client_streaming" ||
      (kind === "server_streaming" && descriptor.name.startsWith("Watch")),
  };
}

export type Implementation = (request: unknown, context: HandlerContext) => unknown;

/** Every method of the services with what implements it; one that nothing implements is a mistake of the start. */
export function servedMethods(
  services: readonly ServedService[],
): { readonly served: ServedMethod; readonly run: Implementation }[] {
  return services.flatMap(({ service, implementation, policy }) => {
    const functions = implementation as unknown as Record<string, Implementation | undefined>;
    return service.methods.map((descriptor) => {
      const served = toServedMethod(descriptor, policy);
      const run = functions[descriptor.localName]?.bind(implementation);
      if (run === undefined) throw new Error(`${served.name} has no implementation`);
      return { served, run };
    });
  });
}
