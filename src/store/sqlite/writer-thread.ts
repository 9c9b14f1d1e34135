/** The thread that writes. It does one thing after the other, and answers each before it does anything for itself. */
import { parentPort, workerData } from "node:worker_threads";
import { toFailure } from "./sqlite-errors.ts";
import type { WriterReply, WriterRequest } from "./wire.ts";
import { Writer, type WriterOptions } from "./writer.ts";

if (parentPort === null) throw new Error("this file runs as a thread");
const port = parentPort;
const options = workerData as WriterOptions;
const writer = new Writer(options);

port.on("message", (request: WriterRequest) => {
  port.postMessage(replyTo(request));
  if (request.task === "close") port.close();
  else checkpoint();
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

/** What goes wrong here concerns nobody who waits: the log only grows, and the next one tries again. */
function checkpoint(): void {
  try {
    writer.checkpoint();
  } catch {
    writer.close();
  }
}
