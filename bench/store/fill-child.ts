/** Writes so many entries to a new store, in the order of their keys: `node fill-child.ts URL ENTRIES`, answers in JSON. */
import { fillInOrder, historyBytes, openBenchSpace } from "./bench-space.ts";

const [url = "", entryCount = ""] = process.argv.slice(2);
const space = await openBenchSpace(url, historyBytes);
const begun = performance.now();
await fillInOrder(space, Number(entryCount));
const seconds = (performance.now() - begun) / 1000;
await space.store.close();
console.log(JSON.stringify({ seconds }));
