/** What the policies of a tenant's sessions may ask for: kept in the tenant's record, kept to where sessions are created. */
export interface SessionBounds {
  readonly idleMsMax?: number;
  readonly absoluteMsMax?: number;
  readonly subjectSessionsMax?: number;
}

/** What a tenant's record may hold, beside what its own room knows of it. */
export interface SessionBounded {
  readonly sessionBounds?: SessionBounds;
}
