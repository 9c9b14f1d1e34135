import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { child, key, within } from "../../src/store/key.ts";
import { alive } from "../../src/store/layers/directory.ts";
import { propertyParameters } from "../support/property.ts";
import { openScheduledStore } from "../support/scheduled-engine.ts";
import { at, testRoot } from "../support/test-spaces.ts";

describe("races between updates, in every order the scheduler finds", () => {
  for (const locking of [true, false]) {
    test(`increments ${locking ? "with locks take one attempt each" : "without locks take more, and none is lost"}`, async () => {
      let attemptsInAll = 0;
      let callersInAll = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.scheduler(),
          fc.integer({ min: 2, max: 6 }),
          async (scheduler, callers) => {
            const store = await openScheduledStore(scheduler, { locking });
            let attempts = 0;
            const adding = Array.from({ length: callers }, () =>
              store.update({ exclusive: [at("n")] }, async (tx) => {
                attempts++;
                const count = Number((await tx.get(at("n")))?.value ?? 0);
                tx.put(at("n"), String(count + 1), "none");
              }),
            );
            await scheduler.waitFor(Promise.all(adding));
            const { entries } = await scheduler.waitFor(store.get([at("n")]));
            expect(entries[0]?.value).toBe(String(callers));
            if (locking) expect(attempts).toBe(callers);
            attemptsInAll += attempts;
            callersInAll += callers;
          },
        ),
        propertyParameters(),
      );
      if (!locking) expect(attemptsInAll).toBeGreaterThan(callersInAll);
    });
  }

  test("test 4: no more records are created than the limit the creators all check", async () => {
    const limit = 2;
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 3, max: 6 }),
        async (scheduler, creators) => {
          const store = await openScheduledStore(scheduler, { locking: false });
          const creating = Array.from({ length: creators }, (_, n) =>
            store.update({}, async (tx) => {
              const { entries } = await tx.page(within(testRoot), { limit: 10 });
              if (entries.length < limit) tx.put(at(`k${n}`), "v", "none");
            }),
          );
          await scheduler.waitFor(Promise.all(creating));
          const { entries } = await scheduler.waitFor(store.page(within(testRoot), { limit: 10 }));
          expect(entries).toHaveLength(limit);
        },
      ),
      propertyParameters(),
    );
  });

  test("reason 7, test 4: nothing is written under a name once its deletion stands", async () => {
    const name = at("name");
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 4 }),
        async (scheduler, writers) => {
          const store = await openScheduledStore(scheduler, { locking: false });
          const { revision: created } = await scheduler.waitFor(
            store.update({}, (tx) => tx.put(name, "stands for 7", "none")),
          );
          const place = { name: "name", record: name, number: 7, created };
          const under = key(1, "test", place.number);
          const deleting = store.update({}, (tx) => {
            tx.expect(alive(place), () => new Error("gone"));
            tx.delete(name);
          });
          const writing = Array.from({ length: writers }, (_, n) =>
            store
              .update({}, (tx) => {
                tx.expect(alive(place), () => new Error("gone"));
                tx.put(child(under, `k${n}`), "v", "none");
              })
              .then(({ revision }) => revision)
              .catch((error: Error) => {
                expect(error.message).toBe("gone");
                return 0;
              }),
          );
          const [deleted, ...written] = await scheduler.waitFor(
            Promise.all([deleting, ...writing]),
          );
          for (const revision of written) expect(revision).toBeLessThan(deleted.revision);
        },
      ),
      propertyParameters(),
    );
  });
});
