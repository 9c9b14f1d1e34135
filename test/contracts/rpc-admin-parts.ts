import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type {
  ExportRequest,
  ImportResponse,
  WhenExists,
} from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import { type ExportPart, ExportPartSchema } from "#gen/tiffin/admin/v1/export_pb.ts";
import type { Entry } from "#gen/tiffin/kv/v1/entry_pb.ts";
import { contentOf, integer, text } from "./rpc-messages.ts";
import type { RpcSubject } from "./rpc-subject.ts";

/** Every part of an export, in order. */
export async function exported(
  { admin }: RpcSubject,
  request: Partial<Pick<ExportRequest, "tenants">> = {},
): Promise<ExportPart[]> {
  const parts: ExportPart[] = [];
  for await (const { part } of admin.export(request)) {
    if (part !== undefined) parts.push(part);
  }
  return parts;
}

/** Sends the parts, as they are. */
export function imported(
  { admin }: RpcSubject,
  parts: readonly MessageInitShape<typeof ExportPartSchema>[],
  whenExists?: WhenExists,
): Promise<ImportResponse> {
  async function* requests() {
    for (const part of parts) yield { part, ...(whenExists && { whenExists }) };
  }
  return admin.import(requests());
}

/** A copy, to be altered. */
export const copyOf = (part: ExportPart): ExportPart =>
  create(ExportPartSchema, structuredClone(part));

export const as = (tenant: string) => ({ headers: { "tiffin-tenant": tenant } });

/** Some entries of every sort: two namespaces, an expiry, one overwritten, one deleted, a large one, a remembered call. */
export async function fill(
  { kv, clock }: RpcSubject,
  tenant = "default",
  large = 700_000,
): Promise<void> {
  const to = as(tenant);
  await kv.set({ key: "a", value: text("old") }, to);
  clock.advance(5);
  await kv.set({ key: "a", value: text("new") }, to);
  await kv.set({ namespace: "n", key: "a", value: text("other"), requestId: "once" }, to);
  await kv.set({ key: "gone", value: text("x") }, to);
  await kv.delete({ key: "gone" }, to);
  const ttl = { kind: { case: "ttl", value: { seconds: 60n } } } as const;
  await kv.set({ key: "short", value: text("lived"), expiry: ttl }, to);
  await kv.set({ namespace: "n", key: "count", value: integer(7n) }, to);
  const bytes = { kind: { case: "bytes", value: new Uint8Array(large).fill(7) } } as const;
  await kv.set({ namespace: "large", key: "one", value: bytes }, to);
  await kv.set({ namespace: "large", key: "two", value: bytes }, to);
}

/** All entries of all namespaces, versions and expiries included. */
export async function everything(
  subject: RpcSubject,
  tenant = "default",
): Promise<Record<string, Entry[]>> {
  const { namespaces } = await subject.kv.listNamespaces({}, as(tenant));
  const found: Record<string, Entry[]> = {};
  for (const { name } of namespaces) {
    found[name] = await contentOf(subject, name, as(tenant).headers);
  }
  return found;
}
