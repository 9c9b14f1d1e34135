import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { key } from "../../src/store/key.ts";
import {
  answerOnce,
  type IdentifiedRequest,
  requestAgeSpace,
  requestSpace,
} from "../../src/store/layers/request-memory.ts";
import type { Tx } from "../../src/store/store.ts";
import { eventually, settle } from "../support/settle.ts";
import { at } from "../support/test-spaces.ts";
import type { OpenedStore, StoreUnderTest } from "./store-contract.ts";

export function describeRequests(subject: StoreUnderTest): void {
  describe("reason 9: requests with an id", () => {
    let opened: OpenedStore;
    let effects: number;
    beforeEach(async () => {
      opened = await subject.open();
      effects = 0;
    });
    afterEach(() => opened.store.close());

    const request: IdentifiedRequest = { tenant: 1, method: "Add", id: "r1", digest: "d1" };
    async function add(tx: Tx): Promise<string> {
      effects++;
      const count = Number((await tx.get(at("n")))?.value ?? 0) + 1;
      tx.put(at("n"), String(count), "none");
      return `answer ${count}`;
    }
    const once = (asked: IdentifiedRequest, attempt = add) =>
      answerOnce(opened.store, asked, { locks: { exclusive: [at("n")] }, attempt });

    test("a repeat is answered as before, at the revision of the effect, and has none of its own", async () => {
      const first = await once(request);
      const second = await once(request);
      expect(first).toMatchObject({ answer: "answer 1", replayed: false });
      expect(second).toEqual({ answer: "answer 1", replayed: true, revision: first.revision });
      expect((await opened.store.get([at("n")])).entries[0]).toMatchObject({
        value: "1",
        version: first.revision,
      });
    });

    test("other content under the same id is refused", async () => {
      await once(request);
      await expect(once({ ...request, digest: "d2" })).rejects.toMatchObject({
        kind: "request_id_reused",
      });
    });

    test("the same id at once has one effect", async () => {
      const answers = await settle(
        opened.clock,
        Promise.all(Array.from({ length: 8 }, () => once(request))),
      );
      expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect((await opened.store.get([at("n")])).entries[0]?.value).toBe("1");
    });

    test("the same id of another method or tenant is another request", async () => {
      await once(request);
      expect(await once({ ...request, method: "Other" })).toMatchObject({ replayed: false });
      expect(await once({ ...request, tenant: 2 })).toMatchObject({ replayed: false });
    });

    test("failures and attempts that wrote nothing are not remembered", async () => {
      const failing = (): string => {
        throw new Error("no");
      };
      await expect(once(request, failing as never)).rejects.toThrow("no");
      await once(request, (async () => "nothing written") as never);
      expect(await once(request)).toMatchObject({ replayed: false, answer: "answer 1" });
      expect(effects).toBe(1);
    });

    test("an id is forgotten after ten minutes, and nothing is left of it", async () => {
      await once(request);
      opened.clock.advance(10 * 60_000 - 1);
      expect(await once(request)).toMatchObject({ replayed: true });
      opened.clock.advance(1);
      expect(await once(request)).toMatchObject({ replayed: false });
      opened.clock.advance(10 * 60_000);
      for (const space of [requestSpace, requestAgeSpace]) {
        const root = key(1, space.name);
        await eventually(opened.clock, async () => (await opened.store.stats(root)).records === 0);
      }
    });
  });
}
