/** What the engine and its writing thread say to each other: plain data, values already encoded. */
import { crc32 } from "node:zlib";
import type { ErrorKind } from "../../errors.ts";
import type { Key, Range } from "../key.ts";
import type { Expectation, Mutation, Revision } from "../store.ts";

/** A record as it is in the database, apart from its key. */
export interface StoredRow {
  readonly value: Uint8Array;
  readonly version: Revision;
  readonly created: Revision;
  /** Null: never. */
  readonly expireAt: number | null;
}

type Put = Extract<Mutation, { op: "put" }>;

export type EncodedPut = Omit<Put, "value"> & { readonly value: Uint8Array };

export type EncodedMutation = EncodedPut | Exclude<Mutation, Put>;

export interface EncodedCommit {
  readonly id: string;
  readonly expect: readonly Expectation[];
  readonly mutations: readonly EncodedMutation[];
  readonly wantPrevious: boolean;
}

export interface EncodedBatch {
  /** The store's time, in milliseconds, at which all of it happens. */
  readonly now: number;
  readonly commits: readonly EncodedCommit[];
}

export interface EncodedCommitted {
  readonly revision: Revision;
  readonly rangeDeleted: number;
  readonly previous?: readonly (StoredRow | undefined)[];
}

export type EncodedOutcome =
  | EncodedCommitted
  /** The index of the expectation, and the live record under its key. */
  | { readonly conflict: number; readonly actual?: StoredRow }
  | { readonly refused: EncodedError };

export interface AppliedBatch {
  readonly outcomes: readonly EncodedOutcome[];
  readonly head: Revision;
}

/** A TiffinError; of its cause, the text. */
export interface EncodedError {
  readonly kind: ErrorKind;
  readonly message: string;
  readonly cause: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A step of forgetting: what is older than `oldest`, and what is over so many bytes. */
export interface TrimStep {
  readonly bytes: number;
  readonly oldest: Revision;
}

export interface PurgeStep {
  readonly range: Range;
  readonly records: number;
}

export interface Done {
  readonly done: boolean;
}

/** What the writing thread does when it is asked, by name. */
export interface WriterWork {
  open: { readonly asked: { readonly now: number }; readonly answer: Opened };
  apply: { readonly asked: EncodedBatch; readonly answer: AppliedBatch };
  purge: { readonly asked: PurgeStep; readonly answer: Done };
  trim: { readonly asked: TrimStep; readonly answer: Done };
  close: { readonly asked: undefined; readonly answer: undefined };
}

/** What the engine must know of the database once it is open. */
export interface Opened {
  readonly head: Revision;
  /** The latest time that the store has gone by, in milliseconds. */
  readonly time: number;
}

export type WriterTask = keyof WriterWork;

export interface WriterRequest<Task extends WriterTask = WriterTask> {
  readonly number: number;
  readonly task: Task;
  readonly asked: WriterWork[Task]["asked"];
}

export type WriterReply =
  | { readonly number: number; readonly answer: unknown }
  | { readonly number: number; readonly failure: Failure };

/** Why something was not done, in a form that survives the way from one thread to another. */
export type Failure =
  | { readonly type: "error"; readonly error: EncodedError }
  | { readonly type: "refusal"; readonly reason: string; readonly remedy: string };

/** What the writing thread knows of a space. */
export interface SpaceRule {
  readonly name: string;
  readonly rootParts: number;
  readonly history: boolean;
}

/** What is stored beside a record to tell later whether it is still what was written. The expiry has an index to be held against. */
export const checksumOf = (
  key: Uint8Array,
  { value, version, created }: Omit<StoredRow, "expireAt">,
): number => crc32(value, crc32(key, crc32(`${version} ${created}`)));

/** The key as the database orders it. */
export const toBlob = (key: Key): Buffer => Buffer.from(key, "latin1");

export const fromBlob = (bytes: Uint8Array): Key =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1") as Key;
