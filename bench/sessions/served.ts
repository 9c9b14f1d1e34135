import { BytesClient } from "../load/grpc-client.ts";
import { contractCalls } from "../peers/key-value.ts";
import { startTiffin } from "../peers/tiffin.ts";
import { openScratchFolder } from "../process/scratch-folder.ts";
import { untilReady } from "../process/server-process.ts";
import type { Table } from "../report/table.ts";
import { keyValueCourses } from "./key-value-courses.ts";
import { type Runner, raceCourses } from "./served-race.ts";
import { sessionCourses } from "./session-courses.ts";

/** Sessions over gRPC, beside keys and values in the same run. */
export async function benchServed(rounds: number): Promise<Table[]> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await openScratchFolder());
  const runners: Runner[] = [];
  for (const course of [...keyValueCourses(records), ...sessionCourses(records)]) {
    const tiffin = await startTiffin({ folder });
    stack.use(tiffin.server);
    await untilReady(tiffin.server, async () => {
      using client = new BytesClient(tiffin.address);
      await client.call(contractCalls.set.path, contractCalls.set.request);
    });
    runners.push({ course, tiffin });
  }
  const tables: Table[] = [];
  for (const shape of shapes) {
    tables.push({
      title: `Sessions over gRPC, ${shape.connections} x ${shape.streams}`,
      note: `${shape.connections} connections with ${shape.streams} calls in flight on each; ${records} records in turn, 120 bytes of JSON in each. Ratios are of the server's CPU.`,
      rows: await raceCourses(runners, shape, rounds),
    });
  }
  return tables;
}

const records = 4096;
const shapes = [
  { connections: 8, streams: 16 },
  { connections: 1, streams: 1 },
];
