import { expect, test } from "vitest";
import { TiffinSession } from "../../gen/typescript/lib/tiffin-session.ts";
import type { SessionSubject } from "./session-subject.ts";

/** What a new id means, in every backend. */
export function testSessionRotation(open: () => Promise<SessionSubject>): void {
  test("a rotation answers a new id for the same data, and the old one opens nothing", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const old = await session.create({ cart: [1] });
    const id = (await session.rotate(old)) ?? "";
    expect(id).toMatch(/^[\w-]{43}$/);
    expect(id).not.toBe(old);
    expect(await session.get(id)).toEqual({ cart: [1] });
    expect(await session.get(old)).toBeUndefined();
    expect(await session.update(old, { late: true })).toBe(false);
    expect(await session.get(id)).toEqual({ cart: [1] });
  });

  test("a login sets the subject and merges data under the new id alone: an id planted before is worth nothing", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const planted = await session.create({ cart: [1], guest: true });
    const id = await session.rotate(planted, {
      subject: "ada",
      data: { guest: null, admin: true },
    });
    const name = session.cookieName;
    const found = await session.fromRequest({ headers: { cookie: `${name}=${id}` } });
    expect(found).toEqual({ subject: "ada", data: { cart: [1], admin: true } });
    expect(found?.id).toBe(id);
    expect(
      await session.fromRequest({ headers: { cookie: `${name}=${planted}` } }),
    ).toBeUndefined();
    expect(await session.rotate(planted, { subject: "mallory" })).toBeUndefined();
  });

  test("a rotation without a subject leaves it as it was", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const old = await session.create({}, { subject: "ada" });
    const id = await session.rotate(old);
    const headers = { cookie: `${session.cookieName}=${id}` };
    expect((await session.fromRequest({ headers }))?.subject).toBe("ada");
  });

  test("an empty subject is nobody, at the beginning and later", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const old = await session.create({}, { subject: "" });
    const subjectOf = async (id = "") =>
      (await session.fromRequest({ headers: { cookie: `${session.cookieName}=${id}` } }))?.subject;
    expect(await subjectOf(old)).toBeUndefined();
    const ada = (await session.rotate(old, { subject: "ada" })) ?? "";
    expect(await subjectOf(ada)).toBe("ada");
    const nobody = await session.rotate(ada, { subject: "" });
    expect(nobody).toBeDefined();
    expect(await subjectOf(nobody)).toBeUndefined();
  });

  test("of rotations of one id at the same time one answers a new id, and only that opens the session", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const old = await session.create({ n: 1 });
    const rotations = Array.from({ length: 10 }, () => session.rotate(old, { subject: "ada" }));
    const ids = (await Promise.all(rotations)).filter((id) => id !== undefined);
    expect(ids.length).toBe(1);
    expect(await session.get(ids[0] ?? "")).toEqual({ n: 1 });
    expect(await session.get(old)).toBeUndefined();
  });

  test("a deleted session cannot be rotated", async () => {
    await using subject = await open();
    const session = new TiffinSession(subject.backend);
    const id = await session.create({});
    await session.delete(id);
    expect(await session.rotate(id, { subject: "ada" })).toBeUndefined();
  });
}
