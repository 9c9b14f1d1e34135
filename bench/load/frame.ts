/** A message as gRPC sends it: not compressed, its length, the message. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.alloc(frameHeadBytes + message.length);
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, frameHeadBytes);
  return framed;
}

export const frameHeadBytes = 5;
