/** What the writer does: commits of several records each, which a seed and a number tell beforehand. */
import type { Key } from "../../src/store/key.ts";
import type { Tx } from "../../src/store/store.ts";
import {
  allOf,
  countOf,
  groupRanges,
  indexOf,
  nameOf,
  primaryOf,
  type Ticket,
  ticketOf,
} from "./crash-spaces.ts";
import { below, createRandom, oneOf } from "./seeded-random.ts";

interface Item {
  readonly id: string;
  readonly text: string;
  /** Milliseconds. */
  readonly ttl: number | "none";
}

/** One commit: each leaves primaries, their index and the counter in agreement, and a ticket. */
export type Plan = { readonly namespace: string } & (
  | { readonly does: "write"; readonly items: readonly Item[] }
  | { readonly does: "touch"; readonly id: string; readonly ttl: number | "none" }
  | { readonly does: "remove"; readonly ids: readonly string[] }
  | { readonly does: "removeGroup"; readonly group: string }
  | { readonly does: "drop" }
);

/** The part of a transaction that plans use: the store's, and the model's. */
export type PlanTx = Pick<
  Tx,
  "get" | "put" | "setExpiry" | "delete" | "deleteRange" | "purgeLater" | "nextNumber" | "now"
>;

/** The plan of that number; the same for the same seed. */
export function planOf(seed: number, number: number): Plan {
  const random = createRandom(seed, number);
  const namespace = `n${below(random, 6)}`;
  const kind = random();
  if (kind < 0.6) return { namespace, does: "write", items: itemsOf(random) };
  if (kind < 0.75) return { namespace, does: "touch", id: idOf(random), ttl: ttlOf(random) };
  if (kind < 0.9) return { namespace, does: "remove", ids: [...idsOf(random)] };
  if (kind < 0.96) return { namespace, does: "removeGroup", group: oneOf(random, groups) };
  return { namespace, does: "drop" };
}

/** The commit, as an attempt of `update`. Answers the ticket it wrote. */
export async function runPlan(tx: PlanTx, plan: Plan, number: number): Promise<Ticket> {
  const at = Math.floor(tx.now());
  const name = nameOf(plan.namespace);
  const known = (await tx.get<{ number: number }>(name))?.value.number;
  const creates = known === undefined && plan.does === "write";
  const under = creates ? await tx.nextNumber() : known;
  const ticket: Ticket = creates && under !== undefined ? { at, number: under } : { at };
  tx.put(ticketOf(number), ticket, "none");
  if (under === undefined) return ticket;
  if (creates) tx.put(name, { number: under }, "none");
  if (plan.does === "drop") {
    tx.delete(name);
    tx.purgeLater(allOf(under));
    return ticket;
  }
  await change(tx, plan, { number: under, at });
  const count = (await tx.get<number>(countOf(under)))?.value ?? 0;
  tx.put(countOf(under), count + 1, "none");
  return ticket;
}

async function change(
  tx: PlanTx,
  plan: Exclude<Plan, { does: "drop" }>,
  { number, at }: { number: number; at: number },
): Promise<void> {
  switch (plan.does) {
    case "write":
      for (const item of plan.items) await writeItem(tx, item, { number, at });
      return;
    case "touch":
      // Of what is not there it has no effect.
      for (const record of recordsOf(number, plan.id)) tx.setExpiry(record, until(plan.ttl, at));
      return;
    case "remove":
      for (const record of plan.ids.flatMap((id) => recordsOf(number, id))) tx.delete(record);
      return;
    case "removeGroup":
      for (const range of groupRanges(number, plan.group)) tx.deleteRange(range);
  }
}

async function writeItem(
  tx: PlanTx,
  { id, text, ttl }: Item,
  { number, at }: { number: number; at: number },
): Promise<void> {
  // Read first: what is written depends on it, as a room's write does.
  const before = await tx.get<string>(primaryOf(number, id));
  const expireAt = until(ttl, at);
  tx.put(primaryOf(number, id), `${id}:${text}:${before?.value.length ?? 0}`, expireAt);
  tx.put(indexOf(number, id), id, expireAt);
}

const until = (ttl: number | "none", at: number): number | "none" =>
  ttl === "none" ? "none" : at + ttl;

const recordsOf = (number: number, id: string): readonly [Key, Key] => [
  primaryOf(number, id),
  indexOf(number, id),
];

const itemsOf = (random: () => number): Item[] =>
  [...idsOf(random)].map((id) => ({ id, text: textOf(random), ttl: ttlOf(random) }));

const groups = ["a", "b", "c"] as const;
const idOf = (random: () => number): string => `${oneOf(random, groups)}-${below(random, 8)}`;

function idsOf(random: () => number): Set<string> {
  return new Set(Array.from({ length: 1 + below(random, 5) }, () => idOf(random)));
}

/** Mostly short; now and then longer than a page of a database. */
const textOf = (random: () => number): string =>
  String.fromCharCode(33 + below(random, 90)).repeat(
    random() < 0.05 ? below(random, 20_000) : below(random, 100),
  );

const ttlOf = (random: () => number): number | "none" =>
  random() < 0.4 ? "none" : 1 + below(random, 3000);
