import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify(scrypt);

// One of the scrypt settings OWASP's password storage sheet gives as equivalent; 16 MiB each, so a class
// logging in together does not exhaust the machine.
const COST = { ln: 14, r: 8, p: 5 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** The form of a hash: PHC string format, base64 without padding. The bounds keep a hand-edited file from asking for all the memory. */
export const PASSWORD_HASH =
  /^\$scrypt\$ln=(1[0-6]),r=([1-9]),p=([1-9])\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

/** A salted scrypt hash of a password, as `$scrypt$ln=…,r=…,p=…$salt$hash`. */
export async function hashPassword(password) {
  const salt = randomBytes(SALT_BYTES);
  return written(salt, await stretch(password, salt, COST));
}

/** Whether a password belongs to a hash, found out in constant time. `hash` must match `PASSWORD_HASH`. */
export async function passwordMatches(password, hash) {
  const [, ln, r, p, salt, key] = PASSWORD_HASH.exec(hash);
  const wanted = Buffer.from(key, "base64");
  const got = await stretch(password, Buffer.from(salt, "base64"), {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
  });
  return timingSafeEqual(got, wanted);
}

/** A hash no password has: what an unknown name is checked against, so that it takes as long as a known one. */
export const NOBODYS_HASH = written(randomBytes(SALT_BYTES), randomBytes(KEY_BYTES));

function stretch(password, salt, { ln, r, p }) {
  const cost = 2 ** ln;
  return derive(password.normalize("NFC"), salt, KEY_BYTES, { N: cost, r, p, maxmem: 256 * cost * r });
}

function written(salt, key) {
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${unpadded(salt)}$${unpadded(key)}`;
}

function unpadded(bytes) {
  return bytes.toString("base64").replace(/=+$/, "");
}
