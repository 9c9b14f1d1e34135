import { closeSync, fdatasyncSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { quantile } from "../report/sample.ts";

/** What it costs to have the folder's disk keep 4 KiB: the least that a durable write waits for. */
export function describeDisk(folder: string): string {
  const type = statfsSync(folder).type;
  const name = fileSystems.get(type) ?? `file system ${type.toString(16)}`;
  const micros = syncMicros(join(folder, "sync"));
  const [p50, p99] = [quantile(micros, 0.5), quantile(micros, 0.99)].map(Math.round);
  return `To write 4 KiB and wait for this disk (${name}) takes ${p50} us, ${p99} at p99.`;
}

/** Sorted. In place, in a file that has its size, as a write-ahead log that is written over again. */
function syncMicros(path: string): number[] {
  const file = openSync(path, "w");
  const page = Buffer.alloc(pageBytes, 1);
  const times: number[] = [];
  try {
    for (let at = 0; at < pages; at++) writeSync(file, page, 0, pageBytes, at * pageBytes);
    fdatasyncSync(file);
    for (let at = 0; at < syncs; at++) {
      const begun = performance.now();
      writeSync(file, page, 0, pageBytes, (at % pages) * pageBytes);
      fdatasyncSync(file);
      times.push((performance.now() - begun) * 1000);
    }
  } finally {
    closeSync(file);
    rmSync(path);
  }
  return times.sort((a, b) => a - b);
}

const pageBytes = 4096;
const pages = 1_000;
const syncs = 400;
/** By the number that statfs(2) gives them. In memory nothing is durable, and syncs cost nothing. */
const fileSystems = new Map([
  [0xef53, "ext4"],
  [0x58465342, "xfs"],
  [0x9123683e, "btrfs"],
  [0x2fc12fc1, "zfs"],
  [0x794c7630, "overlayfs"],
  [0x01021994, "tmpfs, in memory: no disk at all"],
]);
