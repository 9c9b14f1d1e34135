import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { rpcCallOf } from "./call.ts";
import { limitExceeded } from "./errors.ts";
import { requestDigest } from "./request-digest.ts";
import { type ByteString, fromByteString, toByteString } from "./store/byte-string.ts";
import { answerOnce } from "./store/layers/request-memory.ts";
import type { Locks, Store, Tx } from "./store/store.ts";

/** What writes under a request id need to know of a method. */
export interface WriteMethod<Request extends DescMessage, Response extends DescMessage> {
  readonly name: string;
  readonly request: Request;
  readonly response: Response;
  /** The answer as it is remembered. */
  withoutPrevious(response: MessageShape<Response>): MessageShape<Response>;
  /** Fills in the commit's revision where the attempt, which could not know it, left zero. */
  stamp(response: MessageShape<Response>, revision: bigint): MessageShape<Response>;
}

interface IdentifiedWrite<Request extends DescMessage, Response extends DescMessage> {
  readonly method: WriteMethod<Request, Response>;
  readonly request: MessageShape<Request> & { readonly requestId: string };
  /** The number of the tenant in whose memory the id is looked for. */
  readonly tenant: number;
  readonly locks: Locks;
  /** What must hold for a repeat to be answered too. */
  readonly guard?: (tx: Tx) => void;
  readonly attempt: (tx: Tx) => Promise<MessageShape<Response>> | MessageShape<Response>;
}

/** Runs a write that has a request id, or answers again what it answered, and says so in a header. */
export async function answerIdentified<Request extends DescMessage, Response extends DescMessage>(
  store: Store,
  context: HandlerContext,
  write: IdentifiedWrite<Request, Response>,
): Promise<MessageShape<Response>> {
  const { method, request, tenant } = write;
  const asked = { tenant, method: method.name, id: request.requestId };
  let fresh: MessageShape<Response> | undefined;
  const answered = await answerOnce(
    store,
    { ...asked, digest: toByteString(requestDigest(method.request, request)) },
    {
      locks: write.locks,
      ...(write.guard === undefined ? {} : { guard: write.guard }),
      attempt: async (tx) => {
        fresh = await write.attempt(tx);
        return remembered(method, fresh, store.limits.valueBytes);
      },
      call: rpcCallOf(context),
    },
  );
  if (answered.replayed) context.responseHeader.set(replayedHeader, "true");
  const response =
    answered.replayed || fresh === undefined
      ? fromBinary(method.response, fromByteString(answered.answer))
      : fresh;
  return method.stamp(response, BigInt(answered.revision));
}

function remembered<Response extends DescMessage>(
  method: WriteMethod<DescMessage, Response>,
  response: MessageShape<Response>,
  bytesMax: number,
): ByteString {
  const bytes = toBinary(method.response, method.withoutPrevious(response));
  const max = bytesMax - digestRoomBytes;
  if (bytes.length > max) throw limitExceeded("remembered answer bytes", max, bytes.length);
  return toByteString(bytes);
}

/** Says that an answer was given before, and its effect not applied again. */
export const replayedHeader = "tiffin-replayed";
/** The digest is remembered beside the answer. */
const digestRoomBytes = 128;
