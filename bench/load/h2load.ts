import { runToEnd } from "../process/run-to-end.ts";

export interface Load {
  readonly url: string;
  readonly bodyFile: string;
  readonly headers: readonly string[];
  readonly protocol: "http/1.1" | "http/2";
  readonly connections: number;
  /** Calls in flight on each connection; HTTP/1.1 has one. */
  readonly streams: number;
  readonly calls: number;
}

export interface LoadResult {
  readonly callsPerSecond: number;
  /** Of an answer's body, frames and all. What shows that a gRPC call was answered: see `checked`. */
  readonly bytesPerAnswer: number;
}

/** Sends one body again and again with h2load, as fast as the answers come. */
export async function runH2load(load: Load): Promise<LoadResult> {
  const output = await runToEnd("h2load", [
    ...(load.protocol === "http/1.1" ? ["--h1"] : []),
    ...["-n", String(load.calls), "-c", String(load.connections), "-m", String(load.streams)],
    ...["-t", "1", "-d", load.bodyFile],
    ...load.headers.flatMap((header) => ["-H", header]),
    load.url,
  ]);
  return readH2load(output, load);
}

function readH2load(output: string, { calls }: Load): LoadResult {
  const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1]);
  const succeeded = number(/status codes: (\d+) 2xx/);
  if (succeeded !== calls) {
    throw new Error(`h2load: ${succeeded} of ${calls} calls succeeded:\n${output}`);
  }
  return {
    callsPerSecond: number(/finished in [\d.]+\w+, ([\d.]+) req\/s/),
    bytesPerAnswer: number(/headers \([^)]*\), [\d.]+\w+ \((\d+)\) data/) / calls,
  };
}

export const grpcHeaders = ["content-type: application/grpc", "te: trailers"];
export const jsonHeaders = ["content-type: application/json"];
