/**
 * Times the stages of a call that are Tiffin's own, apart from transport and collector, in a process of its own:
 * `node stages-child.ts ROUNDS`, answers in JSON. What they add up to is what a server may take above the pass-through.
 */
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { Metadata } from "@grpc/grpc-js";
import { KeyValueService } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { systemClock } from "../../src/clock.ts";
import { createKeyValueService } from "../../src/kv/key-value-service.ts";
import { defaultKvLimits } from "../../src/kv/kv-limits.ts";
import { kvSpaces } from "../../src/kv/kv-spaces.ts";
import { CallContext } from "../../src/rpc/grpc/call-context.ts";
import { createRequestValidators } from "../../src/rpc/interceptors/validation.ts";
import { openStore } from "../../src/store/open-store.ts";
import { ensureDefaultTenant } from "../../src/tenant/create-tenant.ts";
import { tenantSpaces } from "../../src/tenant/tenant-record.ts";
import { contractCalls } from "../peers/key-value.ts";
import { timed } from "../store/timed.ts";

type Answering = (request: unknown, context: HandlerContext) => Promise<unknown>;

const rounds = Number(process.argv[2]);
const count = 20_000;
const store = await openStore({
  url: "memory:",
  spaces: [...kvSpaces, ...tenantSpaces],
  clock: systemClock,
  random: Math.random,
  instance: "bench",
  history: { bytes: 64 * 2 ** 20, ms: 3_600_000 },
  limits: {},
  memory: { bytesMax: 2 ** 30, whenFull: "refuse" },
  report(problem, cause) {
    throw new Error(problem, { cause });
  },
});
await ensureDefaultTenant(store);
const service = createKeyValueService({ store, limits: defaultKvLimits, clock: systemClock });
const validator = createRequestValidators().first;
const context = new CallContext(KeyValueService.method.get, {
  tenant: "default",
  deadline: Date.now() + 3_600_000,
  metadata: new Metadata(),
  signal: new AbortController().signal,
  remainingMs: () => undefined,
});

const results: Record<string, number[]> = {};
const { get, set } = KeyValueService.method;
for (let round = -3; round < rounds; round++) {
  const measured = {
    ...(await stages("Set", set, service.set as Answering)),
    ...(await stages("Get", get, service.get as Answering)),
  };
  for (const [stage, cpuMicros] of Object.entries(measured)) {
    if (round >= 0) results[stage] = [...(results[stage] ?? []), cpuMicros];
  }
}
await store.close();
console.log(JSON.stringify(results));

async function stages(
  name: "Get" | "Set",
  { input, output }: { readonly input: DescMessage; readonly output: DescMessage },
  run: Answering,
): Promise<Record<string, number>> {
  const bytes = contractCalls[name === "Get" ? "get" : "set"].request;
  const request = fromBinary(input, bytes);
  const answer = (await run(request, context)) as MessageShape<DescMessage>;
  const message = create(output, answer as Record<string, unknown>);
  const invalid = validator.validate(input, request).kind !== "valid";
  if (invalid || toBinary(output, message).length === 0) throw new Error(`${name} went wrong`);
  return {
    [`${name}: decode`]: await each(() => fromBinary(input, bytes)),
    [`${name}: validate`]: await each(() => validator.validate(input, request)),
    [`${name}: room and store`]: await eachAwaited(() => run(request, context)),
    [`${name}: encode`]: await each(() => toBinary(output, message)),
  };
}

async function each(work: () => unknown): Promise<number> {
  const { cpuMicros } = await timed(count, async () => {
    for (let at = 0; at < count; at++) work();
  });
  return cpuMicros;
}

async function eachAwaited(work: () => Promise<unknown>): Promise<number> {
  const { cpuMicros } = await timed(count, async () => {
    for (let at = 0; at < count; at++) await work();
  });
  return cpuMicros;
}
