export const costOfRecord = (bytes: number): number => bytes + recordOverhead;
export const costOfImage = (bytes: number): number => bytes + imageOverhead;

/** Beside key and value: two string headers, the record, its places in map, index and expiry heap. */
const recordOverhead = 256;
const imageOverhead = 192;

/** A commit in the history without its events, and an event without its keys and values. */
export const commitOverhead = 160;
export const eventOverhead = 224;
