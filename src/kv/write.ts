import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { rpcCallOf } from "../call.ts";
import { answerIdentified, type WriteMethod } from "../identified-write.ts";
import type { Tx, Updated } from "../store/store.ts";
import { expectFound, type KeyLocks, NamespaceTx, toLocks } from "./namespace-tx.ts";
import type { Room } from "./room.ts";

/** One write: what it locks and what an attempt at it does. */
export interface Write<T> {
  readonly namespace: string;
  readonly locks: KeyLocks;
  readonly attempt: (space: NamespaceTx) => T | Promise<T>;
}

/** Runs the write in its namespace, whatever becomes of that meanwhile. */
export function runWrite<T>(
  { reach, store }: Room,
  context: HandlerContext,
  { namespace, locks, attempt }: Write<T>,
): Promise<Updated<T>> {
  const call = rpcCallOf(context);
  return reach.inNamespace(call, namespace, (found) =>
    store.update(
      toLocks(found, locks),
      (tx) => {
        expectFound(tx, found);
        return attempt(new NamespaceTx(tx, found));
      },
      call,
    ),
  );
}

interface Answering<Request extends DescMessage, Response extends DescMessage> {
  readonly method: WriteMethod<Request, Response>;
  readonly request: MessageShape<Request> & { readonly requestId: string };
  readonly write: Write<MessageShape<Response>>;
}

/** Runs the write and answers it; under a request id once, and then again what it answered. */
export async function answerWrite<Request extends DescMessage, Response extends DescMessage>(
  room: Room,
  context: HandlerContext,
  { method, request, write }: Answering<Request, Response>,
): Promise<MessageShape<Response>> {
  const { namespace, locks, attempt } = write;
  if (request.requestId === "") {
    const { result, revision } = await runWrite(room, context, write);
    return method.stamp(result, BigInt(revision));
  }
  return room.reach.inNamespace(rpcCallOf(context), namespace, (found) =>
    answerIdentified(room.store, context, {
      method,
      request,
      tenant: found.tenant.number,
      locks: toLocks(found, locks),
      guard: (tx: Tx) => expectFound(tx, found),
      attempt: (tx: Tx) => attempt(new NamespaceTx(tx, found)),
    }),
  );
}
