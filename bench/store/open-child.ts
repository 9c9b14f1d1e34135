/** Opens a store that is full, in a process of its own: `node open-child.ts URL INDEX`, answers in JSON. */
import { historyBytes, nameAt, openBenchSpace } from "./bench-space.ts";
import { getAsRoom } from "./operations.ts";

const [url = "", index = ""] = process.argv.slice(2);
const begun = performance.now();
const space = await openBenchSpace(url, historyBytes);
const openMs = performance.now() - begun;
await getAsRoom(space)(nameAt(Number(index)), "");
const answerMs = performance.now() - begun;
await space.store.close();
console.log(JSON.stringify({ openMs, answerMs }));
