import type { DestinationStream } from "pino";

const left = new Set(["level", "time", "service", "msg", "err"]);

/** Turns logged JSON into lines that a person reads: time, level, what happened, and its fields. */
export function createTerminalLines(write: (text: string) => void): DestinationStream {
  return {
    write(json) {
      const event = JSON.parse(json) as Record<string, unknown>;
      const fields = Object.entries(event)
        .filter(([name]) => !left.has(name))
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      const time = String(event["time"]).slice(11, 19);
      const level = String(event["level"]).toUpperCase();
      const error = event["err"] as { readonly stack?: string } | undefined;
      const stack = error?.stack === undefined ? "" : `\n${error.stack}`;
      write(`${time} ${level} ${[event["msg"], ...fields].join(" ")}${stack}\n`);
    },
  };
}
