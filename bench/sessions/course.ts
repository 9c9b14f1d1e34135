import { callAll } from "./call-all.ts";

/** One method, called in one way; with what the server must hold for it. */
export interface Course {
  readonly name: string;
  readonly path: string;
  /** What it is compared with, and how many times that it may cost. */
  readonly against?: { readonly reference: "Set" | "Get"; readonly aim: number };
  /** Makes the server ready for so many calls, and answers their requests. */
  prepare(address: string, calls: number): Promise<readonly Uint8Array[]>;
  /** Sees an answer of a lap. */
  answered?(message: Buffer): void;
  /** Puts away what a lap left behind. */
  tidyUp?(address: string): Promise<void>;
  /** Throws unless it is a right answer to the first request of a lap. */
  check(answer: Uint8Array): void;
}

/** The same few requests again and again. */
export const inTurn = (requests: readonly Uint8Array[], calls: number): Uint8Array[] =>
  Array.from({ length: calls }, (_, call) => requests[call % requests.length] as Uint8Array);

/** Calls beside what is measured. */
export async function callBeside(
  { address, path }: { address: string; path: string },
  requests: readonly Uint8Array[],
): Promise<Buffer[]> {
  const answers: Buffer[] = [];
  const shape = { connections: 4, streams: 16 };
  await callAll({
    address,
    path,
    requests,
    shape,
    answered: (answer) => answers.push(Buffer.from(answer)),
  });
  return answers;
}
