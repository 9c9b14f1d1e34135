import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { QueryResponse } from "#gen/tiffin/analytics/v1/analytics_service_pb.ts";
import {
  Granularity,
  type Group,
  type Period,
  type SeriesQuery,
  type SeriesQuerySchema,
} from "#gen/tiffin/analytics/v1/query_pb.ts";
import { one, type SeriesInit } from "./rpc-analytics-parts.ts";
import { msOf } from "./rpc-messages.ts";
import type { RpcSubject } from "./rpc-subject.ts";

type SeriesQueryInit = Exclude<MessageInitShape<typeof SeriesQuerySchema>, SeriesQuery>;
export interface QueryInit extends Omit<SeriesQueryInit, "$typeName" | "startTime" | "endTime"> {
  readonly from?: string;
  readonly to?: string;
}

export const instant = (iso: string) => timestampFromMs(Date.parse(iso));

/** A query by month and project, of which only what matters needs to be said. */
export const queryOf = ({
  from,
  to,
  ...init
}: QueryInit): MessageInitShape<typeof SeriesQuerySchema> => ({
  granularity: Granularity.MONTHLY,
  select: [{ dimension: "project" }],
  ...init,
  ...(from === undefined ? {} : { startTime: instant(from) }),
  ...(to === undefined ? {} : { endTime: instant(to) }),
});

export const asked = ({ analytics }: RpcSubject, init: QueryInit): Promise<QueryResponse> =>
  analytics.query({ query: queryOf(init) });

/** A value of a project at an instant. */
export const valued = (
  at: string,
  value: number,
  init: SeriesInit & { project?: string } = {},
): SeriesInit => {
  const { project = "p", ...rest } = init;
  return one({ startTime: instant(at), value, dimensions: { project }, ...rest });
};

export const added = ({ analytics }: RpcSubject, ...series: SeriesInit[]) =>
  analytics.addSeries({ series });

/** What a group stands for. */
export const nameOf = ({ dimensions, metric, unit }: Group): string =>
  [...dimensions.map(({ path }) => path), metric, unit].join(" ").trim();

export const namesOf = ({ groups }: Pick<QueryResponse, "groups">): string[] => groups.map(nameOf);

/** The values of each group, by what it stands for. */
export const valuesOf = ({ groups }: Pick<QueryResponse, "groups">): Record<string, number[]> =>
  Object.fromEntries(groups.map((group) => [nameOf(group), group.value]));

export const sumsOf = ({ groups }: Pick<QueryResponse, "groups">): Record<string, number[]> =>
  Object.fromEntries(groups.map((group) => [nameOf(group), group.sum]));

export const labelsOf = (periods: readonly Period[]): string[] => periods.map(({ label }) => label);

/** Labels, each with where its period begins, and where the last one ends. */
export const cutsOf = (periods: readonly Period[]): string[] => {
  const text = (time: Period["startTime"]): string =>
    new Date(msOf(time) ?? 0).toISOString().replace(/(T00:00)?(:00)?(\.000)?Z$/, "");
  const starts = periods.map(({ label, startTime }) => `${label} ${text(startTime)}`);
  return [...starts, `end ${text(periods.at(-1)?.endTime)}`];
};

/** The first group's columns. */
export function first({ groups }: Pick<QueryResponse, "groups">): Group {
  const [group] = groups;
  if (group === undefined) throw new Error("there are no groups");
  return group;
}
