import { create } from "@bufbuild/protobuf";
import {
  type QueryResponse,
  QueryResponseSchema,
  type StreamQueryResponse,
} from "../src/tiffin/analytics/v1/analytics_service_pb.ts";

/** What a StreamQuery answers, gathered into what Query would have answered: periods and groups alike may come in several messages. */
export async function streamedAnswer(
  parts: AsyncIterable<StreamQueryResponse>,
): Promise<QueryResponse> {
  const answer = create(QueryResponseSchema);
  for await (const part of parts) {
    answer.periods.push(...part.periods);
    answer.comparedPeriods.push(...part.comparedPeriods);
    answer.groups.push(...part.groups);
    if (part.profile !== undefined) answer.profile = part.profile;
    if (part.rolledUpBefore !== undefined) answer.rolledUpBefore = part.rolledUpBefore;
    if (part.revision !== 0n) answer.revision = part.revision;
  }
  return answer;
}
