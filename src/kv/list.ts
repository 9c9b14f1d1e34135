import type { HandlerContext } from "@connectrpc/connect";
import type { Entry } from "#gen/tiffin/kv/v1/entry_pb.ts";
import type { ListRequest, ListResponse } from "#gen/tiffin/kv/v1/key_value_service_pb.ts";
import { rpcCallOf } from "../call.ts";
import { fragmentBytesMax } from "../fragments.ts";
import { fromPageToken, toPageSize, toPageToken } from "../page-token.ts";
import { child, type Key, key, stringAfter } from "../store/key.ts";
import type { Page } from "../store/store.ts";
import { checkNamespace } from "./checked-key.ts";
import { answerBytesOf, type StoredEntry, toEntryInView } from "./entry.ts";
import type { Room } from "./room.ts";
import { type Selection, toRange, toSelection } from "./selector.ts";

export async function list(
  { reach, limits }: Room,
  request: ListRequest,
  context: HandlerContext,
): Promise<ListResponse> {
  checkNamespace(request.namespace);
  const call = rpcCallOf(context);
  const selection = toSelection(request.selector, limits.keyBytesMax);
  const query = queryOf(call.tenant, request, selection);
  const last = fromPageToken(query, request.pageToken);
  const { head, place, page } = await reach.page(call, request.namespace, (entries) => ({
    range: toRange(entries, selection),
    options: {
      limit: toPageSize(request.pageSize),
      descending: request.descending,
      ...(last === undefined ? {} : { after: child(entries, last) }),
    },
  }));
  const response: ListResponse = {
    $typeName: "tiffin.kv.v1.ListResponse",
    entries: [],
    nextPageToken: "",
    revision: BigInt(head),
  };
  if (place === undefined || page === undefined) return response;
  const next = fill(response.entries, page, {
    root: place.entries,
    view: request.view,
    bytesMax: fragmentBytesMax(limits) - pageTokenBytesMax,
  });
  if (next !== undefined) response.nextPageToken = toPageToken(query, next);
  return response;
}

/** Puts the page into the answer, as much of it as one has room for; answers after which key the next page begins. */
function fill(
  entries: Entry[],
  page: Page,
  { root, view, bytesMax }: { root: Key; view: ListRequest["view"]; bytesMax: number },
): string | undefined {
  let bytes = 0;
  for (const stored of page.entries as readonly StoredEntry[]) {
    const name = stringAfter(root, stored.key);
    bytes += answerBytesOf(name, stored, view);
    const previous = entries.at(-1);
    if (bytes > bytesMax && previous !== undefined) return previous.key;
    entries.push(toEntryInView(name, stored, view));
  }
  return page.next && stringAfter(root, page.next);
}

/** All that the request says but for the page's size and token. */
function queryOf(
  tenant: string,
  { namespace, descending, view }: ListRequest,
  { start, end }: Selection,
): Key {
  return key("List", tenant, namespace, start, end, descending ? 1 : 0, view);
}

/** The token names the page's last key, in base64, with a digest. */
const pageTokenBytesMax = 1500;
