import { enableCompileCache } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import type { IntegrityOptions } from "./integrity.ts";

enableCompileCache();
const { findProblems } = await import("./integrity.ts");
parentPort?.postMessage(findProblems(workerData as IntegrityOptions));
