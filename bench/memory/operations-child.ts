/** Times the store's operations in a process of its own: `node operations-child.ts KEYS ROUNDS`, answers in JSON. */
import { fill, openBenchSpace } from "../store/bench-space.ts";
import {
  deleteAsRoom,
  floorOf,
  getAlone,
  getAsRoom,
  listAsRoom,
  type Operation,
  operands,
  putAlone,
  setAsRoom,
} from "../store/operations.ts";
import { sameRandom } from "../store/random.ts";
import { type Timed, timed } from "../store/timed.ts";

interface Step {
  readonly name: string;
  readonly operation: Operation;
  readonly count: number;
  /** Neighbours, each once, instead of any. */
  readonly distinct?: boolean;
}

const [keys, rounds] = process.argv.slice(2).map(Number) as [number, number];
const random = sameRandom();
const space = await openBenchSpace("memory:", 16 * 2 ** 20);
await fill(space, keys);

const many = 20_000;
/** Deleted and created again in turn, so that the store keeps its size. */
const churned = Math.min(10_000, keys / 2);
const floor = floorOf(keys);
const steps: readonly Step[] = [
  { name: "floor: a Map's get", operation: floor.get, count: many },
  { name: "floor: a Map's set", operation: floor.set, count: many },
  { name: "get", operation: getAsRoom(space), count: many },
  { name: "get, one key alone", operation: getAlone(space), count: many },
  { name: "set, overwriting", operation: setAsRoom(space), count: many },
  { name: "put alone, overwriting", operation: putAlone(space), count: many },
  { name: "delete", operation: deleteAsRoom(space), count: churned, distinct: true },
  { name: "set, creating", operation: setAsRoom(space), count: churned, distinct: true },
  { name: "list of 100", operation: listAsRoom(space), count: 2_000 },
];

// The first rounds are not measured: they compile what is hot, and let the collector settle after the filling.
const warmUpRounds = 3;
const results = new Map<string, Timed[]>(steps.map(({ name }) => [name, []]));
for (let round = -warmUpRounds; round < rounds; round++) {
  const first = Math.floor(random() * (keys - churned));
  for (const step of steps) {
    const result = await timeStep(step, first);
    if (round >= 0) results.get(step.name)?.push(result);
  }
}
await space.store.close();
console.log(JSON.stringify(Object.fromEntries(results)));

function timeStep({ operation, count, distinct }: Step, first: number): Promise<Timed> {
  const indexes = Array.from({ length: count }, (_, index) =>
    distinct === true ? first + index : Math.floor(random() * keys),
  );
  const { names, values } = operands(indexes);
  return timed(count, async () => {
    for (let at = 0; at < count; at++) await operation(names[at] as string, values[at] as string);
  });
}
