import {
  create,
  type JsonObject,
  type JsonValue,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { EndReason, EventType, WatchResponseSchema } from "#gen/tiffin/session/v1/watch_pb.ts";
import { propertyParameters } from "../../test/support/property.ts";
import { key } from "../store/key.ts";
import { answerBytesOf } from "./answer-bytes.ts";
import { encodeSession, type SessionRecord } from "./session-record.ts";
import { toEvent } from "./watch-events.ts";

const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: fc.constantFrom("\u0000", '"', "\u{1f600}", "a") }),
);
const { data } = fc.letrec<{ data: JsonObject; value: JsonValue }>((tie) => ({
  data: fc.dictionary(text, tie("value")),
  value: fc.oneof(
    { maxDepth: 6 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.array(fc.constant(1)),
    fc.array(tie("value")),
    tie("data"),
  ),
}));
const time = fc.integer({ min: 0, max: 253_402_300_000_000 });
const anySession = fc.record({
  subject: text,
  data,
  client: fc.record({ ip: text, agent: text, device: text }),
  ...{ createdMs: time, usedMs: time, absoluteMs: time, rotatedMs: time },
});

test("an event takes no more than was counted for its session, in either encoding", () => {
  fc.assert(
    fc.property(anySession, ({ subject, ...told }) => {
      const policy = { idleMs: 1, touchMs: 0, renewalMs: 1, subjectMax: 1, refuses: false };
      const version = Number.MAX_SAFE_INTEGER;
      const record: SessionRecord = { version, policy, ids: [], ...told };
      const value = encodeSession(record);
      const entry = { key: key(), value, version, created: version, bytes: 0 };
      const session = { key: key(), handle: "h".repeat(22), subject, record, entry };
      const type = EventType.DELETED;
      const event = toEvent({ type, session, endReason: EndReason.SUBJECT_CHANGED }, 2n ** 62n);
      const message = create(WatchResponseSchema, { events: [event] });
      const bytes = answerBytesOf(session);
      expect(toBinary(WatchResponseSchema, message).length).toBeLessThanOrEqual(bytes);
      expect(Buffer.byteLength(toJsonString(WatchResponseSchema, message))).toBeLessThanOrEqual(
        bytes,
      );
    }),
    propertyParameters(300),
  );
});
