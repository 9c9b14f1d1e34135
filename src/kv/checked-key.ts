import { invalidField, TiffinError } from "../errors.ts";

/** Refuses a key, prefix or end of a range that is too long, or that no UTF-8 can say. */
export function checkKey(key: string, field: string, bytesMax: number): void {
  if (key.length * bytesPerUnitMax > bytesMax) checkKeyBytes(key, field, bytesMax);
  // JSON can say half of a surrogate pair.
  if (!key.isWellFormed()) throw invalidField(field, "holds half of a surrogate pair");
}

/** Refuses a namespace's name that no key could hold. */
export function checkNamespace(name: string): void {
  if (name.length * bytesPerUnitMax > namespaceBytesMax) {
    const bytes = Buffer.byteLength(name);
    if (bytes > namespaceBytesMax) {
      throw invalidField("namespace", `has ${bytes} bytes, of at most ${namespaceBytesMax}`, name);
    }
  }
  if (!name.isWellFormed()) throw invalidField("namespace", "holds half of a surrogate pair");
}

function checkKeyBytes(key: string, field: string, bytesMax: number): void {
  const bytes = Buffer.byteLength(key);
  if (bytes <= bytesMax) return;
  const description = `has ${bytes} bytes, of at most ${bytesMax}`;
  throw new TiffinError("key_too_large", `${field}: ${description}`, {
    metadata: {
      field,
      value: key,
      limit: "key bytes",
      max: String(bytesMax),
      actual: String(bytes),
    },
    violations: [{ field, description }],
  });
}

/** A UTF-16 unit takes at most three bytes of UTF-8. */
const bytesPerUnitMax = 3;
export const namespaceBytesMax = 255;
