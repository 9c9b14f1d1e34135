import { Code } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { contentOf, durationOf, failureOf, inShort, msOf, text } from "./rpc-messages.ts";
import type { RpcSubject, RpcUnderTest } from "./rpc-subject.ts";

export function describeTenants(subject: RpcUnderTest): void {
  describe("tenants", () => {
    let rpc: RpcSubject;
    beforeEach(async () => {
      rpc = await subject.open();
    });
    afterEach(() => rpc.close());

    const as = (name: string) => ({ headers: { "tiffin-tenant": name } });

    test("what is created is read, listed and usable", async () => {
      const labels = { team: "blue", ["__proto__"]: "x" };
      const created = await rpc.tenants.create({
        tenant: { name: "acme", displayName: "Acme", labels },
      });
      expect(created.tenant).toMatchObject({
        name: "acme",
        displayName: "Acme",
      });
      expect(Object.entries(created.tenant?.labels ?? {}).sort()).toEqual([
        ["__proto__", "x"],
        ["team", "blue"],
      ]);
      expect(msOf(created.tenant?.createTime)).toBe(rpc.clock.now());
      expect(created.tenant?.version).toBeGreaterThan(0n);
      expect((await rpc.tenants.get({ name: "acme" })).tenant).toEqual(created.tenant);
      const { tenants } = await rpc.tenants.list({});
      expect(tenants.map(({ name }) => name)).toEqual(["acme", "default"]);
      await rpc.kv.set({ key: "a", value: text("one") }, as("acme"));
      expect((await rpc.kv.get({ key: "a" })).entry).toBeUndefined();
    });

    test("a name is taken once", async () => {
      await rpc.tenants.create({ tenant: { name: "acme" } });
      for (const name of ["acme", "default"]) {
        expect(await failureOf(rpc.tenants.create({ tenant: { name } }))).toMatchObject({
          code: Code.AlreadyExists,
          reason: "TENANT_ALREADY_EXISTS",
          metadata: { tenant: name },
        });
      }
    });

    test("names, display names and labels keep to their rules", async () => {
      const refused = { code: Code.InvalidArgument, reason: "INVALID_FIELD" };
      const bad = [
        { name: "" },
        { name: "Acme" },
        { name: "-a" },
        { name: "a".repeat(64) },
        { name: "a", displayName: "x".repeat(257) },
        { name: "a", labels: { "": "x" } },
        { name: "a", labels: { a: "x".repeat(257) } },
      ];
      for (const tenant of bad) {
        expect(await failureOf(rpc.tenants.create({ tenant }))).toMatchObject(refused);
      }
      expect(await failureOf(rpc.tenants.create({}))).toMatchObject(refused);
      expect((await rpc.tenants.list({})).tenants).toHaveLength(1);
    });

    test("one that is not there is not found", async () => {
      const failure = { code: Code.NotFound, reason: "TENANT_NOT_FOUND" };
      expect(await failureOf(rpc.tenants.get({ name: "absent" }))).toMatchObject(failure);
      const update = rpc.tenants.update({ tenant: { name: "absent", displayName: "x" } });
      expect(await failureOf(update)).toMatchObject(failure);
      for (const name of ["absent", "No Name", "long".repeat(1000)]) {
        expect(await rpc.tenants.delete({ name })).toMatchObject({ deleted: false });
      }
    });

    test("an update changes what its mask names, or else what says something", async () => {
      const { tenants } = rpc;
      const name = "acme";
      await tenants.create({ tenant: { name, displayName: "Acme", labels: { a: "1" } } });
      rpc.clock.advance(5);
      const update = async (tenant: object, paths?: string[]) =>
        (
          await tenants.update({
            tenant: { name, ...tenant },
            ...(paths === undefined ? {} : { updateMask: { paths } }),
          })
        ).tenant;
      expect(await update({ displayName: "B" })).toMatchObject({
        displayName: "B",
        labels: { a: "1" },
      });
      expect(await update({ displayName: "C", labels: { b: "2" } }, ["labels"])).toMatchObject({
        displayName: "B",
        labels: { b: "2" },
      });
      expect(await update({ labels: { c: "3" } }, ["display_name"])).toMatchObject({
        displayName: "",
        labels: { b: "2" },
      });
      expect((await update({}, ["*"]))?.labels).toEqual({});
      const { tenant } = await tenants.get({ name });
      expect(msOf(tenant?.updateTime)).toBe(rpc.clock.now());
      expect(msOf(tenant?.createTime)).toBe(rpc.clock.now() - 5);
      for (const path of ["name", "create_time", "labels.a", "nonsense"]) {
        expect(await failureOf(update({}, [path]))).toMatchObject({
          code: Code.InvalidArgument,
          reason: "INVALID_FIELD",
          fields: ["update_mask"],
        });
      }
    });

    const day = 24 * 3_600_000;
    const bounds = {
      idleTimeoutMax: durationOf(600_000),
      absoluteTimeoutMax: durationOf(day),
      subjectSessionsMax: 3,
    };

    test("bounds of its sessions are read as they were set, changed by their mask, and cleared", async () => {
      const { tenants } = rpc;
      const name = "acme";
      const created = await tenants.create({ tenant: { name, sessionBounds: bounds } });
      expect(created.tenant?.sessionBounds).toMatchObject(bounds);
      expect((await tenants.get({ name })).tenant).toEqual(created.tenant);
      expect((await tenants.get({ name: "default" })).tenant?.sessionBounds).toBeUndefined();
      const update = async (tenant: object, paths?: string[]) => {
        const updateMask = paths === undefined ? {} : { updateMask: { paths } };
        await tenants.update({ tenant: { name, ...tenant }, ...updateMask });
        return (await tenants.get({ name })).tenant?.sessionBounds;
      };
      expect(await update({ displayName: "A" })).toMatchObject(bounds);
      expect(await update({ displayName: "B", sessionBounds: {} })).toMatchObject(bounds);
      const fewer = { $typeName: "tiffin.tenant.v1.SessionBounds", subjectSessionsMax: 2 };
      expect(await update({ sessionBounds: { subjectSessionsMax: 2 } })).toEqual(fewer);
      expect(await update({ sessionBounds: bounds }, ["display_name"])).toEqual(fewer);
      expect(await update({ sessionBounds: bounds }, ["session_bounds"])).toMatchObject(bounds);
      expect(await update({}, ["session_bounds"])).toBeUndefined();
      expect(await update({ sessionBounds: bounds }, ["*"])).toMatchObject(bounds);
      expect(await update({}, ["*"])).toBeUndefined();
    });

    test("bounds of its sessions keep to their rules", async () => {
      const { tenants } = rpc;
      const refused = { code: Code.InvalidArgument, reason: "INVALID_FIELD" };
      const unsound = [
        { idleTimeoutMax: durationOf(0) },
        { absoluteTimeoutMax: { seconds: -1n } },
        { subjectSessionsMax: 501 },
        { subjectSessionsMax: -1 },
      ];
      for (const sessionBounds of unsound) {
        const tenant = { name: "acme", sessionBounds };
        expect(await failureOf(tenants.create({ tenant }))).toMatchObject(refused);
      }
      const longest = { seconds: 315_576_000_000n, nanos: 0 };
      const sessionBounds = { idleTimeoutMax: longest, absoluteTimeoutMax: { nanos: 1 } };
      const { tenant } = await tenants.create({ tenant: { name: "acme", sessionBounds } });
      expect(tenant?.sessionBounds).toMatchObject({
        idleTimeoutMax: longest,
        absoluteTimeoutMax: durationOf(1),
      });
      const subpath = { paths: ["session_bounds.idle_timeout_max"] };
      const update = tenants.update({ tenant: { name: "acme" }, updateMask: subpath });
      expect(await failureOf(update)).toMatchObject({ ...refused, fields: ["update_mask"] });
    });

    test("bounds of its sessions hold for those created from then on, and for no other tenant's", async () => {
      const { tenants, sessions } = rpc;
      await tenants.create({ tenant: { name: "acme" } });
      const policy = {
        idleTimeout: durationOf(700_000),
        absoluteTimeout: durationOf(2 * day),
        subjectSessionsMax: 4,
      };
      const before = await sessions.create({ subject: "ada", policy }, as("acme"));
      await tenants.update({ tenant: { name: "acme", sessionBounds: bounds } });
      const beyond = {
        "policy.idle_timeout": { idleTimeout: policy.idleTimeout },
        "policy.absolute_timeout": { absoluteTimeout: policy.absoluteTimeout },
        "policy.subject_sessions_max": { subjectSessionsMax: 4 },
      };
      for (const [field, asked] of Object.entries(beyond)) {
        const call = sessions.create({ subject: "ada", policy: asked }, as("acme"));
        expect(await failureOf(call)).toMatchObject({
          code: Code.InvalidArgument,
          reason: "INVALID_FIELD",
          fields: [field],
        });
        await sessions.create({ subject: "ada", policy: asked });
      }
      const { session } = await sessions.create({ subject: "bob" }, as("acme"));
      const now = rpc.clock.now();
      expect(msOf(session?.idleExpireTime)).toBe(now + 600_000 + 1000);
      expect(msOf(session?.absoluteExpireTime)).toBe(now + Math.min(day, 12 * 3_600_000));
      for (let at = 0; at < 3; at++) await sessions.create({ subject: "bob" }, as("acme"));
      const ofBob = await sessions.listBySubject({ subject: "bob" }, as("acme"));
      expect(ofBob.sessions).toHaveLength(3);
      const kept = await sessions.get({ sessionId: before.sessionId }, as("acme"));
      expect(kept.session?.absoluteExpireTime).toEqual(before.session?.absoluteExpireTime);
    });

    test("an update does not disturb what is the tenant's", async () => {
      await rpc.kv.set({ key: "a", value: text("one") });
      await rpc.tenants.update({ tenant: { name: "default", displayName: "D" } });
      await rpc.kv.set({ key: "b", value: text("two") });
      expect(inShort(await contentOf(rpc))).toEqual({ a: "one", b: "two" });
    });

    test("an expected version guards updates and deletions", async () => {
      const { tenants } = rpc;
      const created = await tenants.create({ tenant: { name: "acme" } });
      const old = created.tenant?.version ?? 0n;
      const changed = { name: "acme", displayName: "B" };
      const { tenant } = await tenants.update({ tenant: changed, expectedVersion: old });
      const failure = {
        code: Code.Aborted,
        reason: "PRECONDITION_FAILED",
        metadata: { expected: String(old), actual: String(tenant?.version) },
      };
      const again = tenants.update({ tenant: changed, expectedVersion: old });
      expect(await failureOf(again)).toMatchObject(failure);
      const deletion = tenants.delete({ name: "acme", expectedVersion: old });
      expect(await failureOf(deletion)).toMatchObject(failure);
      expect((await tenants.get({ name: "acme" })).tenant).toEqual(tenant);
      const version = tenant?.version ?? 0n;
      expect((await tenants.delete({ name: "acme", expectedVersion: version })).deleted).toBe(true);
      const gone = tenants.delete({ name: "acme", expectedVersion: version });
      expect(await failureOf(gone)).toMatchObject({ metadata: { actual: "0" } });
    });

    test("a deleted one is unreachable at once, and its name begins anew", async () => {
      const { kv, tenants } = rpc;
      await tenants.create({ tenant: { name: "acme" } });
      await kv.set({ namespace: "n", key: "a", value: text("old") }, as("acme"));
      expect(await tenants.delete({ name: "acme" })).toMatchObject({ deleted: true });
      const gone = { code: Code.NotFound, reason: "TENANT_NOT_FOUND" };
      expect(await failureOf(kv.get({ namespace: "n", key: "a" }, as("acme")))).toMatchObject(gone);
      const set = kv.set({ namespace: "n", key: "b", value: text("new") }, as("acme"));
      expect(await failureOf(set)).toMatchObject(gone);
      await tenants.create({ tenant: { name: "acme" } });
      expect((await kv.get({ namespace: "n", key: "a" }, as("acme"))).entry).toBeUndefined();
      await kv.set({ namespace: "n", key: "b", value: text("new") }, as("acme"));
      expect(inShort(await contentOf(rpc, "n", as("acme").headers))).toEqual({ b: "new" });
    });

    test("default cannot be deleted", async () => {
      expect(await failureOf(rpc.tenants.delete({ name: "default" }))).toMatchObject({
        code: Code.FailedPrecondition,
        reason: "TENANT_PROTECTED",
      });
      await rpc.kv.get({ key: "a" });
    });

    test("there are so many and no more", async () => {
      const small = await subject.open({ tenantsMax: 2 });
      await small.tenants.create({ tenant: { name: "one" } });
      expect(await failureOf(small.tenants.create({ tenant: { name: "two" } }))).toMatchObject({
        code: Code.ResourceExhausted,
        reason: "LIMIT_EXCEEDED",
        metadata: { limit: "tenants", max: "2", actual: "3" },
      });
      await small.tenants.delete({ name: "one" });
      await small.tenants.create({ tenant: { name: "two" } });
      await small.close();
    });

    test("are listed by name, page by page", async () => {
      for (const name of ["c", "a", "e", "b"]) await rpc.tenants.create({ tenant: { name } });
      const seen: string[] = [];
      let pageToken = "";
      do {
        const page = await rpc.tenants.list({ pageSize: 2, pageToken });
        seen.push(...page.tenants.map(({ name }) => name));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      expect(seen).toEqual(["a", "b", "c", "default", "e"]);
    });
  });
}
