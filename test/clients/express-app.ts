import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type Express } from "express";
import session, { type SessionOptions } from "express-session";
import { told } from "./express-calls.ts";

declare module "express-session" {
  interface SessionData {
    user?: string;
    views?: number;
  }
}

/** What the application of the tests can be told besides what is express-session's own. */
export interface ExpressAppOptions extends Partial<SessionOptions> {
  /** `/slow` waits for it, with its session loaded. */
  readonly gate?: Promise<void>;
  /** Called when a request waits at the gate. */
  readonly atGate?: () => void;
}

/** An application with a login, behind the real express and express-session, on a port of the loopback. */
export async function startExpressApp({ gate, atGate, ...options }: ExpressAppOptions) {
  const app = express();
  app.use(session({ secret: "of the tests", resave: false, saveUninitialized: false, ...options }));
  addRoutes(app);
  app.get("/slow", async (request, response) => {
    atGate?.();
    await gate;
    if ("reload" in request.query) {
      await told((callback) => void request.session.reload(callback));
    }
    const { views } = request.session;
    request.session.views = 1000;
    response.json({ views });
  });
  app.use(answerErrors);
  const server = createServer(app).listen(0, "127.0.0.1");
  await told((callback) => void server.once("listening", callback));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await told((callback) => void server.close(callback));
    },
  };
}

function addRoutes(app: Express): void {
  app.get("/me", ({ session, sessionID }, response) => {
    response.json({ user: session.user ?? null, views: session.views ?? 0, sid: sessionID });
  });
  app.post("/view", ({ session, sessionID }, response) => {
    session.views = (session.views ?? 0) + 1;
    response.json({ views: session.views, sid: sessionID });
  });
  app.post("/login", async (request, response) => {
    await told((callback) => void request.session.regenerate(callback));
    request.session.user = "ada";
    response.json({ sid: request.sessionID });
  });
  app.post("/unset", (request, response) => {
    Object.assign(request, { session: null });
    response.json({});
  });
  app.post("/logout", async (request, response) => {
    await told((callback) => void request.session.destroy(callback));
    response.json({});
  });
}

// biome-ignore lint/complexity/useMaxParams: Express knows what handles errors by its four parameters.
const answerErrors: express.ErrorRequestHandler = (error, _request, response, next) => {
  // A save fails when the answer is on its way.
  if (response.headersSent) next(error);
  else response.status(500).json({ error: String(error) });
};
