/** What a client spends on an answer in columns, and on the same in rows: `node decoding-child.ts ROUNDS`, answers in JSON. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { QueryResponseSchema } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { groupedPeriods } from "../../gen/typescript/lib/grouped-periods.ts";
import { sameRandom } from "../store/random.ts";
import { yearStartMs } from "./sample-series.ts";

const [rounds = "1"] = process.argv.slice(2);
const random = sameRandom();
const answer = create(QueryResponseSchema, {
  periods: Array.from({ length: 366 }, (_, day) => ({
    label: new Date(yearStartMs + day * dayMs()).toISOString().slice(0, 10).replaceAll("-", "/"),
    startTime: timestampFromMs(yearStartMs + day * dayMs()),
    endTime: timestampFromMs(yearStartMs + (day + 1) * dayMs()),
  })),
  groups: Array.from({ length: 50 }, (_, group) => ({
    dimensions: [
      { name: "project", path: `atlas/p${group % 5}` },
      { name: "region", path: `r${group % 10}` },
    ],
    metric: "Budget",
    unit: "DAI",
    value: numbers(),
    sum: numbers(),
  })),
});
const columns = toBinary(QueryResponseSchema, answer);
const rows = JSON.stringify([...groupedPeriods(answer)]);
let kept: unknown; // what is measured must not be optimized away
const results = {
  columnsBytes: columns.length,
  rowsBytes: Buffer.byteLength(rows),
  columnsMs: measured(() => fromBinary(QueryResponseSchema, columns)),
  columnsAsRowsMs: measured(() => [...groupedPeriods(fromBinary(QueryResponseSchema, columns))]),
  rowsMs: measured(() => JSON.parse(rows)),
};
if (kept === undefined) throw new Error("nothing was decoded");
console.log(JSON.stringify(results));

/** By round, the mean over a while. */
function measured(decode: () => unknown): number[] {
  const means: number[] = [];
  for (let round = -1; round < Number(rounds); round++) {
    const begun = performance.now();
    let times = 0;
    for (; performance.now() - begun < 300; times++) kept = decode();
    if (round >= 0) means.push((performance.now() - begun) / times);
  }
  return means;
}

function numbers(): number[] {
  return Array.from({ length: 366 }, () => random() * 1000);
}

function dayMs(): number {
  return 24 * 3_600_000;
}
