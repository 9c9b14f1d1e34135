import type { CheckResponse } from "#gen/tiffin/admin/v1/admin_service_pb.ts";
import type { AdminRoom } from "./admin-room.ts";

export async function check({ store }: AdminRoom): Promise<CheckResponse> {
  const problems = await store.check();
  return {
    $typeName: "tiffin.admin.v1.CheckResponse",
    ok: problems.length === 0,
    problems: problems.slice(0, problemsMax).map((problem) => problem.slice(0, problemLengthMax)),
    problemCount: BigInt(problems.length),
  };
}

const problemsMax = 100;
const problemLengthMax = 4096;
