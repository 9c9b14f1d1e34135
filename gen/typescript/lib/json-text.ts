/** What is to be kept, as JSON text: of `what`, a name for messages. A TypeError says which type it is that JSON cannot hold. */
export function toJsonText(what: string, value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new TypeError(`${what} cannot be kept as JSON: ${reasonOf(cause)}`, { cause });
  }
  if (text === undefined) throw new TypeError(`${what} cannot be kept as JSON: ${typeof value}`);
  // A server would put U+FFFD in its place.
  if (halfPair.test(text)) {
    throw new TypeError(`${what} cannot be kept as JSON: a string with half of a surrogate pair`);
  }
  return text;
}

/** The engine's message without its drawing of the cycle, in which members of the value are named. */
const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : typeof cause;

/** JSON.stringify writes whole pairs as they are, and escapes halves. An even number of backslashes before it is text. */
const halfPair = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;
