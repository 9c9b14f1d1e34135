import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Tenant } from "#gen/tiffin/tenant/v1/tenant_service_pb.ts";
import type { SessionBounded } from "../session-bounds.ts";
import { jsonCodec } from "../store/json-codec.ts";
import type { Numbered } from "../store/layers/directory.ts";
import { leavingSpace } from "../store/layers/leavings.ts";
import type { Space } from "../store/space.ts";
import type { Entry } from "../store/store.ts";
import { expireAtMax } from "../timestamp.ts";
import { areSessionBounds, toSessionBoundsMessage } from "./session-bounds-message.ts";

/** A tenant as it is stored, under [0, "tenant", name]. All that is the tenant's is under its number. */
export interface TenantRecord extends Numbered, SessionBounded {
  readonly displayName: string;
  readonly labels: readonly (readonly [string, string])[];
  readonly createTimeMs: number;
  readonly updateTimeMs: number;
}

export const tenantSpace: Space<TenantRecord> = {
  name: "tenant",
  rootParts: 2,
  codec: jsonCodec(),
  history: true,
  evictable: false,
  isSound: ({ parts, value }, expireAt) =>
    parts.length === 1 && expireAt === "none" && isTenantRecord(value),
};

/** Whether it can be answered as a tenant. */
function isTenantRecord(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { displayName, labels, createTimeMs, updateTimeMs, sessionBounds } = value as Record<
    string,
    unknown
  >;
  const areLabels = Array.isArray(labels) && labels.every(isLabel);
  const areTimes = isTime(createTimeMs) && isTime(updateTimeMs);
  return (
    typeof displayName === "string" && areLabels && areTimes && areSessionBounds(sessionBounds)
  );
}

const isLabel = (pair: unknown): boolean =>
  Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string");

const isTime = (ms: unknown): boolean =>
  Number.isInteger(ms) && (ms as number) >= 0 && (ms as number) <= expireAtMax;

export const tenantSpaces: readonly Space<unknown>[] = [tenantSpace, leavingSpace];

/** Labels as they are stored: pairs in order, so that no label's name means anything to the language. */
export const toLabels = (labels: Tenant["labels"]): TenantRecord["labels"] =>
  Object.freeze(
    Object.entries(labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map((pair) => Object.freeze(pair)),
  );

/** The tenant as it is answered. A record just written has no version yet: 0. */
export function toTenant(
  name: string,
  { value, version }: Pick<Entry<TenantRecord>, "value" | "version">,
): Tenant {
  const sessionBounds = toSessionBoundsMessage(value.sessionBounds);
  return {
    $typeName: "tiffin.tenant.v1.Tenant",
    name,
    displayName: value.displayName,
    labels: Object.fromEntries(value.labels),
    createTime: timestampFromMs(value.createTimeMs),
    updateTime: timestampFromMs(value.updateTimeMs),
    version: BigInt(version),
    ...(sessionBounds && { sessionBounds }),
  };
}
