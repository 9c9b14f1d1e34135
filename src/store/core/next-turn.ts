/** Lets the calls that came meanwhile run before the next portion of long work. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
