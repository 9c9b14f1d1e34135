/**
 * Compares by code points, as UTF-8 bytes and PostgreSQL's "C" collation do. JavaScript's own order is that of UTF-16, which puts what is
 * beyond U+FFFF before U+E000.
 */
export function byCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right)
      return isSurrogate(left) === isSurrogate(right) ? left - right : surrogateLast(left);
  }
  return a.length - b.length;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;
const surrogateLast = (left: number): number => (isSurrogate(left) ? 1 : -1);
