import { byteStringCodec } from "../../src/store/byte-string.ts";
import type { Key } from "../../src/store/key.ts";
import { child, key } from "../../src/store/key.ts";
import type { Space } from "../../src/store/space.ts";

const plain = { rootParts: 3, codec: byteStringCodec, history: true, evictable: false };

/** Records with a history, in roots [1, "test", n]. */
export const testSpace: Space<string> = { ...plain, name: "test" };
/** The same without a history. */
export const quietSpace: Space<string> = { ...plain, name: "quiet", history: false };
/** The same, evictable. */
export const cacheSpace: Space<string> = { ...plain, name: "cache", evictable: true };

export const testSpaces: readonly Space<unknown>[] = [testSpace, quietSpace, cacheSpace];

export const testRoot: Key = key(1, testSpace.name, 1);
/** A record's key in `testRoot`. */
export const at = (name: string): Key => child(testRoot, name);
