import { hash } from "node:crypto";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Group, GroupSchema } from "#gen/tiffin/analytics/v1/query_pb.ts";
import { WatchQueryResponseSchema } from "#gen/tiffin/analytics/v1/watch_pb.ts";
import { limitExceeded } from "../errors.ts";
import { GroupDigests } from "./group-digests.ts";
import type { Share } from "./held-together.ts";
import type { QueryRun } from "./run-query.ts";
import type { SharedBounds } from "./shared-bounds.ts";

/** What the reader of a watched query has: a digest of each group, by what it stands for, and of the periods. To be closed. */
export class SentAnswer {
  readonly #share: Share;
  /** What is held of what all watches may hold. */
  #weight = 0;
  #periods = "";
  readonly #groups = new GroupDigests();

  constructor({ remembered }: SharedBounds) {
    this.#share = remembered.share();
  }

  close(): void {
    this.#groups.clear();
    this.#share.close();
  }

  /**
   * What an answer says beyond what was sent: first the groups that are new or have changed, then those that have gone. All is new when the periods
   * are others. Once gone through, it is what was sent; until then, it is neither that nor what was sent before.
   */
  async *differences(run: QueryRun): AsyncGenerator<Difference> {
    const { periods, comparedPeriods } = run;
    const encoded = encodedPeriods({ periods, comparedPeriods });
    const digest = digestOf(encoded).toString("base64");
    if (digest !== this.#periods) {
      yield { kind: "periods", bytes: encoded.length };
      this.#periods = digest;
      this.#groups.clear();
      this.#hold(0);
    }
    this.#groups.beginRun();
    for await (const groups of run.groups) yield* this.#changed(groups);
    for (const key of this.#groups.gone()) {
      this.#hold(this.#weight - weightOf(key));
      yield { kind: "removed", group: fromKey(key), bytes: key.length };
    }
  }

  *#changed(groups: readonly Group[]): Generator<Difference> {
    for (const group of groups) {
      const key = keyOf(group);
      if (!this.#groups.has(key)) {
        const size = this.#groups.size + 1;
        if (size > groupsMax) throw limitExceeded("groups of a watch", groupsMax, size);
        this.#hold(this.#weight + weightOf(key));
      }
      const encoded = toBinary(GroupSchema, group);
      const isChanged = this.#groups.note(key, digestOf(encoded));
      if (isChanged) yield { kind: "group", group, bytes: encoded.length };
    }
  }

  #hold(weight: number): void {
    this.#share.hold(weight);
    this.#weight = weight;
  }
}

export type Difference =
  | { readonly kind: "periods"; readonly bytes: number }
  | { readonly kind: "group" | "removed"; readonly group: Group; readonly bytes: number };

const encodedPeriods = (message: MessageInitShape<typeof WatchQueryResponseSchema>): Uint8Array =>
  toBinary(WatchQueryResponseSchema, create(WatchQueryResponseSchema, message));

const digestOf = (encoded: Uint8Array): Buffer => hash("sha256", encoded, "buffer");

/** A group of long names takes as much as several. */
const weightOf = (key: string): number => 1 + Math.floor(key.length / charactersOfGroup);

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
const charactersOfGroup = 256;
