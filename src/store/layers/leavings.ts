/**
 * What a tenant has outside of the record store goes after the tenant's own record, which is gone in one commit. That commit notes the
 * name; the note is there until all is deleted, and until then no tenant of the name is made anew.
 */
import { TiffinError } from "../../errors.ts";
import { jsonCodec } from "../json-codec.ts";
import { child, type Key, key, stringAfter, within } from "../key.ts";
import type { Space } from "../space.ts";
import type { Call, Store, Tx } from "../store.ts";
import { tenantsRoot } from "./directory.ts";

/** Deletes all that a tenant of the name has elsewhere; again: nothing more. */
export type DeleteElsewhere = (name: string) => Promise<void>;

/** Under [0, "leaving", name]: when the tenant was deleted. */
export const leavingSpace: Space<{ readonly deletedMs: number }> = {
  name: "leaving",
  rootParts: 2,
  codec: jsonCodec(),
  history: false,
  evictable: false,
};

/** The notes of one store, and how what they stand for is deleted. */
export class Leavings {
  readonly #store: Store;
  readonly #deleteElsewhere: DeleteElsewhere;

  constructor(store: Store, deleteElsewhere: DeleteElsewhere) {
    this.#store = store;
    this.#deleteElsewhere = deleteElsewhere;
  }

  /** Part of the commit that deletes the tenant's record. */
  note(tx: Tx, name: string): void {
    tx.put(noteOf(name), { deletedMs: Math.floor(tx.now()) }, "none");
  }

  /** Part of a commit that makes a tenant of the name: fails with `StillLeaving` while something is left of an earlier one. */
  async expectNone(tx: Tx, name: string): Promise<void> {
    if ((await tx.get(noteOf(name))) !== undefined) throw new StillLeaving(name);
  }

  /** Runs what makes tenants; what is left of earlier ones of the names is deleted before. */
  async afterLeft<T>(make: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await make();
      } catch (error) {
        if (!(error instanceof StillLeaving)) throw error;
        if (tries === triesMax) throw unsteady(error.tenant);
        await this.finish(error.tenant);
      }
    }
  }

  /** Deletes what is left of the name, if it is noted. One at a time in this process: a late second one could meet what a new tenant has. */
  async finish(name: string, call: Call = {}): Promise<void> {
    const note = noteOf(name);
    const { entries } = await this.#store.get([note], call);
    if (entries[0] === undefined) return;
    await this.#store.update(
      { exclusive: [note] },
      async (tx) => {
        if ((await tx.get(note)) === undefined) return;
        await this.#deleteElsewhere(name);
        tx.delete(note);
      },
      call,
    );
  }

  /** What was written for a tenant that has gone meanwhile is deleted again; answers whether it has. */
  async leave(name: string): Promise<boolean> {
    const record = child(tenantsRoot, name);
    const { result: hasGone } = await this.#store.update({}, async (tx) => {
      if ((await tx.get(record)) !== undefined) return false;
      this.note(tx, name);
      return true;
    });
    if (hasGone) await this.finish(name);
    return hasGone;
  }

  /** Those that a crash left; told of those that cannot be deleted now either. */
  async finishAll(report: (problem: string, cause: unknown) => void): Promise<void> {
    let after: Key | undefined;
    do {
      const page = await this.#store.page(within(notesRoot), {
        limit: notesPerPage,
        ...(after && { after }),
      });
      for (const { key: note } of page.entries) {
        const name = stringAfter(notesRoot, note);
        await this.finish(name).catch((error: unknown) =>
          report(`what is left of the tenant ${name} could not be deleted`, error),
        );
      }
      after = page.next;
    } while (after !== undefined);
  }
}

/** Something is left of an earlier tenant of the name. Never leaves the room that makes one. */
export class StillLeaving extends Error {
  readonly tenant: string;

  constructor(tenant: string) {
    super("something is left of an earlier tenant of the name");
    this.name = "StillLeaving";
    this.tenant = tenant;
  }
}

const unsteady = (name: string): TiffinError =>
  new TiffinError("contention", `the tenant ${name} was made and deleted ${triesMax} times`, {
    metadata: { tenant: name },
  });

const notesRoot: Key = key(0, leavingSpace.name);
const noteOf = (name: string): Key => child(notesRoot, name);
const triesMax = 16;
const notesPerPage = 1000;
