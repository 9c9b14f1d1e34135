import { type ByteString, byteStringCodec } from "../store/byte-string.ts";
import { jsonCodec } from "../store/json-codec.ts";
import { type Key, key } from "../store/key.ts";
import type { Numbered } from "../store/layers/directory.ts";
import type { Space } from "../store/space.ts";

/** Entries: [tenant, "kv", namespace, key], the encoded value. */
export const entrySpace: Space<ByteString> = {
  name: "kv",
  rootParts: 3,
  codec: byteStringCodec,
  history: true,
  evictable: true,
  merging: "records",
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
