import { AsyncLocalStorage } from "node:async_hooks";

/** The JSON of one call's request while it is being read: it is looked at again if it cannot be. */
export interface RequestText {
  read: string | undefined;
}

/**
 * The codec is given no call, and Connect's errors hold no text: whose it is only the asynchronous context knows.
 * It holds nothing of the call but the text, for what a room begins in one call may outlive it.
 */
const reading = new AsyncLocalStorage<RequestText>();

/** Runs a call whose text is kept while it is read. */
export const keepingText = <T>(text: RequestText, call: () => T): T => reading.run(text, call);

/** By default what is no UTF-8 becomes U+FFFD: another key. */
const decoder = new TextDecoder("utf-8", { fatal: true });

export const requestDecoder = {
  decode(bytes: Uint8Array): string {
    const text = decoder.decode(bytes);
    const kept = reading.getStore();
    if (kept !== undefined) kept.read = text;
    return text;
  },
};
