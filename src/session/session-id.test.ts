import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { digestOf, isHandle, isIdDigest, newHandle, newSessionId } from "./session-id.ts";

test("an id has 256 bits and a handle 128, as base64url", () => {
  expect(Buffer.from(newSessionId(), "base64url")).toHaveLength(32);
  expect(Buffer.from(newHandle(), "base64url")).toHaveLength(16);
  expect([newSessionId().length, newHandle().length]).toEqual([43, 22]);
});

test("what is kept of an id is the SHA-256 of its characters", () => {
  const id = newSessionId();
  expect(Buffer.from(digestOf(id), "base64url")).toEqual(createHash("sha256").update(id).digest());
});

test("another spelling of an id's bytes has another digest", () => {
  const bytes = Buffer.alloc(32, 0xff);
  const id = bytes.toString("base64url");
  const other = `${id.slice(0, -1)}9`;
  expect(Buffer.from(other, "base64url")).toEqual(bytes);
  expect(other).not.toBe(id);
  expect(digestOf(other)).not.toBe(digestOf(id));
});

test("neither an id nor a handle is taken for the other, or for anything near it", () => {
  const [id, handle] = [newSessionId(), newHandle()];
  expect([isIdDigest(digestOf(id)), isHandle(handle)]).toEqual([true, true]);
  for (const part of [handle, `${id} `, `${id}=`, id.slice(1), "é".repeat(43), 43, undefined]) {
    expect(isIdDigest(part)).toBe(false);
  }
  for (const part of [id, `${handle}\n`, `${handle}=`, "", 22, undefined]) {
    expect(isHandle(part)).toBe(false);
  }
});
