import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";

/**
 * JSON, one event a line, in the order of the events. Written to the descriptor itself: pino's own default asks
 * process.stdout for it, which makes a pipe non-blocking, and a line that has to be tried again is overtaken.
 * Headers and tokens are censored should one ever be handed over. */
export function createLogger(
  level: string,
  destination: DestinationStream = pino.destination({ dest: 1, sync: true }),
): Logger {
  const options: LoggerOptions = {
    level,
    base: { service: "tiffin" },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: secrets, censor: "[redacted]" },
  };
  return pino(options, destination);
}

const secrets = [
  "authorization",
  "*.authorization",
  "token",
  "*.token",
  "session_id",
  "*.session_id",
];
