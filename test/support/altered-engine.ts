import type { Engine } from "../../src/store/engine.ts";

/** The engine, some of whose methods fail, wait or tell: what an engine over a network may do at any time. */
export function alteredEngine(inner: Engine, altered: Partial<Engine>): Engine {
  return new Proxy(inner, {
    get(target, name) {
      if (name in altered) return Reflect.get(altered, name) as unknown;
      const member = Reflect.get(target, name, target) as unknown;
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}
