import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  QueryRequestSchema,
  QueryResponseSchema,
} from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import { BytesClient } from "../load/grpc-client.ts";
import { sample } from "../report/sample.ts";
import type { Table } from "../report/table.ts";
import { inMemory } from "./contenders.ts";
import { digestOf, type Question, questions } from "./questions.ts";
import { checkSame } from "./race-entrants.ts";
import { toSeriesQuery } from "./series-query.ts";

/** The same questions over gRPC and in process, in turn: what the wire adds. */
export async function servedQuestions(
  address: string,
  { values, rounds }: { readonly values: number; readonly rounds: number },
): Promise<Table> {
  await using inProcess = await inMemory.start();
  await inProcess.fill(values);
  using client = new BytesClient(address);
  const rows: Table["rows"][number][] = [];
  for (const question of questions) {
    const [alone, served]: [number[], number[]] = [[], []];
    let bytes = 0;
    for (let round = 0; round <= rounds; round++) {
      const { ms, digest } = await inProcess.ask(question, forMs);
      const answered = await askServed(client, question);
      checkSame("Tiffin over gRPC", { question, digest: answered.digest, expected: digest });
      bytes = answered.bytes;
      if (round === 0) continue;
      alone.push(ms);
      served.push(answered.ms);
    }
    rows.push({
      question: question.name,
      "in process, ms": sample(alone),
      "over gRPC, ms": sample(served),
      "the wire adds, ms": sample(served.map((ms, round) => ms - (alone[round] ?? Number.NaN))),
      "answer, KiB": bytes / 1024,
    });
  }
  return {
    title: `Questions over gRPC, ${values.toLocaleString("en")} values in memory`,
    note: "One connection, one call after the other, from sending to the decoded answer.",
    rows,
  };
}

async function askServed(client: BytesClient, question: Question) {
  const request = toBinary(
    QueryRequestSchema,
    create(QueryRequestSchema, { query: toSeriesQuery(question) }),
  );
  const begun = performance.now();
  for (let times = 1; ; times++) {
    const encoded = await client.call("/tiffin.analytics.v1.AnalyticsService/Query", request);
    const { groups } = fromBinary(QueryResponseSchema, encoded);
    const ms = performance.now() - begun;
    if (ms < forMs) continue;
    return { ms: ms / times, digest: digestOf(groups), bytes: encoded.length };
  }
}

const forMs = 50;
