import type { ExportRecord } from "#gen/tiffin/admin/v1/export_pb.ts";
import { fromByteString } from "../../src/store/byte-string.ts";
import { type KeyPart, key } from "../../src/store/key.ts";

const record = (parts: readonly KeyPart[], value: string): Partial<ExportRecord> => ({
  key: fromByteString(key(...parts)),
  value: fromByteString(value),
});
const one = "\x20\x01";
const named = '{"number":1}';
const expireAtMs = 4_000_000_000_000;

/** What an export may hold that was made by hand, and that no room writes. */
export const unsoundRecords: Record<string, Partial<ExportRecord>> = {
  "a value that is empty": record(["kv", 1, "a"], ""),
  "a value of no kind": record(["kv", 1, "a"], "\xff\xff"),
  "text that is no UTF-8": record(["kv", 1, "a"], "\x12\x02\xff\xfe"),
  "text of another length": record(["kv", 1, "a"], "\x12\x7fa"),
  "json that is none": record(["kv", 1, "a"], "\x1a\x05zzz"),
  "json that is no number": record(["kv", 1, "a"], "\x1a\x09\x11\x00\x00\x00\x00\x00\x00\xf8\x7f"),
  "an integer in another form": record(["kv", 1, "a"], "\x20\x81\x00"),
  "an integer of a megabyte": record(["kv", 1, "a"], `\x20${"\xff".repeat(900_000)}`),
  "a value too large": record(["kv", 1, "a"], `\x0a\x80\x80\x50${"x".repeat(1_310_720)}`),
  "an entry without a key": record(["kv", 1], one),
  "an entry with a number for a key": record(["kv", 1, 5], one),
  "an entry with two keys": record(["kv", 1, "a", "b"], one),
  "a key too long": record(["kv", 1, "k".repeat(1025)], one),
  "an expiry beyond the year 9999": { ...record(["kv", 1, "a"], one), expireAtMs: 9e15 },
  "an expiry that no timestamp says": { ...record(["kv", 1, "a"], one), expireAtMs: 1e300 },
  "an expiry between two milliseconds": {
    ...record(["kv", 1, "a"], one),
    expireAtMs: expireAtMs + 0.5,
  },
  "a namespace without a name": record(["namespace"], named),
  "a namespace with a number for a name": record(["namespace", 5], named),
  "a namespace with two names": record(["namespace", "n", "m"], named),
  "a namespace's name too long": record(["namespace", "n".repeat(256)], named),
  "a namespace that is more than a number": record(["namespace", "n"], '{"number":1,"more":2}'),
  "a namespace that expires": { ...record(["namespace", "n"], named), expireAtMs },
  "a remembered request without an id": record(["request", "Set"], "\x01aa"),
  "a remembered request of nothing": record(["request", "Set", "id"], ""),
  "a remembered request that is cut": record(["request", "Set", "id"], "\x09aa"),
  "an age of no request": record(["request-age", "x"], ""),
  "an age that is more than one": record(["request-age", expireAtMs, "Set", "id"], "x"),
};

/** Changes to a tenant's own record, of the same sort. */
export const unsoundTenants: Record<string, unknown>[] = [
  { displayName: 5 },
  { labels: 5 },
  { labels: [null] },
  { labels: [["a", 1]] },
  { labels: [["a"]] },
  { createTimeMs: "a" },
  { updateTimeMs: 1e300 },
  { createTimeMs: -1e300 },
  { sessionBounds: 5 },
  { sessionBounds: { idleMsMax: -1 } },
];
