import type { Seen } from "./keys-model.ts";
import type { ToldEvent } from "./told-message.ts";
import type { Segment, WatchHistory } from "./watch-history.ts";
import { isWithin, rangeOf, type WatchReference } from "./watch-reference.ts";

/** What is wrong with what a watch was told, one sentence each. */
export type Validator = (watched: WatchHistory, reference: WatchReference) => string[];

/** What a watch promises, one promise each, as etcd names them. */
export const validators = {
  /** Only what was asked for is sent. */
  filter: ({ filter, segments }) => {
    const asked = rangeOf(filter);
    const isAsked = ({ key, range }: ToldEvent): boolean =>
      range === undefined
        ? isWithin(asked, key)
        : range.start >= asked.start && (asked.end === "" || range.end <= asked.end);
    return [...listedIn(segments), ...eventsOf(segments)]
      .filter((event) => !isAsked(event))
      .map((event) => `${told(event)} was not asked for`);
  },
  /** Revisions never go back within a stream. */
  ordered: ({ segments }) =>
    segments.flatMap(({ messages }) => {
      const revisions = messages.flatMap(({ events, revision }) => [
        ...events.map((event) => event.revision),
        revision,
      ]);
      return revisions
        .filter((revision, at) => revision < (revisions[at - 1] ?? 0))
        .map((revision) => `${revision} came after a later one`);
    }),
  /** Nothing is sent twice, not even by two streams of which one continues the other. */
  unique: ({ segments }) => {
    const names = eventsOf(segments).map(told);
    return names
      .filter((name, at) => names.indexOf(name) !== at)
      .map((name) => `${name} came twice`);
  },
  /** A commit is sent whole before anything may be resumed after it. */
  atomic: ({ filter, segments }, reference) =>
    segments.flatMap(({ messages }) =>
      [...Map.groupBy(wholes(messages), ({ revision }) => revision)].flatMap(
        ([revision, parts]) => {
          const sent = parts.map(({ events }) => events.length);
          const { length } = reference.events(filter, revision - 1, revision);
          return parts.length === 1 && sent[0] === length
            ? []
            : [`of the ${length} events of ${revision} came ${sent.join(" and ")}`];
        },
      ),
    ),
  /** When a message says how far the stream has come, all up to there has been sent, and nothing of it comes later. */
  bookmarkable: ({ filter, segments }, reference) =>
    segments.flatMap((segment) =>
      segment.messages.flatMap(({ revision, token }, at) => {
        if (token === "") return [];
        const sent = segment.messages.slice(0, at + 1).flatMap(({ events }) => events);
        const late = segment.messages.slice(at + 1).flatMap(({ events }) => events);
        const due = reference.events(filter, beginningOf(segment), revision);
        const missing = due.length - sent.length;
        return [
          ...(missing > 0 ? [`${missing} events up to ${revision} were not sent by then`] : []),
          ...late
            .filter((event) => event.revision <= revision)
            .map((event) => `${told(event)} came after the bookmark ${revision}`),
        ];
      }),
    ),
  /** What is resumed begins where it was to, and with the first that followed. */
  resumable: ({ filter, segments }, reference) =>
    segments.flatMap((segment) => {
      const { after, messages } = segment;
      const [opening] = messages;
      if (after === undefined || opening === undefined) return [];
      if (opening.revision !== after || opening.events.length > 0) {
        return [`after ${after} the stream began at ${opening.revision}`];
      }
      const [first] = eventsOf([segment]);
      const [expected] = reference.events(filter, after, Number.POSITIVE_INFINITY);
      return first === undefined || (expected && told(first) === told(expected))
        ? []
        : [`after ${after} came ${told(first)} first, not ${expected && told(expected)}`];
    }),
  /** An entry says that it was created exactly when there was none before. */
  isCreate: ({ segments }, reference) =>
    eventsOf(segments).flatMap((event) => {
      if (event.entry === undefined) return [];
      const { version, created } = event.entry;
      const expected = reference.before(event)?.created ?? version;
      return created === expected
        ? []
        : [`${told(event)} was created at ${expected}, not ${created}`];
    }),
  /** Nothing is left out, over all cuts; where history was gone, the list says what the events would have. */
  reliable: ({ filter, segments }, reference) =>
    segments.flatMap((segment) => {
      const { after, listed, messages } = segment;
      const until = messages.at(-1)?.revision ?? beginningOf(segment);
      const expected = reference.events(filter, beginningOf(segment), until).map(whole);
      const sent = eventsOf([segment]).map(whole);
      const at = expected.findIndex((event, index) => event !== sent[index]);
      const problems = at < 0 ? [] : [`${expected[at]} was to come, and ${sent[at]} did`];
      if (listed === undefined || after === undefined) return problems;
      return [...problems, ...wrongInList({ filter, after, listed }, reference)];
    }),
  /** The entry as it was comes when it was asked for and there was one, and is the one. */
  previousValue: ({ hasPrevious, segments }, reference) =>
    eventsOf(segments).flatMap((event) => {
      const previous = reference.before(event);
      const expected = hasPrevious && event.range === undefined ? previous : undefined;
      return inShort(event.previous) === inShort(expected)
        ? []
        : [`${told(event)} has ${inShort(event.previous)} as before, not ${inShort(expected)}`];
    }),
} as const satisfies Record<string, Validator>;

