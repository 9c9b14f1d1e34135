import { type ByteString, byteStringCodec } from "../store/byte-string.ts";
import { jsonCodec } from "../store/json-codec.ts";
import { type Key, key } from "../store/key.ts";
import type { Numbered } from "../store/layers/directory.ts";
import type { Space } from "../store/space.ts";
import { expireAtMax } from "../timestamp.ts";
import { namespaceBytesMax } from "./checked-key.ts";
import { isEncodedValue } from "./value.ts";

/** Entries: [tenant, "kv", namespace, key], the encoded value. */
export const entrySpace: Space<ByteString> = {
  name: "kv",
  rootParts: 3,
  codec: byteStringCodec,
  history: true,
  evictable: true,
  merging: "records",
  isSound({ parts: [namespace, name, ...rest], value }, expireAt) {
    const isNamed = typeof namespace === "number" && isText(name, keyBytesMax) && rest.length === 0;
    const isExpiry = expireAt === "none" || (Number.isInteger(expireAt) && expireAt <= expireAtMax);
    return isNamed && isExpiry && isEncodedValue(value as ByteString, valueBytesMax);
  },
  renumbered({ parts: [namespace, ...rest], value }, replace) {
    return { parts: [replace(namespace as number), ...rest], value };
  },
};

/** Namespaces by name: [tenant, "namespace", name]. */
export const namespaceSpace: Space<Numbered> = {
  name: "namespace",
  rootParts: 2,
  codec: jsonCodec(),
  history: true,
  evictable: false,
  merging: "directory",
  isSound({ parts: [name, ...rest], value }, expireAt) {
    const isNamed = isText(name, namespaceBytesMax) && rest.length === 0;
    return isNamed && expireAt === "none" && isNumbered(value);
  },
  renumbered({ parts, value }, replace) {
    return { parts, value: Object.freeze({ ...value, number: replace(value.number) }) };
  },
};

export const kvSpaces: readonly Space<unknown>[] = [entrySpace, namespaceSpace];

/** Under it are the tenant's namespaces. */
export const namespacesRoot = (tenant: number): Key => key(tenant, namespaceSpace.name);

/** Under it are the namespace's entries; the root of its statistics. */
export const entriesRoot = (tenant: number, namespace: number): Key =>
  key(tenant, entrySpace.name, namespace);

const isText = (part: unknown, bytesMax: number): boolean =>
  typeof part === "string" && Buffer.byteLength(part) <= bytesMax;

const isNumbered = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.keys(value).join() === "number" &&
  Number.isSafeInteger((value as Numbered).number);

/** The most that TIFFIN_KEY_BYTES_MAX and TIFFIN_VALUE_BYTES_MAX may be: another server may have taken more than this one. */
const keyBytesMax = 1024;
const valueBytesMax = 1024 * 1024;
