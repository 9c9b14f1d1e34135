import fc from "fast-check";
import { expect, test } from "vitest";
import { MemoryStore } from "../../gen/typescript/lib/memory-store.ts";
import type { Store } from "../../gen/typescript/lib/store.ts";
import { StoreSessionBackend } from "../../gen/typescript/lib/store-session-backend.ts";
import { TiffinSession } from "../../gen/typescript/lib/tiffin-session.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { propertyParameters } from "../support/property.ts";
import { mapStore } from "./map-store.ts";

const stores = {
  "with update": () => new MemoryStore(),
  "without update": () => mapStore(),
};

for (const [name, open] of Object.entries(stores)) {
  test(`in every order of calls at the same time, a deleted session stays deleted: a store ${name}`, () =>
    inEveryOrder(open, async (session) => {
      const id = await session.create({});
      const calls = [session.delete(id), session.update(id, { a: 1 }), session.get(id)];
      await Promise.all(calls);
      expect(await session.get(id)).toBeUndefined();
      expect(await session.update(id, {})).toBe(false);
    }));

  test(`in every order, one id is left of several rotations, and no update that said true is lost: a store ${name}`, () =>
    inEveryOrder(open, async (session) => {
      const old = await session.create({});
      const [one, other, updated] = await Promise.all([
        session.rotate(old, { data: { one: true } }),
        session.rotate(old, { data: { other: true } }),
        session.update(old, { updated: true }),
      ]);
      expect([one, other].filter((id) => id !== undefined).length).toBe(1);
      expect(await session.get(old)).toBeUndefined();
      expect(await session.get(one ?? other ?? "")).toStrictEqual({
        ...(updated && { updated }),
        ...(one === undefined ? { other: true } : { one: true }),
      });
    }));

  test(`in every order, a session rotated and deleted at the same time is whole or gone: a store ${name}`, () =>
    inEveryOrder(open, async (session) => {
      const old = await session.create({ n: 1 });
      const [id] = await Promise.all([session.rotate(old), session.delete(old)]);
      expect(await session.get(old)).toBeUndefined();
      if (id !== undefined) expect(await session.get(id)).toEqual({ n: 1 });
    }));
}

test.each([
  [1000, 1],
  [0, 10],
])(
  "of ten uses at the same time with a touch interval of %d ms, %d are written down",
  async (touchIntervalMs, writes) => {
    const clock = new ManualClock();
    const store = mapStore();
    const timeouts = { idleTimeoutMs: 60_000, touchIntervalMs };
    const backend = new StoreSessionBackend(store, { now: () => clock.now(), ...timeouts });
    const session = new TiffinSession(backend);
    const id = await session.create({ n: 1 });
    clock.advance(30_000);
    let written = 0;
    const { set } = store;
    store.set = (...write) => {
      written++;
      return set(...write);
    };
    const uses = Array.from({ length: 10 }, () => session.get(id));
    for (const data of await Promise.all(uses)) expect(data).toEqual({ n: 1 });
    expect(written).toBe(writes);
    clock.advance(59_000);
    expect(await session.get(id)).toEqual({ n: 1 });
  },
);

test("a rotation that fails half way leaves the old id as it was", async () => {
  const store = new MemoryStore();
  const session = new TiffinSession(
    new StoreSessionBackend(store, { touchIntervalMs: 0, idleTimeoutMs: 60_000 }),
  );
  const id = await session.create({ n: 1 });
  store.set = () => Promise.reject(new Error("the store cannot be reached"));
  await expect(session.rotate(id, { subject: "ada" })).rejects.toThrow("cannot be reached");
  expect(await session.get(id)).toEqual({ n: 1 });
});

test("a rotation whose old record cannot be deleted has happened: the old id opens nothing", async () => {
  const store = new MemoryStore();
  const session = new TiffinSession(new StoreSessionBackend(store));
  const old = await session.create({ n: 1 });
  store.delete = () => Promise.reject(new Error("the store cannot be reached"));
  const id = (await session.rotate(old)) ?? "";
  expect(await session.get(id)).toEqual({ n: 1 });
  expect(await session.get(old)).toBeUndefined();
});

/** Runs the scene over a store whose every call waits to be let go, in orders that fast-check picks. */
async function inEveryOrder(
  open: () => Store,
  scene: (session: TiffinSession) => Promise<void>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const backend = new StoreSessionBackend(waiting(open(), scheduler));
      await scheduler.waitFor(scene(new TiffinSession(backend)));
    }),
    propertyParameters(),
  );
}

/** Before and after each call, anything else may happen. */
function waiting(store: Store, scheduler: fc.Scheduler): Store {
  const wait = async <T>(call: () => Promise<T>): Promise<T> => {
    await scheduler.schedule(Promise.resolve());
    const answer = await call();
    await scheduler.schedule(Promise.resolve());
    return answer;
  };
  const { update } = store;
  const updating: Pick<Store, "update"> =
    update === undefined
      ? {}
      : {
          update: (key, change) =>
            wait(() => update.call(store, key, (value) => wait(async () => await change(value)))),
        };
  return {
    get: (key) => wait(() => store.get(key)),
    set: (key, value, options) => wait(() => store.set(key, value, options)),
    delete: (key) => wait(() => store.delete(key)),
    ...updating,
  };
}