/** Everything that is wrong, each under the name of the promise. */
export const validate: Validator = (watched, reference) =>
  Object.entries(validators).flatMap(([name, validator]: [string, Validator]) =>
    validator(watched, reference).map((problem) => `${name}: ${problem}`),
  );

const eventsOf = (segments: readonly Segment[]): ToldEvent[] =>
  segments.flatMap(({ messages }) => messages.flatMap(({ events }) => events));

const listedIn = (segments: readonly Segment[]): ToldEvent[] =>
  segments.flatMap(({ listed = [] }) => listed);

const beginningOf = ({ after, messages }: Segment): number => after ?? messages[0]?.revision ?? 0;

/** What was sent up to each token, by revision: a commit's share of it. */
function wholes(messages: Segment["messages"]): { revision: number; events: ToldEvent[] }[] {
  const found: { revision: number; events: ToldEvent[] }[] = [];
  let pending: ToldEvent[] = [];
  for (const { events, token } of messages) {
    pending.push(...events);
    if (token === "") continue;
    for (const [revision, together] of Map.groupBy(pending, (event) => event.revision)) {
      found.push({ revision, events: together });
    }
    pending = [];
  }
  return found;
}

const told = ({ revision, type, key, range }: ToldEvent): string =>
  `${revision} ${type} ${range === undefined ? key : `${range.start} to ${range.end}`}`;

const whole = (event: ToldEvent): string => `${told(event)} ${inShort(event.entry)}`;

const inShort = (seen: Seen | undefined): string =>
  seen === undefined ? "nothing" : `${seen.value} at ${seen.version} since ${seen.created}`;

/** The entries as they were at the revision, each once; those that expire may be gone some time before their event comes. */
function wrongInList(
  {
    filter,
    after,
    listed,
  }: Required<Pick<Segment, "listed">> & {
    readonly filter: WatchHistory["filter"];
    readonly after: number;
  },
  reference: WatchReference,
): string[] {
  const there = new Map([...reference.at(after)].filter(([key]) => isWithin(rangeOf(filter), key)));
  const missing = new Map([...there].filter(([, seen]) => seen.expires !== true));
  const problems: string[] = [];
  for (const event of listed) {
    const isFirst = listed.findIndex(({ key }) => key === event.key) === listed.indexOf(event);
    const isRight = inShort(event.entry) === inShort(there.get(event.key));
    if (!isFirst || !isRight || event.revision !== after)
      problems.push(`${whole(event)} is listed`);
    missing.delete(event.key);
  }
  return [...problems, ...[...missing.keys()].map((key) => `${key} is not listed at ${after}`)];
}
