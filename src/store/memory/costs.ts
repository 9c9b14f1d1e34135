/**
 * What things take beside the bytes of their keys and values. Measured as heap and external memory after a full
 * collection, Node 24.21, with an expiry on everything: docs in README.md.
 */

export const costOfRecord = (bytes: number): number => bytes + recordOverhead;

export const costOfImage = (bytes: number): number => bytes + imageOverhead;

/** Two string headers, the record, its places in map, index, expiry heap and pool: 266 just after the map has grown, 198 just before. */
const recordOverhead = 272;

/** What a snapshot still sees of a record: 253, its chain included. */
const imageOverhead = 256;

/** An event with the entry and the one before it: 305. */
export const eventOverhead = 312;

/** A commit in the history, without its events: 73 when it has none, 117 otherwise. */
export const commitOverhead = 120;
