import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";

/** JSON, one event a line. Headers and tokens are censored should one ever be handed over. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: { service: "tiffin" },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: secrets, censor: "[redacted]" },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

const secrets = [
  "authorization",
  "*.authorization",
  "token",
  "*.token",
  "session_id",
  "*.session_id",
];
