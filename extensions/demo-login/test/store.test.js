import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { openStore } from "../src/store.js";

function open(t) {
  const folder = mkdtempSync(join(tmpdir(), "demo-login-store-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const store = openStore(folder);
  t.after(() => store.close());
  return store;
}

test("a grant's revocation removes its tokens and nobody else's", async (t) => {
  const tokens = open(t).adapter("RefreshToken");
  await tokens.upsert("one", { jti: "one", grantId: "mine" }, 60);
  await tokens.upsert("two", { jti: "two", grantId: "mine" }, 60);
  await tokens.upsert("three", { jti: "three", grantId: "theirs" }, 60);
  await tokens.revokeByGrantId("mine");
  assert.deepEqual([await tokens.find("one"), await tokens.find("two")], [undefined, undefined]);
  assert.equal((await tokens.find("three")).grantId, "theirs");
});

test("a token is consumed once", async (t) => {
  const tokens = open(t).adapter("RefreshToken");
  await tokens.upsert("one", { jti: "one", grantId: "mine" }, 60);
  const answers = await Promise.allSettled([
    tokens.consume("one"),
    tokens.consume("one"),
    tokens.consume("missing"),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ["fulfilled", "rejected", "rejected"],
  );
  assert.equal(typeof (await tokens.find("one")).consumed, "number");
});

test("a sweep removes what has expired, indexes included, and leaves the rest", async (t) => {
  const store = open(t);
  const sessions = store.adapter("Session");
  await sessions.upsert("dead", { jti: "dead", uid: "dead-uid" }, -1);
  await sessions.upsert("alive", { jti: "alive", uid: "alive-uid" }, 60);
  assert.equal(await store.sweep(), 1);
  assert.equal(store.count(), 1);
  assert.equal(await sessions.findByUid("dead-uid"), undefined);
  assert.equal((await sessions.findByUid("alive-uid")).jti, "alive");
});

test("a session keeps its uid when its id changes", async (t) => {
  const sessions = open(t).adapter("Session");
  await sessions.upsert("old", { jti: "old", uid: "uid" }, 60);
  await sessions.upsert("new", { jti: "new", uid: "uid" }, 60);
  await sessions.destroy("old");
  assert.equal((await sessions.findByUid("uid")).jti, "new");
});
