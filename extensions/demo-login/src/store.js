import { join } from "node:path";

import { open } from "lmdb";
import { errors } from "oidc-provider";

// What the library makes is 43 characters long; what a stranger sends as a token may be anything.
const LONGEST_ID = 128;
// What a grant's revocation takes with it. A login in progress names its grant too, and must go on.
const REVOCABLE = ["AuthorizationCode", "AccessToken", "RefreshToken"];
const SWEEP_EVERY_MS = 10 * 60 * 1000;

/**
 * Sessions, grants and tokens on disk, so that a restart logs nobody out.
 *
 * Three tables: `records` (model and id → payload), `members` (grant → its records, for revocation) and
 * `sessions` (uid → id). Whether a record has expired is for the library to say, which knows the clock
 * tolerance; the store only removes what is long dead.
 */
export function openStore(dataDir, { clockToleranceSeconds = 0 } = {}) {
  const root = open({ path: join(dataDir, "store.mdb"), maxDbs: 4 });
  const tables = {
    records: root.openDB({ name: "records", encoding: "json" }),
    members: root.openDB({ name: "members", encoding: "ordered-binary", dupSort: true }),
    sessions: root.openDB({ name: "sessions", encoding: "json" }),
  };
  const write = (work) => root.transaction(work);
  const sweep = () => write(() => removeExpired(tables, Date.now() - clockToleranceSeconds * 1000));
  const timer = setInterval(sweep, SWEEP_EVERY_MS).unref();
  return {
    adapter: (model) => adapterFor(model, tables, write),
    sweep,
    count: () => tables.records.getCount(),
    async close() {
      clearInterval(timer);
      await root.close();
    },
  };
}

/** The library's adapter interface for one of its models. */
function adapterFor(model, tables, write) {
  const keyOf = (id) => `${model}:${id}`;
  const payloadOf = (id) => (id?.length <= LONGEST_ID ? tables.records.get(keyOf(id))?.payload : undefined);
  return {
    find: async (id) => payloadOf(id),
    findByUid: async (uid) => (uid?.length <= LONGEST_ID ? payloadOf(tables.sessions.get(uid)) : undefined),
    // Asked for by the interface; the flow that uses it (device codes) is switched off.
    findByUserCode: async () => undefined,
    upsert: (id, payload, expiresIn) => write(() => put(tables, model, id, payload, expiresIn)),
    destroy: (id) => write(() => remove(tables, keyOf(id))),
    revokeByGrantId: (grantId) =>
      write(() => {
        for (const key of [...tables.members.getValues(grantId)]) remove(tables, key);
      }),
    async consume(id) {
      const isFirst = await write(() => markConsumed(tables, keyOf(id)));
      // The library looks and marks in two steps: of two requests at once, only one may have the token.
      if (!isFirst) throw new errors.InvalidGrant("already used");
    },
  };
}

function put(tables, model, id, payload, expiresIn) {
  const key = `${model}:${id}`;
  remove(tables, key);
  const expiresAt = expiresIn ? Date.now() + expiresIn * 1000 : null;
  tables.records.put(key, { payload, expiresAt });
  if (REVOCABLE.includes(model) && payload.grantId) tables.members.put(payload.grantId, key);
  if (model === "Session") tables.sessions.put(payload.uid, id);
}

function remove(tables, key) {
  const record = tables.records.get(key);
  if (!record) return;
  tables.records.remove(key);
  const { grantId, uid, jti } = record.payload;
  if (grantId) tables.members.remove(grantId, key); // nothing happens where it is no member
  if (key.startsWith("Session:") && tables.sessions.get(uid) === jti) tables.sessions.remove(uid);
}

function markConsumed(tables, key) {
  const record = tables.records.get(key);
  if (!record || record.payload.consumed) return false;
  record.payload.consumed = Math.floor(Date.now() / 1000);
  tables.records.put(key, record);
  return true;
}

function removeExpired(tables, now) {
  const dead = [...tables.records.getRange()].filter(
    ({ value }) => value.expiresAt !== null && value.expiresAt <= now,
  );
  for (const { key } of dead) remove(tables, key);
  return dead.length;
}
