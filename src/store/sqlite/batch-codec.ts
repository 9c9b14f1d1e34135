import type { Commit, Conflict, EngineOutcome, Entry, Mutation } from "../store.ts";
import type { RecordDecoder } from "./record-decoder.ts";
import { decodeError } from "./sqlite-errors.ts";
import type { EncodedBatch, EncodedCommit, EncodedMutation, EncodedOutcome } from "./wire.ts";

/** The batch as it is sent to the writing thread; all its values are in one buffer, which is handed over and not copied again. */
export function encodeBatch(
  commits: readonly Commit[],
  decoder: RecordDecoder,
  now: number,
): { batch: EncodedBatch; values: ArrayBuffer } {
  const encoded = commits.map(({ mutations }) => mutations.map(encodedValue(decoder)));
  const values = new ArrayBuffer(encoded.flat().reduce((sum, value) => sum + value.length, 0));
  let at = 0;
  const packed = (value: Uint8Array): Uint8Array => {
    const place = new Uint8Array(values, at, value.length);
    place.set(value);
    at += value.length;
    return place;
  };
  const batch = commits.map((commit, index) => {
    const { id, expect, mutations, wantPrevious = false } = commit;
    const sent = mutations.map((mutation, place) =>
      encodeMutation(mutation, () => packed(encoded[index]?.[place] ?? noBytes)),
    );
    return { id, expect, mutations: sent, wantPrevious } satisfies EncodedCommit;
  });
  return { batch: { now, commits: batch }, values };
}

export function decodeOutcome(
  outcome: EncodedOutcome,
  commit: Commit,
  decoder: RecordDecoder,
): EngineOutcome {
  if ("refused" in outcome) return { refused: decodeError(outcome.refused) };
  if ("conflict" in outcome) return { conflict: decodeConflict(outcome, commit, decoder) };
  const { revision, rangeDeleted, previous } = outcome;
  if (previous === undefined) return { revision, rangeDeleted };
  const entries = previous.map((row, index): Entry | undefined => {
    const mutation = commit.mutations[index];
    if (row === undefined || mutation === undefined || mutation.op === "deleteRange")
      return undefined;
    return decoder.entry(mutation.key, row);
  });
  return { revision, rangeDeleted, previous: entries };
}

function decodeConflict(
  { conflict, actual }: Extract<EncodedOutcome, { conflict: number }>,
  { expect }: Commit,
  decoder: RecordDecoder,
): Conflict {
  const expected = expect[conflict];
  if (expected === undefined) throw new Error("the conflict is with no expectation of the commit");
  return actual === undefined || "range" in expected
    ? { expected }
    : { expected, actual: decoder.entry(expected.key, actual) };
}

const encodedValue =
  (decoder: RecordDecoder) =>
  (mutation: Mutation): Uint8Array =>
    mutation.op === "put" ? decoder.encode(mutation.key, mutation.value) : noBytes;

function encodeMutation(mutation: Mutation, value: () => Uint8Array): EncodedMutation {
  return mutation.op === "put" ? { ...mutation, value: value() } : mutation;
}

const noBytes = new Uint8Array(0);
