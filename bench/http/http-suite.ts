import { type Heat, race } from "../load/race.ts";
import { startNodeHttp } from "../peers/node-http.ts";
import { startTiffin } from "../peers/tiffin.ts";
import { isInstalled } from "../process/run-to-end.ts";
import { openScratchFolder } from "../process/scratch-folder.ts";
import type { SuiteOptions, SuiteResult } from "../report/suite.ts";
import type { Table } from "../report/table.ts";
import { jsonContender } from "./json-contender.ts";

/** JSON Get and Set over HTTP/1.1, beside the least a Node server can do. */
export async function benchHttp({ rounds }: SuiteOptions): Promise<SuiteResult> {
  if (!(await isInstalled("h2load"))) {
    return { tables: [], skipped: ["http: h2load is not installed (Debian: nghttp2-client)"] };
  }
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await openScratchFolder());
  const bare = await startNodeHttp(folder);
  stack.use(bare.server);
  const tiffin = await startTiffin({ folder });
  stack.use(tiffin.server);
  const contenders = [
    await jsonContender(bare, folder),
    await jsonContender({ ...tiffin, address: tiffin.httpAddress }, folder),
  ];
  const tables: Table[] = [];
  for (const heat of heats) {
    const title = `HTTP/JSON ${heat.method}, ${heat.shape.connections} x ${heat.shape.streams}`;
    tables.push(await race({ title, note, heat, rounds, contenders }));
  }
  return { tables, skipped: [] };
}

const note =
  "HTTP/1.1, kept alive, one call at a time on each connection; 24-byte key, 128-byte text, one key.";

const heats: readonly Heat[] = [
  { method: "get", shape: { connections: 32, streams: 1 } },
  { method: "set", shape: { connections: 32, streams: 1 } },
  { method: "get", shape: { connections: 1, streams: 1 } },
  { method: "set", shape: { connections: 1, streams: 1 } },
];
