/** A login as an application of plain node:http writes it, with browsers that keep cookies. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { SessionService } from "#gen/tiffin/session/v1/session_service_pb.ts";
import { MemoryStore } from "../../gen/typescript/lib/memory-store.ts";
import { ServiceSessionBackend } from "../../gen/typescript/lib/service-session-backend.ts";
import type { SessionBackend } from "../../gen/typescript/lib/session-backend.ts";
import { StoreSessionBackend } from "../../gen/typescript/lib/store-session-backend.ts";
import { TiffinSession } from "../../gen/typescript/lib/tiffin-session.ts";
import { openClient } from "../support/clients.ts";
import { startApp } from "../support/start-app.ts";
import { Browser } from "./browser.ts";

const backends: Record<string, () => Promise<SessionBackend>> = {
  MemoryStore: async () => new StoreSessionBackend(new MemoryStore()),
  SessionService: async () => {
    const server = await startApp();
    onTestFinished(() => server[Symbol.asyncDispose]());
    return new ServiceSessionBackend(
      openClient(SessionService, "connect-json", server.target).client,
    );
  },
};

for (const [name, open] of Object.entries(backends)) {
  test(`over ${name}, a visitor's cart is there after the login, the id from before is not, and a logout ends it all`, async () => {
    const url = await startApplication(await open());
    const browser = new Browser(url);
    expect((await browser.get("/")).body).toEqual({ user: null, cart: ["a book"] });
    const planted = new Browser(url);
    for (const [name, value] of browser.cookies) planted.cookies.set(name, value);

    await browser.post("/login");
    expect(browser.cookies).not.toEqual(planted.cookies);
    expect((await browser.get("/")).body).toEqual({ user: "ada", cart: ["a book"] });
    expect((await planted.post("/login")).status).toBe(401);

    const stolen = new Browser(url);
    for (const [name, value] of browser.cookies) stolen.cookies.set(name, value);
    await browser.post("/logout");
    expect(browser.cookies.size).toBe(0);
    expect((await stolen.post("/login")).status).toBe(401);
  });
}

/** The application's address. */
async function startApplication(backend: SessionBackend): Promise<string> {
  const session = new TiffinSession<{ cart: string[] }>(backend);
  const server = createServer(async (request, response) => {
    const answer = await handle(session, request, response);
    response.statusCode = answer === undefined ? 401 : 200;
    response.end(JSON.stringify(answer ?? {}));
  });
  onTestFinished(() => server.close() && server.closeAllConnections());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function handle(
  session: TiffinSession<{ cart: string[] }>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<object | undefined> {
  const found = await session.fromRequest(request);
  switch (request.url) {
    case "/login": {
      const id = found && (await session.rotate(found.id, { subject: "ada" }));
      if (id === undefined) return undefined;
      session.setCookie(response, id);
      return {};
    }
    case "/logout":
      await session.delete(found?.id ?? "", response);
      return {};
    default: {
      const data = found?.data ?? { cart: ["a book"] };
      if (!found) session.setCookie(response, await session.create(data));
      return { user: found?.subject ?? null, ...data };
    }
  }
}
