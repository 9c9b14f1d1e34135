import { createHash } from "node:crypto";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Group, GroupSchema } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { WatchQueryResponseSchema } from "#gen/tiffin/analytics/v1/watch_pb.ts";
import { limitExceeded } from "../errors.ts";
import type { QueryRun } from "./run-query.ts";

/** What the reader of a watched query has: a digest of each group, by what it stands for, and of the periods. */
export class SentAnswer {
  #periods = "";
  #groups = new Map<string, string>();

  /**
   * What an answer says beyond what was sent: first the groups that are new or have changed, then those that have gone. All is new when the periods
   * are others. Once gone through, it is what was sent.
   */
  async *differences(run: QueryRun): AsyncGenerator<Difference> {
    const { periods, comparedPeriods } = run;
    const encoded = encodedPeriods({ periods, comparedPeriods });
    const digest = digestOf(encoded);
    const isNew = digest !== this.#periods;
    if (isNew) yield { kind: "periods", bytes: encoded.length };
    const before = isNew ? new Map<string, string>() : this.#groups;
    const after = new Map<string, string>();
    for await (const groups of run.groups) yield* changedGroups(groups, { before, after });
    for (const key of before.keys()) {
      if (!after.has(key)) yield { kind: "removed", group: fromKey(key), bytes: key.length };
    }
    this.#periods = digest;
    this.#groups = after;
  }
}

export type Difference =
  | { readonly kind: "periods"; readonly bytes: number }
  | { readonly kind: "group" | "removed"; readonly group: Group; readonly bytes: number };

/** Digests of groups, by what they stand for: as they were sent, and as they are now. */
interface Digests {
  readonly before: ReadonlyMap<string, string>;
  readonly after: Map<string, string>;
}

function* changedGroups(
  groups: readonly Group[],
  { before, after }: Digests,
): Generator<Difference> {
  for (const group of groups) {
    const key = keyOf(group);
    const encoded = toBinary(GroupSchema, group);
    const digest = digestOf(encoded);
    if (after.size >= groupsMax) {
      throw limitExceeded("groups of a watch", groupsMax, after.size + 1);
    }
    after.set(key, digest);
    if (before.get(key) !== digest) yield { kind: "group", group, bytes: encoded.length };
  }
}

const encodedPeriods = (message: MessageInitShape<typeof WatchQueryResponseSchema>): Uint8Array =>
  toBinary(WatchQueryResponseSchema, create(WatchQueryResponseSchema, message));

const digestOf = (encoded: Uint8Array): string =>
  createHash("sha256").update(encoded).digest("base64");

/** What tells a group from the others of its answer. */
const keyOf = ({ dimensions, metric, unit }: Group): string =>
  JSON.stringify([metric, unit, ...dimensions.flatMap(({ name, path }) => [name, path])]);

function fromKey(key: string): Group {
  const [metric = "", unit = "", ...paths] = JSON.parse(key) as string[];
  const dimensions = [];
  for (let at = 0; at < paths.length; at += 2) {
    dimensions.push({ name: paths[at] ?? "", path: paths[at + 1] ?? "" });
  }
  return create(GroupSchema, { dimensions, metric, unit });
}

/** A watch remembers each group of its answer. */
const groupsMax = 100_000;
