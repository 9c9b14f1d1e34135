import { durationFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import { SessionService } from "#gen/tiffin/session/v1/session_service_pb.ts";
import {
  ServiceSessionBackend,
  type ServiceSessionBackendOptions,
} from "../../gen/typescript/lib/service-session-backend.ts";
import { TiffinSession } from "../../gen/typescript/lib/tiffin-session.ts";
import { caught } from "../support/caught.ts";
import { openClient } from "../support/clients.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { startApp } from "../support/start-app.ts";
import { nodeResponse, setCookiesOf } from "./http-messages.ts";

test("with a grace the old id opens the session for so long, and cannot be rotated meanwhile", async () => {
  await using subject = await openSession({ graceMs: 5000 });
  const { session, clock } = subject;
  const old = await session.create({});
  const id = (await session.rotate(old)) ?? "";
  expect(await session.update(old, { of: "a request under way" })).toBe(true);
  expect(await session.get(id)).toEqual({ of: "a request under way" });
  expect(await session.rotate(old)).toBeUndefined();
  clock.advance(5000);
  expect(await session.get(old)).toBeUndefined();
  expect(await session.get(id)).toBeDefined();
});

test("with a grace the old id still dies at a login", async () => {
  await using subject = await openSession({ graceMs: 5000 });
  const { session } = subject;
  const old = await session.create({});
  const id = (await session.rotate(old, { subject: "ada" })) ?? "";
  expect(await session.get(old)).toBeUndefined();
  expect(await session.get(id)).toEqual({});
});

test.each([-1, 60_001, NaN, Infinity])(
  "a grace of %d ms is refused before the first rotation",
  (graceMs) => {
    const nowhere = { grpc: "127.0.0.1:1", http: "127.0.0.1:1" };
    const { client, close } = openClient(SessionService, "connect-json", nowhere);
    onTestFinished(close);
    expect(() => new ServiceSessionBackend(client, { graceMs })).toThrow(RangeError);
  },
);

test("a policy with a renewal interval says when to rotate, and a rotation puts that off", async () => {
  await using subject = await openSession({ policy: { renewalInterval: durationFromMs(60_000) } });
  const { session, clock } = subject;
  const begun = clock.now();
  const renewTimeOf = async (id: string) => {
    const headers = { cookie: `${session.cookieName}=${id}` };
    return (await session.fromRequest({ headers }))?.renewTime?.getTime();
  };
  const old = await session.create({});
  expect(await renewTimeOf(old)).toBe(begun + 60_000);
  clock.advance(50_000);
  expect(await renewTimeOf((await session.rotate(old)) ?? "")).toBe(begun + 110_000);
});

test("the service is told the policy, the subject and who opened the session", async () => {
  const policy = { idleTimeout: durationFromMs(60_000), subjectSessionsMax: 1 };
  await using subject = await openSession({ policy });
  const { session, service, clock } = subject;
  const client = { ipAddress: "192.0.2.1", userAgent: "Test", deviceName: "Ada's phone" };
  const first = await session.create({ n: 1 }, { subject: "ada" });
  const second = await session.create({ n: 2 }, { subject: "ada", client });
  expect([await session.get(first), await session.get(second)]).toEqual([undefined, { n: 2 }]);
  const { session: kept } = await service.get({ sessionId: second, peek: true });
  expect(kept).toMatchObject({ client, subject: "ada", data: { n: 2 } });
  const ends = kept?.idleExpireTime;
  expect(ends && timestampMs(ends) - clock.now()).toBeLessThanOrEqual(66_000);
});

test("a browser with an endless User-Agent can log in, and is known by what fits", async () => {
  await using subject = await openSession();
  const { session, service } = subject;
  for (const [userAgent, kept] of [
    ["x".repeat(8192), "x".repeat(1024)],
    ["x".repeat(1024), "x".repeat(1024)],
    [`x${"\u00e9".repeat(600)}`, `x${"\u00e9".repeat(511)}`],
    ["\ud83d\ude00".repeat(300), "\ud83d\ude00".repeat(256)],
  ] as const) {
    const client = { userAgent, deviceName: "a phone" };
    const sessionId = await session.create({}, { subject: "ada", client });
    const { session: created } = await service.get({ sessionId, peek: true });
    expect(created?.client).toMatchObject({ userAgent: kept, deviceName: "a phone" });
  }
});

test("what the server refuses comes with its reason", async () => {
  await using subject = await openSession();
  const error = await caught(subject.session.create({ much: "x".repeat(100_000) }));
  expect(error.reason).toBeDefined();
  expect(error.code).not.toBe(Code.Internal);
});

test("a server that cannot be reached is an error, and not a user who is not logged in", async () => {
  const { session, stop } = await openSession();
  const id = await session.create({});
  await stop();
  const headers = { cookie: `${session.cookieName}=${id}` };
  await expect(session.fromRequest({ headers })).rejects.toThrow();
  await expect(session.update(id, {})).rejects.toThrow();
  await expect(session.rotate(id)).rejects.toThrow();
  const response = nodeResponse();
  await expect(session.delete(id, response)).rejects.toThrow();
  expect(setCookiesOf(response)).toEqual([expect.stringContaining("Max-Age=0")]);
});

async function openSession(options?: ServiceSessionBackendOptions) {
  const clock = new ManualClock();
  const server = await startApp({}, { clock });
  const { client, close } = openClient(SessionService, "connect-json", server.target);
  const session = new TiffinSession(new ServiceSessionBackend(client, options));
  const stop = async (): Promise<void> => {
    close();
    await server[Symbol.asyncDispose]();
  };
  return { session, service: client, clock, stop, [Symbol.asyncDispose]: stop };
}
