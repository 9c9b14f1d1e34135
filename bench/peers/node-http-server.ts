/**
 * The floor for JSON: node:http, JSON.parse, a Map, JSON.stringify, and nothing else: no checks, no versions.
 * Run by itself: `node node-http-server.ts PORT`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

interface Asked {
  readonly key: string;
  readonly value?: unknown;
}

interface Kept {
  readonly value: unknown;
  readonly version: string;
}

const entries = new Map<string, Kept>();

function answerTo(path: string | undefined, { key, value }: Asked): unknown {
  if (path?.endsWith("/Set")) {
    const version = String(Date.now() * 1000);
    entries.set(key, { value, version });
    return { version, createVersion: version };
  }
  const kept = entries.get(key);
  return kept === undefined
    ? { revision: "1" }
    : {
        entry: { key, value: kept.value, version: kept.version, createVersion: kept.version },
        revision: kept.version,
      };
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const asked = JSON.parse(Buffer.concat(chunks).toString()) as Asked;
    const body = Buffer.from(JSON.stringify(answerTo(request.url, asked)));
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
    response.end(body);
  });
}

const server = createServer(serve).listen(Number(process.argv[2]), "127.0.0.1");
process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
});
