import { expect, test } from "vitest";
import { key } from "../../src/store/key.ts";
import { requestSpace } from "../../src/store/layers/request-memory.ts";
import { openTestStore } from "../support/open-test-store.ts";

test("test 13: changing a value that was given to a store of tests, or answered by it, throws", async () => {
  const { store } = await openTestStore({});
  const record = key(1, requestSpace.name, "Method", "id");
  const given = { digest: "d", answer: "a" };
  await store.update({}, (tx) => tx.put(record, given, "none"));
  const answered = (await store.get([record])).entries[0]?.value as typeof given;
  for (const value of [given, answered]) {
    expect(() => {
      value.answer = "changed";
    }).toThrow(TypeError);
  }
  await store.close();
});
