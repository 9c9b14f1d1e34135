/** The thread that writes. It does one thing after the other, and answers each before it does anything for itself. */
import { enableCompileCache } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import type { WriterReply, WriterRequest } from "./wire.ts";
import type { WriterOptions } from "./writer.ts";

// Before anything else is imported, as in main.ts; a thread has a cache of its own, or starts in half a second.
enableCompileCache();
const { toFailure } = await import("./sqlite-errors.ts");
const { Writer } = await import("./writer.ts");

if (parentPort === null) throw new Error("this file runs as a thread");
const port = parentPort;
const options = workerData as WriterOptions;
const writer = new Writer(options);

port.on("message", (request: WriterRequest) => {
  port.postMessage(replyTo(request));
  if (request.task === "close") port.close();
  else writer.checkpoint();
});

function replyTo(request: WriterRequest): WriterReply {
  const { number } = request;
  try {
    return { number, answer: perform(request) };
  } catch (error) {
    return { number, failure: toFailure(error, options.path) };
  }
}

function perform(request: WriterRequest): unknown {
  // Each task has a type for what is asked, which a union over tasks cannot tell the compiler.
  switch (request.task) {
    case "open":
      return writer.open((request as WriterRequest<"open">).asked.now);
    case "apply":
      return writer.apply((request as WriterRequest<"apply">).asked);
    case "purge":
      return writer.purge((request as WriterRequest<"purge">).asked);
    case "trim":
      return writer.trim((request as WriterRequest<"trim">).asked);
    case "close":
      return writer.close();
  }
}
