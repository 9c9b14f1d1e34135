import { startEtcd } from "../peers/etcd.ts";
import { checkAnswers } from "../peers/grpc-peer.ts";
import { startPassThrough } from "../peers/pass-through.ts";
import { startTiffin } from "../peers/tiffin.ts";
import { isInstalled } from "../process/run-to-end.ts";
import { openScratchFolder } from "../process/scratch-folder.ts";
import type { SuiteOptions, SuiteResult } from "../report/suite.ts";
import type { Table } from "../report/table.ts";
import { startToServing } from "./start-to-serving.ts";
import { steadyLoad } from "./steady-load.ts";
import { watchableEtcd, watchableTiffin, watchDelivery } from "./watch-delivery.ts";

/** How it is to live beside: how soon it serves, what it takes idle and at a steady load, how soon a watcher knows. */
export async function benchStart({ rounds }: SuiteOptions): Promise<SuiteResult> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await openScratchFolder());
  const tables: Table[] = [await startToServing(rounds, folder)];
  const skipped: string[] = [];

  const passThrough = await startPassThrough(folder);
  stack.use(passThrough.server);
  const tiffin = await startTiffin({ folder });
  stack.use(tiffin.server);
  const etcd = (await isInstalled("etcd")) ? await startEtcd(folder) : undefined;
  if (etcd === undefined) skipped.push("start: etcd is not installed (Debian: etcd-server)");
  else stack.use(etcd.server);
  const others = etcd === undefined ? [] : [etcd];

  if (await isInstalled("h2load")) {
    tables.push(await steadyLoad([passThrough, tiffin, ...others], { rounds, folder }));
  } else skipped.push("start: h2load is not installed (Debian: nghttp2-client)");
  for (const peer of [tiffin, ...others]) await checkAnswers(peer);
  const watched = [watchableTiffin(tiffin), ...others.map(watchableEtcd)];
  tables.push(await watchDelivery(watched, rounds));
  return { tables, skipped };
}
