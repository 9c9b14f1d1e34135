import { limitExceeded } from "./errors.ts";

/** The watches of one room that run now, and how many may. */
export interface WatchCount {
  readonly watches: { running: number };
  readonly limits: { readonly watchesMax: number };
}

/** A watch, counted for as long as it runs; one too many is refused. */
export async function* countedWatch<T>(
  { watches, limits }: WatchCount,
  run: () => AsyncGenerator<T>,
): AsyncGenerator<T> {
  if (watches.running >= limits.watchesMax) {
    throw limitExceeded("watches", limits.watchesMax, watches.running + 1);
  }
  watches.running++;
  try {
    yield* run();
  } finally {
    watches.running--;
  }
}
