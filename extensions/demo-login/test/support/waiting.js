import { setTimeout as pause } from "node:timers/promises";

/** Asks until the answer is yes; fails with the sentence when the time is over. */
export async function waitUntil(isSo, otherwise, { timeoutSeconds }) {
  const deadline = Date.now() + timeoutSeconds * 1000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`after ${timeoutSeconds} seconds: ${otherwise}`);
    await pause(50);
  }
}
