import type { JsonObject } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { durationOf, failureOf } from "./rpc-messages.ts";
import {
  created,
  exact,
  failuresOf,
  headOf,
  notFound,
  peeked,
  storedRecords,
  timesOf,
} from "./rpc-session-parts.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeSessionUpdates(subject: RpcUnderTest): void {
  describe("changing a session's data", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    const replace = (value: JsonObject) => ({ case: "replace", value }) as const;
    const mergePatch = (value: JsonObject) => ({ case: "mergePatch", value }) as const;

    test("replacing leaves nothing of what was there, and changes nothing but data, version and use", async () => {
      const { id: sessionId, session } = await created(rpc, {
        subject: "ada",
        data: { a: 1, b: { c: 2 } },
        client: { deviceName: "laptop" },
      });
      rpc.clock.advance(5000);
      const answer = await rpc.sessions.update({ sessionId, change: replace({ d: 4 }) });
      const updated = await peeked(rpc, sessionId);
      expect(answer.session).toEqual(updated);
      expect(updated.data).toEqual({ d: 4 });
      expect(updated.version).toBeGreaterThan(session.version);
      expect(timesOf(updated)).toEqual({
        ...timesOf(session),
        used: rpc.clock.now(),
        idle: (timesOf(session).idle ?? 0) + 5000,
      });
      const { handle, subject: whose, client, createTime } = session;
      expect(updated).toMatchObject({ handle, subject: whose, client, createTime });
      const emptied = await rpc.sessions.update({ sessionId, change: replace({}) });
      expect(emptied.session?.data).toEqual({});
    });

    test("each update is a new version, even one that changes nothing, or many at one moment", async () => {
      const { id: sessionId, session } = await created(rpc, { data: { a: 1 } });
      const versions = [session.version];
      for (let each = 0; each < 5; each++) {
        const change = each % 2 === 0 ? replace({ a: 1 }) : mergePatch({});
        const answer = await rpc.sessions.update({ sessionId, change });
        versions.push(answer.session?.version ?? 0n);
      }
      expect(new Set(versions).size).toBe(6);
      expect(versions.toSorted((a, b) => Number(a - b))).toEqual(versions);
    });

    /** Those of RFC 7396, appendix A, whose target and patch are objects; the others no session can have. */
    const appendixA: readonly [target: string, patch: string, result: string][] = [
      ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
      ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
      ['{"a":"b"}', '{"a":null}', "{}"],
      ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
      ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
      ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
      ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
      ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
      ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
      ["{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
      // And the example of its section 3.
      [
        '{"title":"Goodbye!","author":{"givenName":"John","familyName":"Doe"},"tags":["example","sample"],"content":"This will be unchanged"}',
        '{"title":"Hello!","phoneNumber":"+01-123-456-7890","author":{"familyName":null},"tags":["example"]}',
        '{"title":"Hello!","author":{"givenName":"John"},"tags":["example"],"content":"This will be unchanged","phoneNumber":"+01-123-456-7890"}',
      ],
    ];
    test.each(appendixA)("merging into %s the patch %s makes %s", async (target, patch, result) => {
      const data = JSON.parse(target);
      const { id: sessionId } = await created(rpc, { data });
      const change = mergePatch(JSON.parse(patch));
      await rpc.sessions.update({ sessionId, change });
      expect((await peeked(rpc, sessionId)).data).toEqual(JSON.parse(result));
      // The same while the session gets a new id.
      const other = await created(rpc, { data });
      const rotated = await rpc.sessions.rotate({ sessionId: other.id, mergePatch: change.value });
      expect(rotated.session?.data).toEqual(JSON.parse(result));
      expect((await peeked(rpc, rotated.sessionId)).data).toEqual(JSON.parse(result));
    });

    test("a member named __proto__ is merged, kept and removed like any other, at every depth", async () => {
      const { id: sessionId } = await created(rpc, { data: { a: { b: 1 } } });
      const merge = async (json: string): Promise<unknown> => {
        await rpc.sessions.update({ sessionId, change: mergePatch(JSON.parse(json)) });
        return JSON.parse(JSON.stringify((await peeked(rpc, sessionId)).data));
      };
      expect(await merge('{"__proto__":{"x":1},"a":{"__proto__":{"y":2}}}')).toEqual(
        JSON.parse('{"__proto__":{"x":1},"a":{"b":1,"__proto__":{"y":2}}}'),
      );
      expect(await merge('{"__proto__":{"z":3},"a":{"__proto__":null}}')).toEqual(
        JSON.parse('{"__proto__":{"x":1,"z":3},"a":{"b":1}}'),
      );
      expect(await merge('{"__proto__":null,"constructor":{"prototype":{"x":1}}}')).toEqual({
        a: { b: 1 },
        constructor: { prototype: { x: 1 } },
      });
      const fresh: Record<string, unknown> = {};
      expect([fresh["x"], fresh["y"], fresh["z"]]).toEqual([undefined, undefined, undefined]);
    });

    test("an expected version that is there is met once, and another changes nothing and says both", async () => {
      const { id: sessionId, session } = await created(rpc, { data: { a: 1 } });
      const expected = { sessionId, expectedVersion: session.version };
      const first = await rpc.sessions.update({ ...expected, change: replace({ a: 2 }) });
      const before = [await headOf(rpc), await peeked(rpc, sessionId)];
      const late = rpc.sessions.update({ ...expected, change: replace({ a: 3 }) });
      expect(await failureOf(late)).toEqual({
        code: Code.Aborted,
        reason: "PRECONDITION_FAILED",
        metadata: {
          field: "expected_version",
          expected: String(session.version),
          actual: String(first.session?.version),
        },
        fields: [],
      });
      expect([await headOf(rpc), await peeked(rpc, sessionId)]).toEqual(before);
    });

    test("of concurrent updates of one version one is done, and of unversioned ones none is lost", async () => {
      const { id: sessionId, session } = await created(rpc, { data: {} });
      const expected = { sessionId, expectedVersion: session.version };
      const versioned = await Promise.allSettled(
        Array.from({ length: 8 }, (_, each) =>
          rpc.sessions.update({ ...expected, change: mergePatch({ [`v${each}`]: each }) }),
        ),
      );
      expect(versioned.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      const merged = Array.from({ length: 8 }, (_, each) =>
        rpc.sessions.update({ sessionId, change: mergePatch({ [`m${each}`]: each }) }),
      );
      await Promise.all(merged);
      const names = Object.keys((await peeked(rpc, sessionId)).data ?? {});
      expect(names.filter((name) => name.startsWith("v"))).toHaveLength(1);
      expect(names.filter((name) => name.startsWith("m"))).toHaveLength(8);
    });

    test("a version held through touches and rotations is still met", async () => {
      const { id, session } = await created(rpc, { policy: exact });
      rpc.clock.advance(5000);
      await rpc.sessions.touch({ sessionId: id });
      rpc.clock.advance(5000);
      const { sessionId } = await rpc.sessions.rotate({ sessionId: id });
      const expectedVersion = session.version;
      const change = replace({ met: true });
      const updated = await rpc.sessions.update({ sessionId, expectedVersion, change });
      expect(updated.session?.data).toEqual({ met: true });
    });

    test("a late update does not bring back what has ended", async () => {
      const { id: sessionId } = await created(rpc);
      await rpc.sessions.delete({ sessionId });
      for (const change of [replace({ a: 1 }), mergePatch({ a: 1 })]) {
        expect(await failureOf(rpc.sessions.update({ sessionId, change }))).toEqual(notFound);
      }
      expect(await storedRecords(rpc.store)).toEqual({ sessions: 0, finders: 0 });
    });

    test("data that would be too large or too deep is refused by its field, and changes nothing", async () => {
      const { id: sessionId } = await created(rpc, { data: { text: "x".repeat(60 * 1024) } });
      const before = [await headOf(rpc), await peeked(rpc, sessionId)];
      const large = { more: "y".repeat(60 * 1024) };
      const tooLarge = { alone: "z".repeat(64 * 1024) };
      const deep = nested(31);
      const rows = [
        [rpc.sessions.update({ sessionId, change: replace(tooLarge) }), "replace"],
        [rpc.sessions.update({ sessionId, change: replace(deep) }), "replace"],
        [rpc.sessions.update({ sessionId, change: mergePatch(tooLarge) }), "merge_patch"],
        [rpc.sessions.update({ sessionId, change: mergePatch(deep) }), "merge_patch"],
        // Each small enough by itself, and not together.
        [rpc.sessions.update({ sessionId, change: mergePatch(large) }), "merge_patch"],
        [rpc.sessions.rotate({ sessionId, mergePatch: large }), "merge_patch"],
        [rpc.sessions.rotate({ sessionId, mergePatch: deep }), "merge_patch"],
      ] as const;
      const failures = await failuresOf(rows.map(([call]) => call));
      for (const [at, [, field]] of rows.entries()) {
        expect(failures[at]).toMatchObject({
          code: Code.InvalidArgument,
          reason: "VALUE_TOO_LARGE",
          metadata: { field },
          fields: [field],
        });
      }
      expect([await headOf(rpc), await peeked(rpc, sessionId)]).toEqual(before);
    });

    test("an update that says no change, or a negative version, is refused by its field", async () => {
      const { id: sessionId, session } = await created(rpc);
      expect(await failureOf(rpc.sessions.update({ sessionId }))).toMatchObject({
        reason: "INVALID_FIELD",
        fields: ["change"],
      });
      const negative = { sessionId, change: replace({}), expectedVersion: -session.version };
      expect(await failureOf(rpc.sessions.update(negative))).toMatchObject({
        reason: "INVALID_FIELD",
        fields: ["expected_version"],
      });
    });

    test("an update by an id in its grace changes the one session, and touches it", async () => {
      const { id: old } = await created(rpc, { policy: exact });
      const { sessionId } = await rpc.sessions.rotate({ sessionId: old, grace: durationOf(1000) });
      rpc.clock.advance(999);
      await rpc.sessions.update({ sessionId: old, change: replace({ by: "old" }) });
      const session = await peeked(rpc, sessionId);
      expect(session.data).toEqual({ by: "old" });
      expect(timesOf(session).used).toBe(rpc.clock.now());
    });
  });
}

/** An object so many levels deep. */
function nested(levels: number): JsonObject {
  let value: JsonObject = {};
  for (let level = 1; level < levels; level++) value = { a: value };
  return value;
}
