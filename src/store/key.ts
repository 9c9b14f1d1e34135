/**
 * Keys: typed tuples in an order-preserving encoding, after FoundationDB's tuple layer
 * (apple/foundationdb, design/tuple.md). A key is a string with one char (0 to 255) a byte, so that comparing
 * two keys with `<` is comparing their bytes, in every engine alike, and no key costs a Buffer.
 *
 * A part is a tag, its bytes with 0x00 written 0x00 0xFF, and the terminator 0x00. No tag is 0xFF, so
 * neither of two different tuples' encodings is the other's, and a shorter tuple sorts before its extensions.
 * Numbers have one order, fractions included: the IEEE 754 double, big-endian, with its sign turned
 * so that bytes sort as numbers do, and without its trailing zero bytes; 1 takes four bytes in all.
 */
import { TiffinError } from "../errors.ts";

declare const encoded: unique symbol;
/** An encoded tuple. Made by `key`, read by `partsOf`. */
export type Key = string & { readonly [encoded]: true };
export type KeyPart = string | number;

/** Keys from `start` to before `end`, both as encoded bytes. */
export interface Range {
  readonly start: Key;
  readonly end: Key;
}

const numberTag = "\x01";
const stringTag = "\x02";
const terminator = "\x00";
const scratch = Buffer.allocUnsafe(4096);
const double = new DataView(new ArrayBuffer(8));

/** Encodes a tuple. A lone surrogate or NaN is refused: neither would come back as it went in. */
export function key(...parts: readonly KeyPart[]): Key {
  let whole = "" as Key;
  for (const part of parts) whole = child(whole, part);
  return whole;
}

/** The key of the tuple `parent` with one more part: cheaper than encoding all of it again. */
export function child(parent: Key, part: KeyPart): Key {
  if (typeof part === "number") return (parent + numberPart(part)) as Key;
  // A UTF-16 unit takes at most three bytes of UTF-8; a NUL needs escaping, which the slow path does.
  if (parent.length + part.length * 3 + 2 > scratch.length || part.includes(terminator)) {
    return (parent + stringPart(part)) as Key;
  }
  assertWellFormed(part);
  const at = scratch.write(parent, 0, "latin1");
  scratch[at] = 2;
  const end = at + 1 + scratch.write(part, at + 1, "utf8");
  scratch[end] = 0;
  return scratch.toString("latin1", 0, end + 1) as Key; // one flat string: a rope would be flattened by every Map
}

/** Every key that extends the tuple, and not the tuple itself. */
export function within(parent: Key): Range {
  return { start: `${parent}\x01` as Key, end: `${parent}\xff` as Key };
}

/** Every child of the tuple whose next part is a string that begins so. */
export function startingWith(parent: Key, prefix: string): Range {
  const start = parent + stringPart(prefix).slice(0, -1);
  return { start: start as Key, end: after(start) };
}

/** Every child of the tuple whose next part is a string from `start` to before `end`; empty: no bound. */
export function between(parent: Key, start: string, end: string): Range {
  return {
    start: (parent + (start === "" ? stringTag : stringPart(start))) as Key,
    end: end === "" ? after(parent + stringTag) : ((parent + stringPart(end)) as Key),
  };
}

/** The range that holds this key alone. */
export function only(single: Key): Range {
  return { start: single, end: (single + terminator) as Key };
}

export function contains(range: Range, candidate: Key): boolean {
  return candidate >= range.start && candidate < range.end;
}

/** What two ranges share; undefined when that is nothing. */
export function intersection(a: Range, b: Range): Range | undefined {
  const start = a.start > b.start ? a.start : b.start;
  const end = a.end < b.end ? a.end : b.end;
  return start < end ? { start, end } : undefined;
}

/** Decodes a tuple. Only what `key` made is given to it. */
export function partsOf(whole: Key): KeyPart[] {
  const parts: KeyPart[] = [];
  for (let at = 0; at < whole.length; ) {
    const end = endOfPart(whole, at);
    parts.push(partAt(whole, at, end));
    at = end;
  }
  return parts;
}

/** The string that follows `parent` in one of its children: the part a room wants back, and no other. */
export function stringAfter(parent: Key, whole: Key): string {
  return textOf(whole.slice(parent.length + 1, -1));
}

/** Where the first `parts` parts of the key end; the key's length when it has no more of them. */
export function lengthOfParts(whole: Key, parts: number): number {
  let at = 0;
  for (let part = 0; part < parts && at < whole.length; part++) at = endOfPart(whole, at);
  return at;
}

/** The first key after all those that begin with `bytes`: its last byte that can be is raised by one. */
function after(bytes: string): Key {
  let last = bytes.length - 1;
  while (bytes.charCodeAt(last) === 0xff) last--; // the end of an escaped NUL
  return (bytes.slice(0, last) + String.fromCharCode(bytes.charCodeAt(last) + 1)) as Key;
}

function partAt(whole: Key, at: number, end: number): KeyPart {
  const body = whole.slice(at + 1, end - 1);
  return whole[at] === stringTag ? textOf(body) : numberOf(body);
}

/** The index just after the part that begins at `at`. */
function endOfPart(whole: Key, at: number): number {
  let zero = whole.indexOf(terminator, at + 1);
  while (whole.charCodeAt(zero + 1) === 0xff) zero = whole.indexOf(terminator, zero + 2);
  return zero + 1;
}

function stringPart(text: string): string {
  assertWellFormed(text);
  return stringTag + escaped(Buffer.from(text, "utf8").toString("latin1")) + terminator;
}

function textOf(body: string): string {
  const bytes = unescaped(body);
  const room = bytes.length <= scratch.length ? scratch : Buffer.allocUnsafe(bytes.length);
  return room.toString("utf8", 0, room.write(bytes, 0, "latin1"));
}

function assertWellFormed(text: string): void {
  if (!text.isWellFormed()) {
    throw new TiffinError("invalid_field", "a key holds half of a surrogate pair");
  }
}

function numberPart(value: number): string {
  if (Number.isNaN(value)) throw new TiffinError("invalid_field", "a key holds NaN");
  double.setFloat64(0, value === 0 ? 0 : value); // -0 is 0
  const high = double.getInt32(0);
  double.setInt32(0, high < 0 ? ~high : high ^ 0x80000000);
  if (high < 0) double.setInt32(4, ~double.getInt32(4));
  let length = 8;
  while (length > 1 && double.getUint8(length - 1) === 0) length--;
  let bytes = "";
  for (let index = 0; index < length; index++) bytes += String.fromCharCode(double.getUint8(index));
  return numberTag + escaped(bytes) + terminator;
}

function numberOf(body: string): number {
  const bytes = unescaped(body);
  for (let index = 0; index < 8; index++) {
    double.setUint8(index, index < bytes.length ? bytes.charCodeAt(index) : 0);
  }
  const high = double.getInt32(0);
  double.setInt32(0, high < 0 ? high ^ 0x80000000 : ~high);
  if (high >= 0) double.setInt32(4, ~double.getInt32(4));
  return double.getFloat64(0);
}

const escaped = (bytes: string): string =>
  bytes.includes("\x00") ? bytes.replaceAll("\x00", "\x00\xff") : bytes;

const unescaped = (body: string): string =>
  body.includes("\x00") ? body.replaceAll("\x00\xff", "\x00") : body;
