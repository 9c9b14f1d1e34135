import type { RpcCall } from "../call.ts";
import type { StoredSession } from "./open-session.ts";
import { type OpenSession, openedBy, sessionKeyOf } from "./open-session.ts";
import type { SessionRoom } from "./session-room.ts";
import { finderKey } from "./session-spaces.ts";

/** The session that the id opens now. */
export async function readSession(
  { store, tenants }: Pick<SessionRoom, "store" | "tenants">,
  call: RpcCall,
  digest: string,
): Promise<OpenSession> {
  const found = await tenants.read(call, ({ number }) => [finderKey(number, digest)]);
  // Should the tenant end meanwhile, what is read is how it was left.
  const { entries } = await store.get([sessionKeyOf(found.tenant, found.entries[0])], call);
  return openedBy(digest, entries[0] as StoredSession | undefined, store.now());
}
