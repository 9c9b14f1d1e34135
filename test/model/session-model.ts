import type { JsonObject } from "@bufbuild/protobuf";
import { EndReason, EventType } from "#gen/tiffin/session/v1/watch_pb.ts";

/** A session as the model has it: times in milliseconds. Never changed, only replaced. */
export interface ModelSession {
  readonly handle: string;
  readonly subject: string;
  readonly data: JsonObject;
  readonly client: ModelClient;
  readonly version: bigint;
  readonly createdMs: number;
  /** When it was last written down as used: as far as what was answered so far tells. */
  readonly active: { readonly earliest: number; readonly latest: number };
  readonly endsMs: number;
  readonly absoluteMs: number;
  readonly rotatedMs: number;
  readonly policy: ModelPolicy;
  /** The current id first. */
  readonly ids: readonly ModelId[];
}

export interface ModelClient {
  readonly ipAddress: string;
  readonly userAgent: string;
  readonly deviceName: string;
}

export interface ModelPolicy {
  readonly idleMs: number;
  readonly absoluteMs: number;
  readonly touchMs: number;
  /** 0: none. */
  readonly renewalMs: number;
  readonly subjectMax: number;
  readonly refuses: boolean;
}

export interface ModelId {
  readonly id: string;
  /** Absent: as long as the session. */
  readonly untilMs?: number;
}

/** What a watch tells. */
export interface ModelEvent {
  readonly type: EventType;
  readonly session: ModelSession;
  readonly reason: EndReason;
  /** The session before it went to another subject. */
  readonly moved?: ModelSession;
}

/** What sessions ought to be, in the fewest words, as the contract's text says it. */
export class SessionModel {
  now: number;
  /** When the calls that are checked now may have begun. */
  since: number;
  /** Of one step each; within a step in any order. */
  readonly told: (readonly ModelEvent[])[];
  /** The tenant is deleted: what it had is as it was left, and out of reach. */
  isGone: boolean;
  /** Those that have expired and are not swept included. */
  readonly #sessions: Map<string, ModelSession>;
  readonly #issued: Set<string>;

  constructor(now: number, from?: SessionModel) {
    this.now = now;
    this.since = from?.since ?? now;
    this.isGone = from?.isGone ?? false;
    this.told = [...(from?.told ?? [])];
    this.#sessions = new Map(from === undefined ? [] : from.#sessions);
    this.#issued = new Set(from === undefined ? [] : from.#issued);
  }

  copy(): SessionModel {
    return new SessionModel(this.now, this);
  }

  /** Every id that was ever answered. */
  get issued(): ReadonlySet<string> {
    return this.#issued;
  }

  /** The session that the id opens now. */
  open(id: string): { session: ModelSession; id: ModelId } | undefined {
    for (const session of this.live()) {
      const found = session.ids.find((one) => one.id === id);
      if (found !== undefined && isLasting(found, this.now)) return { session, id: found };
    }
    return undefined;
  }

  /** Those that live now, of one subject or of all, by subject and handle. */
  live(subject?: string): ModelSession[] {
    return [...this.#sessions.values()]
      .filter((session) => session.endsMs > this.now)
      .filter((session) => subject === undefined || session.subject === subject)
      .sort((a, b) => compare(a.subject, b.subject) || compare(a.handle, b.handle));
  }

  /** How many records there are once all is swept: of sessions, and of ids. */
  records(): { sessions: number; ids: number } {
    const live = this.live();
    const ids = live.flatMap((session) => session.ids.filter((id) => isLasting(id, this.now)));
    return { sessions: live.length, ids: ids.length };
  }

  /** Instants at which something changes by itself, from now on. */
  instants(): number[] {
    const all = this.live().flatMap(({ endsMs, absoluteMs, active, policy, ids }) => [
      ...[endsMs, absoluteMs, active.latest + policy.idleMs, active.latest + policy.touchMs],
      ...ids.flatMap(({ untilMs }) => untilMs ?? []),
    ]);
    return [...new Set(all)].filter((ms) => ms >= this.now).sort((a, b) => a - b);
  }

  hasHandle(handle: string): boolean {
    return this.#sessions.has(handle);
  }

  put(session: ModelSession): void {
    this.#sessions.set(session.handle, session);
    for (const { id } of session.ids) this.#issued.add(id);
  }

  /** Takes the sessions away, and answers what is told of it. */
  end(sessions: readonly ModelSession[], reason: EndReason): ModelEvent[] {
    for (const { handle } of sessions) this.#sessions.delete(handle);
    return sessions.map((session) => ({ type: EventType.DELETED, session, reason }));
  }

  tell(...events: readonly ModelEvent[]): void {
    if (events.length > 0) this.told.push(events);
  }

  /** What has expired is told of when it is swept. */
  sweep(): void {
    const dead = [...this.#sessions.values()].filter(({ endsMs }) => endsMs <= this.now);
    const reasonOf = ({ endsMs, absoluteMs }: ModelSession): EndReason =>
      endsMs === absoluteMs ? EndReason.ABSOLUTE : EndReason.IDLE;
    this.tell(...dead.flatMap((session) => this.end([session], reasonOf(session))));
  }
}

const isLasting = ({ untilMs }: ModelId, now: number): boolean =>
  untilMs === undefined || now < untilMs;

const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
