import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { createPrivately, makePrivate } from "../private-file.ts";
import { ProcessLock } from "../process-lock.ts";
import { StartRefusal } from "../start-refusal.ts";
import { applicationId } from "./schema.ts";
import { damaged } from "./sqlite-errors.ts";

/** The file that a URL names: what follows `sqlite:`, as it is, relative to the working directory or not. */
export function pathOf(url: string): string {
  const rest = url.slice("sqlite:".length);
  const path = rest.startsWith("//") ? rest.slice("//".length) : rest;
  if (rest.startsWith("//") && !path.startsWith("/")) {
    throw new StartRefusal(url, {
      reason: "its URL names a host",
      remedy: "Write sqlite:/absolute/path or sqlite:relative/path",
    });
  }
  if (path === "" || path.endsWith("/")) {
    throw new StartRefusal(url, {
      reason: "its URL names no file",
      remedy: "Write sqlite:tiffin.db, for example",
    });
  }
  if (path === ":memory:") {
    throw new StartRefusal(url, {
      reason: "a store in memory is another engine",
      remedy: "Write memory:",
    });
  }
  return path;
}

/** A file that no other process opens as a store. */
export interface ClaimedFile {
  /** Of the file itself, where it was named by a link: beside it are its lock and its log. */
  readonly path: string;
  release(): void;
}

/** Takes the file for this process, and creates it if there is none. What cannot be a store of ours is refused with the reason. */
export function claimFile(named: string): ClaimedFile {
  assertFolder(named);
  const path = explained(named, () => targetOf(named));
  const found = explained(path, () => statSync(path, { throwIfNoEntry: false }));
  if (found?.isDirectory() === true) {
    throw new StartRefusal(path, { reason: "it is a directory", remedy: "Name a file in it" });
  }
  if (found !== undefined && !found.isFile()) {
    throw new StartRefusal(path, { reason: "it is not a file", remedy: "Name a file" });
  }
  explained(path, () => assertNothingLeft(path, found?.size));
  const lock = explained(path, () => new ProcessLock(path));
  try {
    explained(path, () => createPrivately(path));
    explained(path, () => assertHeader(path)); // first: what is not ours keeps its permissions
    for (const part of ["", "-wal", "-shm"]) explained(path, () => makePrivate(`${path}${part}`));
    return { path, release: () => lock.release() };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Absolute, and without links: who opens the file by another name is to find the same lock. */
function targetOf(named: string): string {
  const path = resolve(named); // what SQLite might take for a URI begins with "file:", and not with "/"
  return existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
}

/** Where there is no file there is nothing that a new one would cover: SQLite removes a log beside an empty file. */
function assertNothingLeft(path: string, size: number | undefined): void {
  if (size === undefined && lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    throw new StartRefusal(path, {
      reason: "it is a link to a file that is not there",
      remedy: "Mount or restore what it leads to, or remove the link",
    });
  }
  if ((size ?? 0) > 0 || sizeOfLog(path) === 0) return;
  throw new StartRefusal(path, {
    reason: `it is ${size === undefined ? "not there" : "empty"}, and its log is: ${path}-wal holds writes of a file that was moved or removed`,
    remedy: `Put the file back beside it; or, to begin anew, remove ${path}-wal and ${path}-shm`,
  });
}

function assertFolder(path: string): void {
  const folder = dirname(resolve(path));
  if (explained(path, () => statSync(folder, { throwIfNoEntry: false }))?.isDirectory() === true)
    return;
  throw new StartRefusal(path, {
    reason: `there is no folder ${folder}`,
    remedy: `Create it: mkdir -p '${folder}'`,
  });
}

/** Reads the file before SQLite does: from here on it is open, and to close another descriptor of it would drop SQLite's locks. */
function assertHeader(path: string): void {
  const header = Buffer.alloc(headerBytes);
  const descriptor = openSync(path, "r+"); // also tells whether it can be written
  try {
    const length = readSync(descriptor, header);
    if (length === 0) return;
    if (length < headerBytes || header.toString("latin1", 0, magic.length) !== magic) {
      throw new StartRefusal(path, {
        reason: "it is no SQLite database",
        remedy: "Name another file, or restore a backup",
      });
    }
  } finally {
    closeSync(descriptor);
  }
  // Ours is in the header before anything else is in the file.
  if (header.readUInt32BE(applicationIdAt) !== applicationId) {
    throw new StartRefusal(path, {
      reason: "it is a database of another program",
      remedy: "Name another file",
    });
  }
  assertWhole(path, header);
}

/** Without a log beside it, the file is as long as its header says. */
function assertWhole(path: string, header: Buffer): void {
  if (sizeOfLog(path) > 0) return;
  const stated = header.readUInt16BE(pageSizeAt);
  const expected = (stated === 1 ? 65_536 : stated) * header.readUInt32BE(pagesAt);
  const { size } = statSync(path);
  if (size < expected) throw damaged(path, `it has ${size} of its ${expected} bytes`);
}

const sizeOfLog = (path: string): number =>
  statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;

/** The system's own errors, with what to do about them. */
function explained<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof StartRefusal) throw error;
    const { code = "", message } = error as NodeJS.ErrnoException;
    const [reason, remedy] = remedies.get(code) ?? [
      message,
      "Name a file that this user can write",
    ];
    throw new StartRefusal(path, { reason, remedy, cause: error });
  }
}

const remedies = new Map<string, readonly [reason: string, remedy: string]>([
  ["EACCES", ["this user may not read and write it", "Change its owner, or name another file"]],
  ["EPERM", ["this user may not read and write it", "Change its owner, or name another file"]],
  ["EROFS", ["its file system is read-only", "Name a file on one that can be written"]],
  ["ENOSPC", ["its disk is full", "Free some space"]],
  ["EDQUOT", ["the quota of its disk is used up", "Free some space"]],
  ["ENOTDIR", ["a part of its path is no folder", "Name another file"]],
  ["ENAMETOOLONG", ["its name is too long", "Name another file"]],
  ["ELOOP", ["its path is a loop of links", "Name another file"]],
]);

const magic = "SQLite format 3\0";
const headerBytes = 100;
/** Where in the header what is: https://sqlite.org/fileformat2.html#the_database_header. */
const pageSizeAt = 16;
const pagesAt = 28;
const applicationIdAt = 68;
