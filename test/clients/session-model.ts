import type { JsonObject } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mergePatch } from "../../gen/typescript/lib/merge-patch.ts";
import { TiffinSession } from "../../gen/typescript/lib/tiffin-session.ts";
import { propertyParameters } from "../support/property.ts";
import { hourMs, minuteMs, type SessionSubject } from "./session-subject.ts";

/** Whole lives of sessions, call by call, against a model that says in a few lines what a session is. */
export function testSessionModel(open: () => Promise<SessionSubject>): void {
  test("any calls in any order answer what a session in a single variable would", async () => {
    await using subject = await open();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const run = new Run(subject);
        for (const { action, pick, data } of steps) await run[action](pick, data);
      }),
      propertyParameters(20),
    );
  });
}

/** A session as it must be; ids that were rotated away or deleted have none. */
interface Expected {
  data: JsonObject;
  subject: string | undefined;
  usedAt: number;
  readonly createdAt: number;
}

class Run {
  readonly #session: TiffinSession<JsonObject>;
  readonly #subject: SessionSubject;
  /** Every id there ever was. */
  readonly #ids: string[] = [];
  readonly #expected = new Map<string, Expected>();

  constructor(subject: SessionSubject) {
    this.#subject = subject;
    this.#session = new TiffinSession(subject.backend);
  }

  async create(_: number, data: JsonObject): Promise<void> {
    const id = await this.#session.create(data);
    const now = this.#subject.clock.now();
    this.#ids.push(id);
    this.#expected.set(id, { data, subject: undefined, usedAt: now, createdAt: now });
  }

  async read(pick: number): Promise<void> {
    const id = this.#pick(pick);
    const live = this.#use(id);
    const headers = { cookie: `${this.#session.cookieName}=${id}` };
    const found = await this.#session.fromRequest({ headers });
    expect(found).toEqual(live && { data: live.data, subject: live.subject });
    expect(found?.id).toBe(live && id);
  }

  async update(pick: number, patch: JsonObject): Promise<void> {
    const id = this.#pick(pick);
    const live = this.#use(id);
    if (live !== undefined) live.data = mergePatch(live.data, patch);
    expect(await this.#session.update(id, patch)).toBe(live !== undefined);
  }

  async renew(pick: number): Promise<void> {
    await this.#rotate(pick, {});
  }

  async login(pick: number, data: JsonObject): Promise<void> {
    await this.#rotate(pick, { subject: `user ${pick}`, data });
  }

  async delete(pick: number): Promise<void> {
    const id = this.#pick(pick);
    this.#expected.delete(id);
    await this.#session.delete(id);
  }

  async wait(pick: number): Promise<void> {
    this.#subject.clock.advance((pick % 6) * 10 * minuteMs);
  }

  async #rotate(
    pick: number,
    { subject, data = {} }: { subject?: string; data?: JsonObject },
  ): Promise<void> {
    const id = this.#pick(pick);
    const live = this.#use(id);
    const newId = await this.#session.rotate(id, { ...(subject && { subject }), data });
    expect(newId !== undefined).toBe(live !== undefined);
    if (live === undefined || newId === undefined) return;
    this.#expected.delete(id);
    this.#ids.push(newId);
    const merged = mergePatch(live.data, data);
    this.#expected.set(newId, { ...live, data: merged, subject: subject ?? live.subject });
  }

  #pick(pick: number): string {
    return this.#ids[pick % this.#ids.length] ?? "A".repeat(43);
  }

  /** What is there, if its time is not up; the touch interval is a second, and the clock goes by minutes. */
  #use(id: string): Expected | undefined {
    const live = this.#expected.get(id);
    const now = this.#subject.clock.now();
    if (live === undefined || now - live.createdAt >= 12 * hourMs) return undefined;
    if (now - live.usedAt > 30 * minuteMs) return undefined;
    live.usedAt = now;
    return live;
  }
}

const actions = ["create", "read", "update", "renew", "login", "delete", "wait"] as const;

const step = fc.record({
  action: fc.constantFrom(...actions),
  pick: fc.nat({ max: 100 }),
  data: fc
    .dictionary(fc.constantFrom("a", "b", "__proto__"), fc.jsonValue({ maxDepth: 2 }))
    .map((data): JsonObject => JSON.parse(JSON.stringify(data))),
});
