import type { Shape } from "../load/race.ts";
import { CallConnection, type Calls } from "./call-connection.ts";

export interface Load {
  readonly address: string;
  readonly path: string;
  /** One for each call. */
  readonly requests: readonly Uint8Array[];
  readonly shape: Shape;
  answered?(message: Buffer): void;
}

/** Makes the calls, and answers how many there were a second. Fails when one of them does. */
export async function callAll({ address, path, requests, shape, answered }: Load): Promise<number> {
  let at = 0;
  const calls: Calls = {
    next: () => requests[at++],
    answered: answered ?? ignore,
  };
  const connections = await Promise.all(
    Array.from({ length: shape.connections }, () => CallConnection.open(address, path)),
  );
  const begun = performance.now();
  await Promise.all(connections.map((connection) => connection.run(calls, shape.streams)));
  return (requests.length / (performance.now() - begun)) * 1000;
}

const ignore = (): void => undefined;
