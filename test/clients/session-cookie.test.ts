import { once } from "node:events";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryStore } from "../../gen/typescript/lib/memory-store.ts";
import { SessionCookie } from "../../gen/typescript/lib/session-cookie.ts";
import { StoreSessionBackend } from "../../gen/typescript/lib/store-session-backend.ts";
import { TiffinSession } from "../../gen/typescript/lib/tiffin-session.ts";
import { propertyParameters } from "../support/property.ts";
import { nodeResponse, requestWith, setCookiesOf } from "./http-messages.ts";

const id = "A".repeat(43);
const newSession = (cookie = {}) =>
  new TiffinSession(new StoreSessionBackend(new MemoryStore()), { cookie });

describe("the cookie", () => {
  test.each([
    [{}, "__Host-id", "Path=/; HttpOnly; Secure; SameSite=Lax"],
    [{ name: "sid" }, "__Host-sid", "Path=/; HttpOnly; Secure; SameSite=Lax"],
    [{ path: "/app" }, "__Secure-id", "Path=/app; HttpOnly; Secure; SameSite=Lax"],
    [
      { domain: "example.com", sameSite: "strict" },
      "__Secure-id",
      "Domain=example.com; Path=/; HttpOnly; Secure; SameSite=Strict",
    ],
    [{ secure: false }, "id", "Path=/; HttpOnly; SameSite=Lax"],
    [
      { sameSite: "none", partitioned: true },
      "__Host-id",
      "Path=/; HttpOnly; Secure; Partitioned; SameSite=None",
    ],
  ] as const)("of %j is %s with %s", (options, name, attributes) => {
    const session = newSession(options);
    const response = nodeResponse();
    session.setCookie(response, id);
    expect(session.cookieName).toBe(name);
    expect(setCookiesOf(response)).toEqual([`${name}=${id}; ${attributes}`]);
  });

  test("lasts until the browser is closed, or for as long as it is told to", () => {
    const response = nodeResponse();
    newSession().setCookie(response, id, { maxAgeMs: 8 * 60 * 60 * 1000 });
    expect(setCookiesOf(response)).toEqual([
      `__Host-id=${id}; Max-Age=28800; Path=/; HttpOnly; Secure; SameSite=Lax`,
    ]);
    expect(() => newSession().setCookie(response, id, { maxAgeMs: 0 })).toThrow(RangeError);
  });

  test.each([{}, { path: "/app", domain: "example.com" }, { secure: false, name: "sid" }])(
    "of %j is cleared with the very path and domain it was set with",
    async (options) => {
      const session = newSession(options);
      const [setting, clearing] = [nodeResponse(), nodeResponse()];
      session.setCookie(setting, id);
      await session.delete(id, clearing);
      const [set = ""] = setCookiesOf(setting);
      const [cleared = ""] = setCookiesOf(clearing);
      const where = (line: string) => line.match(/(Path|Domain)=[^;]*/g);
      expect(where(cleared)).toEqual(where(set));
      expect(cleared).toMatch(
        new RegExp(`^${session.cookieName}=; Max-Age=0;.* Expires=Thu, 01 Jan 1970 00:00:00 GMT`),
      );
    },
  );

  test.each([
    { name: "__Host-id" },
    { name: "a;b" },
    { path: "app" },
    { path: "/a;b" },
    { domain: "a b" },
    { secure: false, sameSite: "none" },
    { secure: false, partitioned: true },
  ] as const)("of %j is refused when the session is made", (options) => {
    expect(() => newSession(options)).toThrow(TypeError);
  });

  test("is only ever set to an id", () => {
    const response = nodeResponse();
    expect(() => newSession().setCookie(response, "metrics")).toThrow(TypeError);
    expect(() => newSession().setCookie(response, `${id}; Domain=evil`)).toThrow(TypeError);
    expect(setCookiesOf(response)).toEqual([]);
  });
});

