/** Cuts a list into parts of at most so many bytes, in order; what alone is larger is a part alone. */
export function* fragments<T>(
  items: Iterable<T>,
  bytesOf: (item: T) => number,
  bytesMax: number,
): Generator<T[]> {
  let part: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = bytesOf(item);
    if (part.length > 0 && bytes + size > bytesMax) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(item);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

/** How much of a list or a stream goes into one message: a mebibyte, unless messages may have less. */
export const fragmentBytesMax = ({
  messageBytesMax,
}: {
  readonly messageBytesMax: number;
}): number => Math.min(1024 * 1024, messageBytesMax);
