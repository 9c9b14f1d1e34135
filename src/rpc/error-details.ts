import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  QuotaFailureSchema,
  ResourceInfoSchema,
  RetryInfoSchema,
} from "#gen/google/rpc/error_details_pb.ts";
import type { TiffinError } from "../errors.ts";
import { cut } from "./cut.ts";
import { errorTable } from "./errors.ts";

/** Errors travel as header fields, and clients refuse more than 8 KiB of those. */
export const errorBounds = {
  messageBytes: 512,
  detailsBytes: 4096,
  violations: 16,
  metadataEntries: 16,
} as const;

const retryAfterMsDefault = 100;

/** One message of google.rpc, as Connect takes it and gRPC packs it. */
export interface ErrorDetail {
  readonly desc: DescMessage;
  readonly value: MessageInitShape<DescMessage>;
}

/** The text to send, within its bound. */
export const messageOf = (error: TiffinError): string =>
  cut(error.message, errorBounds.messageBytes);

/** What is sent beside the text, most telling first, within its bound. */
export function detailsOf(error: TiffinError): ErrorDetail[] {
  const kept: ErrorDetail[] = [];
  let bytes = 0;
  for (const detail of [errorInfo(error), ...additions(error)]) {
    const size = toBinary(detail.desc, create(detail.desc, detail.value)).length;
    if (bytes + size > errorBounds.detailsBytes) continue;
    bytes += size;
    kept.push(detail);
  }
  return kept;
}

const detail = <D extends DescMessage>(desc: D, value: MessageInitShape<D>): ErrorDetail => ({
  desc,
  value: value as MessageInitShape<DescMessage>,
});

function errorInfo(error: TiffinError): ErrorDetail {
  const metadata = Object.entries(error.details.metadata ?? {})
    .slice(0, errorBounds.metadataEntries)
    .map(([name, value]) => [cut(name), cut(value)]);
  return detail(ErrorInfoSchema, {
    reason: errorTable[error.kind].reason,
    domain: "tiffin",
    metadata: Object.fromEntries(metadata),
  });
}

function additions(error: TiffinError): ErrorDetail[] {
  const { violations, retryAfterMs } = error.details;
  const added: ErrorDetail[] = [];
  if (violations !== undefined && violations.length > 0) {
    added.push(badRequest(violations));
  }
  const ofKind = additionByKind(error);
  if (ofKind !== undefined) added.push(ofKind);
  const wait = retryAfterMs ?? (isTransient(error) ? retryAfterMsDefault : undefined);
  if (wait !== undefined) added.push(detail(RetryInfoSchema, { retryDelay: durationFromMs(wait) }));
  return added;
}

function badRequest(violations: NonNullable<TiffinError["details"]["violations"]>): ErrorDetail {
  return detail(BadRequestSchema, {
    fieldViolations: violations.slice(0, errorBounds.violations).map((violation) => ({
      field: cut(violation.field, 2 * 64),
      description: cut(violation.description, 2 * 64),
    })),
  });
}

/** Kinds that AIP-193 has a message of its own for. */
function additionByKind(error: TiffinError): ErrorDetail | undefined {
  const description = cut(error.message, 2 * 64);
  const metadata = error.details.metadata ?? {};
  switch (error.kind) {
    case "precondition_failed":
    case "tenant_protected":
    case "tenant_not_empty":
    case "merge_unsupported":
    case "version_ahead":
    case "wrong_value_kind": {
      const subject = cut(metadata["key"] ?? metadata["tenant"] ?? "");
      const violation = { type: errorTable[error.kind].reason, subject, description };
      return detail(PreconditionFailureSchema, { violations: [violation] });
    }
    case "limit_exceeded":
    case "store_full":
    case "overloaded": {
      const subject = cut(metadata["limit"] ?? "");
      return detail(QuotaFailureSchema, { violations: [{ subject, description }] });
    }
    case "tenant_not_found":
    case "tenant_already_exists": {
      const resourceName = cut(metadata["tenant"] ?? "");
      return detail(ResourceInfoSchema, { resourceType: "tenant", resourceName, description });
    }
    default:
      return undefined;
  }
}

const isTransient = (error: TiffinError): boolean =>
  error.kind === "overloaded" || error.kind === "contention" || error.kind === "shutting_down";
