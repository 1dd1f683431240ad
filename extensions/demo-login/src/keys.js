import { generateKeyPair, randomBytes, randomUUID } from "node:crypto";
import { realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

import { z } from "zod";

import { runCommand } from "./command.js";
import { Fault } from "./errors.js";
import { ensurePrivateFolder, readPrivateJson, writePrivate } from "./files.js";
import { parseShape } from "./shapes.js";

const newKeyPair = promisify(generateKeyPair);

// The newest signs. The others only verify: an ID token from before a rotation stays good for logging out.
const KEYS_KEPT = 3;

const KeysFile = z.strictObject({
  cookies: z.array(z.string().min(32)).min(1),
  jwks: z.strictObject({ keys: z.array(z.looseObject({ kty: z.literal("RSA"), kid: z.string() })).min(1) }),
});

/** The cookie keys and signing keys of a data folder, made at the first call and kept in a 0600 file. */
export async function loadKeys(dataDir) {
  ensurePrivateFolder(dataDir, "Data folder");
  if (!statSync(keysFile(dataDir), { throwIfNoEntry: false })) {
    const keys = {
      cookies: [randomBytes(32).toString("base64url")],
      jwks: { keys: [await newSigningKey()] },
    };
    writePrivate(keysFile(dataDir), serialise(keys), { keepExisting: true });
  }
  return readKeys(dataDir);
}

/** Puts a new signing key first and returns its key id. A running provider signs with it from its next request on. */
export async function rotateKeys(dataDir) {
  const keys = readKeys(dataDir);
  const fresh = await newSigningKey();
  const kept = [fresh, ...keys.jwks.keys].slice(0, KEYS_KEPT);
  writePrivate(keysFile(dataDir), serialise({ ...keys, jwks: { keys: kept } }));
  return fresh.kid;
}

/** A value that changes whenever the keys file is replaced. */
export function keysVersion(dataDir) {
  const { ino, mtimeMs } = statSync(keysFile(dataDir));
  return `${ino} ${mtimeMs}`;
}

function readKeys(dataDir) {
  const path = keysFile(dataDir);
  return parseShape(KeysFile, readPrivateJson(path, "Keys file"), `Keys file ${path}`, Fault);
}

async function newSigningKey() {
  const { privateKey } = await newKeyPair("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: randomUUID() };
}

function keysFile(dataDir) {
  return join(dataDir, "keys.json");
}

function serialise(keys) {
  return `${JSON.stringify(keys, null, 2)}\n`;
}

async function command(args) {
  const { values, positionals } = parseArgs({
    args,
    options: { "data-dir": { type: "string" } },
    allowPositionals: true,
  });
  if (positionals.join() !== "rotate" || !values["data-dir"])
    throw new Fault("Use: node src/keys.js rotate --data-dir FOLDER");
  console.log(`signing with ${await rotateKeys(values["data-dir"])} from now on`);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  runCommand(command);
}
