import { hash, randomBytes } from "node:crypto";

/** A new id: 256 bits from the CSPRNG as base64url, 43 characters. */
export const createSessionId = (): string => randomBytes(32).toString("base64url");

/** Whether it could be an id at all. What could not is no session, and is asked for nowhere. */
export const isSessionId = (text: string): boolean => /^[\w-]{43}$/.test(text);

/** What is kept in the id's place: whoever reads the store can open no session with it. */
export const digestOf = (id: string): string => hash("sha256", id, "base64url");
