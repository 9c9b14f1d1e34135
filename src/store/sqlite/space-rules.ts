import { TiffinError } from "../../errors.ts";
import { type Key, key, lengthOfParts } from "../key.ts";
import type { SpaceRule } from "./wire.ts";

/** The rules of the declared spaces, by the second part of their records' keys. */
export class SpaceRules {
  readonly #byName = new Map<string, SpaceRule>();

  constructor(rules: readonly SpaceRule[]) {
    for (const rule of rules) this.#byName.set(key(rule.name), rule);
  }

  /** The rule for the record, or for the root it is under. */
  of(record: Key): SpaceRule {
    const name = record.slice(lengthOfParts(record, 1), lengthOfParts(record, 2));
    const rule = this.#byName.get(name);
    if (rule === undefined) throw new TiffinError("internal", "a key is in no declared space");
    return rule;
  }
}
