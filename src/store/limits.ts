import type { Limits } from "./store.ts";

/** The limits an engine has unless it is told, or its database needs, others. */
export const defaultLimits: Limits = {
  // PostgreSQL refuses index rows over 2,704 bytes. A key of 1 KiB doubles at worst, when all its bytes are NUL.
  keyBytes: 2560,
  // 1 MiB of the caller's and what the room writes around it: its kind, its type's name.
  valueBytes: 1024 * 1024 + 4096,
  // 1000 of the caller's, and what the room writes beside them: a namespace, a remembered request, those that give way.
  commitRecords: 1010,
  commitBytes: 8 * 1024 * 1024,
  rangeRecords: 100_000,
  pageBytes: 1024 * 1024,
  pageRecords: 10_000,
  snapshots: 32,
  snapshotMs: 60_000,
  queue: 10_000,
};
