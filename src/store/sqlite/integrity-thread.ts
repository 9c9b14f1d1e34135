import { parentPort, workerData } from "node:worker_threads";
import { findProblems, type IntegrityOptions } from "./integrity.ts";

parentPort?.postMessage(findProblems(workerData as IntegrityOptions));
