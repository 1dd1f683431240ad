import { randomUUID } from "node:crypto";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { Fault } from "./errors.js";

const OTHERS = 0o077;

/**
 * The text of a file that only its owner can touch.
 *
 * The mode is asked of the open file, so the file judged is the file read.
 *
 * @param {string} path
 * @param {string} what what the file is, for the sentence of a refusal
 * @param {typeof Fault} Refusal
 */
export function readPrivate(path, what, Refusal = Fault) {
  const file = openToRead(path, what, Refusal);
  try {
    const mode = fstatSync(file).mode & 0o777;
    if (mode & OTHERS) {
      throw new Refusal(
        `${what} ${path} has mode ${octal(mode)}: other users of this machine may open it. Make it private: chmod 600 ${path}`,
      );
    }
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

/** Like `readPrivate`, parsed as JSON. The message of a fault never quotes the content. */
export function readPrivateJson(path, what, Refusal = Fault) {
  const text = readPrivate(path, what, Refusal);
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(`${what} ${path} is not valid JSON. Correct it, or write it again.`);
  }
}

/**
 * Writes a 0600 file in one step: a reader sees the old text or the new one, never half.
 *
 * @param {string} path
 * @param {string} text
 * @param {{keepExisting?: boolean}} [options] with `keepExisting`, a file already there is left alone
 */
export function writePrivate(path, text, { keepExisting = false } = {}) {
  const draft = join(dirname(path), `.${randomUUID()}.draft`);
  try {
    const file = openSync(draft, "wx", 0o600);
    writeSync(file, text);
    fsyncSync(file);
    closeSync(file);
    if (keepExisting) linkUnlessThere(draft, path);
    else renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Makes a folder that only its owner can open; refuses one that others can. */
export function ensurePrivateFolder(path, what) {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const mode = statSync(path).mode & 0o777;
  if (mode & OTHERS) {
    throw new Fault(
      `${what} ${path} has mode ${octal(mode)}: other users of this machine may open it. Make it private: chmod 700 ${path}`,
    );
  }
}

function openToRead(path, what, Refusal) {
  try {
    return openSync(path, "r");
  } catch (error) {
    const reason = error.code === "ENOENT" ? "does not exist" : `cannot be read (${error.code})`;
    throw new Refusal(`${what} ${path} ${reason}.`, { cause: error });
  }
}

function linkUnlessThere(draft, path) {
  try {
    linkSync(draft, path);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
}

function octal(mode) {
  return mode.toString(8).padStart(4, "0");
}
