import type { WatchRequest } from "#gen/tiffin/analytics/v1/watch_pb.ts";
import { checkedPattern } from "../analytics-store/path.ts";
import { pathMatcher } from "../analytics-store/path-patterns.ts";
import type { RpcCall } from "../call.ts";
import { durationToMs } from "../duration.ts";
import { invalidField } from "../errors.ts";
import { fromResumeToken } from "../resume-token.ts";
import { type Key, key } from "../store/key.ts";

/** What a watch asks for, checked. */
export interface WatchedSources {
  readonly call: RpcCall;
  /** For the tokens. */
  readonly query: Key;
  /** Undefined: from now. */
  readonly after: number | undefined;
  readonly intervalMs: number;
  readonly matches: (source: string) => boolean;
}

export function toWatchedSources(request: WatchRequest, call: RpcCall): WatchedSources {
  const include = request.sources.map((text, at) => checkedPattern(text, `sources[${at}]`));
  const query = key("analytics.Watch", call.tenant, ...include);
  return {
    ...{ call, query },
    after: request.resumeToken === "" ? undefined : fromResumeToken(query, request.resumeToken),
    intervalMs: toIntervalMs(request.interval),
    matches: pathMatcher({ include, exclude: [] }),
  };
}

/** How long changes are gathered. */
export function toIntervalMs(interval: WatchRequest["interval"]): number {
  if (interval === undefined) return intervalMsDefault;
  const ms = durationToMs(interval, "interval");
  if (ms <= intervalMsMax) return ms;
  throw invalidField("interval", `is more than ${intervalMsMax} ms`, `${ms}ms`);
}

const intervalMsDefault = 200;
const intervalMsMax = 60_000;