describe("a response", () => {
  test("keeps its other cookies, and holds one line for ours however often it is set and cleared", async () => {
    const session = newSession();
    const response = nodeResponse();
    response.setHeader("Set-Cookie", "theme=dark");
    session.setCookie(response, id);
    session.setCookie(response, id.replace("A", "B"));
    expect(setCookiesOf(response)).toEqual(["theme=dark", expect.stringMatching(/^__Host-id=BA/)]);
    await session.delete(id, response);
    expect(setCookiesOf(response)).toEqual(["theme=dark", expect.stringMatching(/^__Host-id=;/)]);
  });

  test("of the web is set and cleared as one of Node's is", async () => {
    const session = newSession();
    const response = new Response(null, { headers: { "set-cookie": "theme=dark" } });
    const ofNode = nodeResponse();
    session.setCookie(response, id);
    session.setCookie(ofNode, id);
    expect(response.headers.getSetCookie()).toEqual(["theme=dark", ...setCookiesOf(ofNode)]);
    await session.delete(id, response);
    await session.delete(id, ofNode);
    expect(response.headers.getSetCookie()).toEqual(["theme=dark", ...setCookiesOf(ofNode)]);
  });

  test("that is on its way already cannot clear the cookie, but the session ends, and the error is told", async () => {
    const session = newSession();
    const made = await session.create({});
    const sent = nodeResponse();
    sent.writeHead(200);
    await expect(session.delete(made, sent)).rejects.toThrow("Cannot set headers");
    expect(await session.get(made)).toBeUndefined();

    const again = await session.create({});
    await expect(session.delete(again, Response.redirect("https://a.b"))).rejects.toThrow();
    expect(await session.get(again)).toBeUndefined();
  });

  test("knows nothing of another response", () => {
    const session = newSession();
    const [one, other] = [nodeResponse(), nodeResponse()];
    session.setCookie(one, id);
    expect(setCookiesOf(other)).toEqual([]);
  });
});

describe("a request", () => {
  test("of the web is read as one of Node's is, even if that has a header called get", async () => {
    const session = newSession();
    const made = await session.create({ n: 1 });
    const cookie = `${session.cookieName}=${made}`;
    const found = { id: made, data: { n: 1 } };
    const ofTheWeb = new Request("https://example.com", { headers: { cookie } });
    expect(await session.fromRequest(ofTheWeb)).toMatchObject(found);
    const ofNode = requestWith(cookie);
    ofNode.headers["get"] = "me";
    expect(await session.fromRequest(ofNode)).toMatchObject(found);
  });

  test("to upgrade to a WebSocket is read as any other", async () => {
    const session = newSession();
    const made = await session.create({ n: 1 });
    const found = Promise.withResolvers<unknown>();
    const server = createServer().on("upgrade", (request, socket) => {
      found.resolve(session.fromRequest(request));
      socket.destroy();
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const cookie = `${session.cookieName}=${made}`;
    const headers = { connection: "upgrade", upgrade: "websocket", cookie };
    // The server hangs up, which is all that the client is told.
    get({ port, host: "127.0.0.1", headers }).on("error", () => undefined);
    expect(await found.promise).toMatchObject({ id: made, data: { n: 1 } });
    server.close();
  });

  test("whose other cookies have = in them, are empty or malformed is read as any other", () => {
    const cookie = new SessionCookie();
    const header = `a=b=c==; empty=; bad=%E0%A4%A; ; =; x; __Host-id="q"; `;
    expect(cookie.read(header)).toBe('"q"');
    expect(new SessionCookie({ name: "token" }).read("__Host-token=a=b==; x=1")).toBe("a=b==");
  });

  test.each([
    ["begins with a no-break space", "\u00c2\u00a0__Host-id"],
    ["begins with another space of Unicode", "\u00e2\u0080\u0080__Host-id"],
    ["is spelled in other cases", "__HOST-Id"],
    ["is escaped", "__Host%2Did"],
    ["is in the value of another", "other=__Host-id"],
    ["is after a comma", "other=1,__Host-id"],
    ["is after no name", "=__Host-id"],
  ])(
    "with a cookie whose name %s has no session: browsers do not hold it to the prefix",
    async (_, name) => {
      const session = newSession();
      const made = await session.create({});
      expect(await session.fromRequest(requestWith(`${name}=${made}`))).toBeUndefined();
      const ours = `${session.cookieName}=${made}`;
      const both = requestWith(`${name}=${await session.create({ planted: true })}; ${ours}`);
      expect((await session.fromRequest(both))?.id).toBe(made);
    },
  );

  test("may have any bytes in its cookies: it has a session only if the id is right", async () => {
    const session = newSession();
    const made = await session.create({});
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(";", "=", "%", `${session.cookieName}=`, made.slice(1), "%00", " "),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece), async (pieces) => {
        expect(await session.fromRequest(requestWith(pieces.join("")))).toBeUndefined();
      }),
      propertyParameters(),
    );
  });
});
