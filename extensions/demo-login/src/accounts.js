import { realpathSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { z } from "zod";

import { AccountsFault, Fault } from "./errors.js";
import { readPrivateJson, writePrivate } from "./files.js";
import { hashPassword, NOBODYS_HASH, PASSWORD_HASH, passwordMatches } from "./passwords.js";
import { runCommand } from "./command.js";
import { parseShape } from "./shapes.js";

// The provider sets these itself; one written here would be ignored in silence. `sub` above all: what the
// library sends is always the account's id.
const SET_BY_THE_PROVIDER = ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "sid", "acr", "amr"];

const claims = z
  .record(z.string(), z.json())
  .refine((given) => SET_BY_THE_PROVIDER.every((name) => !(name in given)), {
    message: `leave out ${SET_BY_THE_PROVIDER.join(", ")}: the provider sets them`,
  });

const person = {
  name: z.string().regex(/^\S{1,64}$/, "1 to 64 characters, no spaces"),
  sub: z.string().regex(/^[!-~]{1,255}$/, "1 to 255 printable ASCII characters, no spaces"),
  description: z.string().optional(),
  claims: claims.default({}),
};

const each = (fields) =>
  z
    .array(z.strictObject({ ...person, ...fields }))
    .refine((list) => isUnique(list, "name"), { message: "two accounts have the same name" })
    .refine((list) => isUnique(list, "sub"), { message: "two accounts have the same sub" });

const Stored = each({
  password_hash: z.string().regex(PASSWORD_HASH, "not a scrypt hash this program wrote"),
});
const Plain = each({ password: z.string().min(1) });

/**
 * The accounts of one file, read again at every question: an edit counts at once, and removing an account
 * or a group is one file write. Every question throws an `AccountsFault` while the file cannot be used.
 */
export function accountsIn(path) {
  const all = () =>
    parseShape(
      Stored,
      readPrivateJson(path, "Accounts file", AccountsFault),
      `Accounts file ${path}`,
      AccountsFault,
    );
  return {
    all,
    /** The account with this opaque id, or undefined. */
    withSub: (sub) => all().find((account) => account.sub === sub),
    /** The account if the password is right, else undefined; a wrong name takes as long as a wrong password. */
    async withPassword(name, password) {
      const account = all().find((candidate) => candidate.name === name);
      const isRight = await passwordMatches(password, account?.password_hash ?? NOBODYS_HASH);
      return isRight ? account : undefined;
    },
  };
}

/** Hashes the passwords of a list of accounts and writes the accounts file, replacing the one there. */
export async function createAccounts(path, list) {
  const accounts = parseShape(Plain, list, "The list of accounts", Fault);
  const stored = await Promise.all(
    accounts.map(async ({ password, ...account }) => ({
      ...account,
      password_hash: await hashPassword(password),
    })),
  );
  writePrivate(path, `${JSON.stringify(stored, null, 2)}\n`);
  return stored.length;
}

function isUnique(list, field) {
  return new Set(list.map((entry) => entry[field])).size === list.length;
}

async function command(args) {
  const { values, positionals } = parseArgs({
    args,
    options: { file: { type: "string" } },
    allowPositionals: true,
  });
  if (positionals.join() !== "create" || !values.file) {
    throw new Fault("Use: node src/accounts.js create --file FILE < accounts.json");
  }
  const count = await createAccounts(values.file, parseList(await text(process.stdin)));
  console.log(`${count} accounts written to ${values.file}`);
}

function parseList(input) {
  try {
    return JSON.parse(input);
  } catch {
    throw new Fault(
      "Standard input is not valid JSON. Expected a list of accounts with name, sub, password and claims.",
    );
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  runCommand(command);
}
