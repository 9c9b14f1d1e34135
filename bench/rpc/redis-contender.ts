import type { Contender } from "../load/race.ts";
import { checkRedis, type Redis, runRedisBenchmark } from "../peers/redis.ts";

const commands = { get: "GET", set: "SET" } as const;

/** Calls Redis with redis-benchmark, in its own protocol: an order of magnitude to know, not a rival. */
export async function redisContender(redis: Redis): Promise<Contender> {
  await checkRedis(redis);
  return {
    name: "Redis (RESP)",
    pid: redis.server.pid,
    check: () => checkRedis(redis),
    run: ({ method, shape }, calls) =>
      runRedisBenchmark({ port: redis.port, command: commands[method], ...shape, calls }),
  };
}
