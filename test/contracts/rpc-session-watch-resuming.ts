import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Event, EventType } from "#gen/tiffin/session/v1/watch_pb.ts";
import { eventually } from "../support/settle.ts";
import { durationOf, failureOf } from "./rpc-messages.ts";
import { created, exact, sweep } from "./rpc-session-parts.ts";
import {
  from,
  initial,
  SessionWatches,
  type SessionWatchInit,
  since,
  tell,
  told,
} from "./rpc-session-watch-parts.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeSessionWatchResuming(subject: RpcUnderTest): void {
  describe("Watch of sessions from where one left off", () => {
    let rpc: RpcSubject;
    let watches: SessionWatches;
    beforeEach(async () => {
      rpc = await subject.open();
      watches = new SessionWatches(rpc);
    });
    afterEach(async () => {
      await watches.end();
      await rpc.close();
    });

    const all = { case: "all", value: true } as const;
    const history = { code: Code.OutOfRange, reason: "HISTORY_GONE" };

    /** Every kind of thing that happens to sessions, with touches between; at the end one comes for the subject. */
    async function live(last: string): Promise<void> {
      const policy = { idleTimeout: durationOf(1000), ...exact };
      await created(rpc, { subject: "ada", policy });
      const { id } = await created(rpc);
      const { sessionId } = await rpc.sessions.rotate({ sessionId: id, subject: "ada" });
      rpc.clock.advance(500);
      await rpc.sessions.touch({ sessionId });
      const data = { a: "1" };
      await rpc.sessions.update({ sessionId, change: { case: "replace", value: data } });
      rpc.clock.advance(500);
      await sweep(rpc);
      const rotated = await rpc.sessions.rotate({ sessionId, grace: durationOf(0) });
      await created(rpc, { subject: "bob" });
      await rpc.sessions.deleteBySubject({ subject: "bob", which: all });
      await rpc.sessions.rotate({ sessionId: rotated.sessionId, subject: "bob" });
      await created(rpc, { subject: "ada", policy: { subjectSessionsMax: 1 } });
      await rpc.sessions.deleteAll({});
      await created(rpc, { subject: last, data: { last: true } });
    }

    const lines = {
      ada: [
        ...["CREATED ada", "ROTATED ada", "UPDATED ada", "DELETED ada IDLE", "ROTATED ada"],
        ...["DELETED ada SUBJECT_CHANGED", "CREATED ada", "DELETED ada REVOKED", "CREATED ada"],
      ],
      bob: [
        ...["CREATED bob", "DELETED bob REVOKED"],
        ...["ROTATED bob", "DELETED bob REVOKED", "CREATED bob"],
      ],
      "": [
        ...["CREATED ada", "CREATED ", "ROTATED ada", "UPDATED ada", "DELETED ada IDLE"],
        ...["ROTATED ada", "CREATED bob", "DELETED bob REVOKED", "ROTATED bob", "CREATED ada"],
        ...["DELETED ada REVOKED", "DELETED bob REVOKED", "CREATED "],
      ],
    };

    test.each(Object.entries(lines))(
      "of the subject %j: after any revision and any token comes all that followed, once",
      async (name, expected) => {
        const whole = await watches.opened({ subject: name });
        const points = [{ token: whole.token, revision: whole.revision }];
        await live(name);
        const seen: Event[] = [];
        while (seen.length < expected.length) {
          seen.push(...(await whole.next()).events);
          points.push({ token: whole.token, revision: whole.revision });
        }
        expect(seen.map(told)).toEqual(expected);
        for (const { token, revision } of points) {
          const rest = seen.filter((event) => event.revision > revision);
          for (const start of [since(revision), from(token)]) {
            const resumed = await watches.opened({ subject: name, ...start });
            expect(await resumed.events(rest.length)).toEqual(rest);
          }
        }
      },
    );

    test("a progress message's token resumes too", async () => {
      const { id } = await created(rpc, { subject: "ada" });
      const reader = await watches.opened({ subject: "bob" });
      await rpc.sessions.delete({ sessionId: id });
      rpc.clock.advance(10_000);
      const { resumeToken } = await reader.next();
      await created(rpc, { subject: "bob" });
      const resumed = await watches.opened({ subject: "bob", ...from(resumeToken) });
      expect(await tell(resumed, 1)).toEqual(["CREATED bob"]);
    });

    test("the initial state comes first, of one moment, and its changes after", async () => {
      const policy = { idleTimeout: durationOf(1000), ...exact };
      await created(rpc, { subject: "ada", policy });
      rpc.clock.advance(1000);
      const live = [];
      for (const name of ["", "ada", "ada", "bob"])
        live.push(await created(rpc, { subject: name }));
      const reader = watches.open(initial);
      const ofAda = watches.open({ subject: "ada", ...initial });
      const first = await reader.next();
      await ofAda.next();
      expect([first.events, first.resumeToken]).toEqual([[], ""]);
      await rpc.sessions.delete({ sessionId: live[1]?.id ?? "" });
      const { sessions } = await rpc.sessions.list({});
      const events = await reader.events(4);
      expect(events.map(told)).toEqual(["INITIAL ", "INITIAL ada", "INITIAL ada", "INITIAL bob"]);
      expect(new Set(events.map(({ revision }) => revision))).toEqual(new Set([first.revision]));
      const shown = events.map(({ session }) => session);
      expect(shown).toEqual(expect.arrayContaining(sessions));
      const ending = (lines: string[]) => lines.filter((line) => !line.endsWith("IDLE"));
      expect(ending(await tell(ofAda, 3))).toEqual([
        ...["INITIAL ada", "INITIAL ada", "DELETED ada LOGOUT"],
      ]);
      const resumed = await watches.opened({ subject: "ada", ...from(ofAda.token) });
      await created(rpc, { subject: "ada" });
      expect(ending(await tell(resumed, 1))).toEqual(["CREATED ada"]);
    });

    test("the initial state of nothing is nothing, and one that is not wanted is not sent", async () => {
      const empty = watches.open({ subject: "ada", ...initial });
      expect((await empty.next()).resumeToken).toBe("");
      expect((await empty.next()).resumeToken).not.toBe("");
      await created(rpc, { subject: "ada" });
      expect(await tell(empty, 1)).toEqual(["CREATED ada"]);
      const without = watches.open({ ...initial, types: [EventType.CREATED] });
      const only = watches.open({ ...initial, types: [EventType.INITIAL] });
      for (const reader of [without, only]) await reader.next();
      await created(rpc, { subject: "bob" });
      expect(await tell(without, 1)).toEqual(["CREATED bob"]);
      expect(await tell(only, 1)).toEqual(["INITIAL ada"]);
    });

    test("a large initial state comes in parts, and resumes only after the last", async () => {
      const data = { text: "x".repeat(60_000) };
      for (let at = 0; at < 20; at++) await created(rpc, { subject: "ada", data });
      const reader = watches.open(initial);
      const messages = [];
      do messages.push(await reader.next());
      while (reader.token === "");
      expect(messages.flatMap(({ events }) => events)).toHaveLength(20);
      expect(messages.filter(({ events }) => events.length > 0).length).toBeGreaterThan(1);
    });

    test("a token that was altered, or is another watch's, is refused", async () => {
      await rpc.tenants.create({ tenant: { name: "other" } });
      for (let at = 0; at < 2; at++) await created(rpc, { subject: "ada" });
      const reader = await watches.opened({ subject: "ada" });
      const everyone = await watches.opened();
      const ofKeys = rpc.kv.watch({})[Symbol.asyncIterator]();
      const { value: keys } = await ofKeys.next();
      await ofKeys.return?.();
      const page = await rpc.sessions.listBySubject({ subject: "ada", pageSize: 1 });
      const refused: [SessionWatchInit, Record<string, string>?][] = [
        [{ subject: "ada", ...from(`${reader.token}A`) }],
        [{ subject: "ada", ...from(reader.token.slice(0, -1)) }],
        [{ subject: "ada", ...from(`B${reader.token.slice(1)}`) }],
        [{ subject: "ada", ...from(page.nextPageToken) }],
        [{ subject: "ada", ...from(everyone.token) }],
        [{ subject: "bob", ...from(reader.token) }],
        [{ ...from(reader.token) }],
        [{ ...from(keys?.resumeToken ?? "") }],
        [{ subject: "ada", ...from(reader.token) }, { "tiffin-tenant": "other" }],
      ];
      for (const [request, headers] of refused) {
        expect(await failureOf(watches.open(request, headers).next())).toMatchObject({
          code: Code.InvalidArgument,
          reason: "RESUME_TOKEN_INVALID",
          fields: ["resume_token"],
        });
      }
      await watches.opened({ subject: "ada", ...from(reader.token) });
    });

    test("what was left off in a deleted tenant is not resumed in one that took its name", async () => {
      const headers = { "tiffin-tenant": "t" };
      await rpc.tenants.create({ tenant: { name: "t" } });
      await created(rpc, { subject: "ada" }, "t");
      const reader = watches.open({}, headers);
      await reader.next();
      await rpc.tenants.delete({ name: "t" });
      await rpc.tenants.create({ tenant: { name: "t" } });
      await created(rpc, { subject: "bob" }, "t");
      // Its holder knows of ada's session, and would never learn that it is gone.
      for (const start of [from(reader.token), since(reader.revision)]) {
        expect(await failureOf(watches.open(start, headers).next())).toMatchObject(history);
      }
    });

    test("a revision that was never one, or is forgotten, is refused with the oldest that is kept", async () => {
      const { revision } = await watches.open().next();
      await created(rpc, { subject: "ada" });
      for (const never of [1n, revision + 1_000_000_000n, 2n ** 63n - 1n]) {
        expect(await failureOf(watches.open(since(never)).next())).toMatchObject(history);
      }
      const small = await subject.open({ historyBytes: 4096 });
      const ofSmall = new SessionWatches(small);
      const first = await ofSmall.open().next();
      const { id: sessionId } = await created(small, { subject: "ada" });
      for (let at = 0; at < 50; at++) {
        const value = { text: `${at} ${"x".repeat(500)}` };
        await small.sessions.update({ sessionId, change: { case: "replace", value } });
      }
      const { revision: began } = first;
      await eventually(small.clock, async () => {
        const { floor } = await small.store.historySpan();
        return floor > Number(began);
      });
      const { metadata, ...gone } = await failureOf(ofSmall.open(since(began)).next());
      expect(gone).toMatchObject(history);
      expect(Number(metadata["oldest"])).toBeGreaterThan(Number(began));
      await ofSmall.end();
      await small.close();
    });
  });
}
