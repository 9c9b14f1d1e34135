import type { HandlerContext } from "@connectrpc/connect";
import type {
  ImportSeriesRequest,
  ImportSeriesResponse,
  Refusal,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { type RpcCall, rpcCallOf } from "../call.ts";
import { limitExceeded, TiffinError } from "../errors.ts";
import { nextRequest } from "../next-request.ts";
import type { AnalyticsRoom } from "./analytics-room.ts";
import { toNewSeries } from "./new-series.ts";
import { writeUnderTenant } from "./write-under-tenant.ts";

/** Commits message by message. What is refused is told beside what was committed before it; what fails says how far it came. */
export async function importSeries(
  room: AnalyticsRoom,
  requests: AsyncIterable<ImportSeriesRequest>,
  context: HandlerContext,
): Promise<ImportSeriesResponse> {
  const call = rpcCallOf(context);
  const progress: Progress = { batches: 0, rows: 0, revision: 0 };
  let refusal: Refusal | undefined;
  try {
    progress.revision = await commit(room, call, []);
    await importAll(room, { requests, call, progress });
  } catch (error) {
    refusal = toRefusal(error, progress);
    if (refusal === undefined) throw withProgress(error, progress);
  }
  return {
    $typeName: "tiffin.analytics.v1.ImportSeriesResponse",
    batches: BigInt(progress.batches),
    rows: BigInt(progress.rows),
    ...(refusal && { refusal }),
    revision: BigInt(progress.revision),
  };
}

interface Progress {
  batches: number;
  rows: number;
  revision: number;
}

interface Import {
  readonly requests: AsyncIterable<ImportSeriesRequest>;
  readonly call: RpcCall;
  readonly progress: Progress;
}

async function importAll(room: AnalyticsRoom, { requests, call, progress }: Import): Promise<void> {
  const { clock, limits } = room;
  const arriving = { clock, pauseMsMax: limits.requestMsMax, call };
  const iterator = requests[Symbol.asyncIterator]();
  for (;;) {
    const request = await nextRequest(iterator, arriving);
    if (request === undefined) return;
    assertRoom(room, request);
    progress.revision = await commit(room, call, request.series);
    progress.batches++;
    progress.rows += request.series.length;
  }
}

/** Refused as a series is, at the first that is too many: so it is told beside how much was committed. */
function assertRoom({ limits }: AnalyticsRoom, { series }: ImportSeriesRequest): void {
  const max = limits.analyticsBatchMax;
  if (series.length <= max) return;
  const { message, details } = limitExceeded("analyticsBatchMax", max, series.length);
  const description = `holds more series than one message may: ${message}`;
  const violations = [{ field: "series", description }];
  throw new TiffinError("limit_exceeded", description, { ...details, violations });
}

async function commit(
  room: AnalyticsRoom,
  call: RpcCall,
  series: ImportSeriesRequest["series"],
): Promise<number> {
  const batch = { series: toNewSeries(series, room.limits) };
  const { revision } = await writeUnderTenant(room, call, () => room.series.add(call, batch));
  return revision;
}

/** Undefined: no series was refused, something else went wrong. */
function toRefusal(error: unknown, { rows }: Progress): Refusal | undefined {
  if (!(error instanceof TiffinError)) return undefined;
  const [violation] = error.details.violations ?? [];
  const index = indexOfRefused(error, violation?.field ?? "");
  if (violation === undefined || index === undefined) return undefined;
  return {
    $typeName: "tiffin.analytics.v1.Refusal",
    row: BigInt(rows + Number(index)),
    ...violation,
  };
}

function indexOfRefused({ kind, details }: TiffinError, field: string): string | undefined {
  if (kind === "limit_exceeded" && field === "series") return details.metadata?.["max"];
  return kind === "invalid_field" ? /^series\[(\d+)\]/.exec(field)?.[1] : undefined;
}

/** Says how far the import came: what was committed stays. */
function withProgress(error: unknown, { batches, rows }: Progress): unknown {
  if (!(error instanceof TiffinError)) return error;
  const { metadata, ...details } = error.details;
  return new TiffinError(error.kind, error.message, {
    ...details,
    metadata: { ...metadata, batches: String(batches), rows: String(rows) },
  });
}
