import { createServer } from "node:http";

import { accountsIn } from "./accounts.js";
import { Fault } from "./errors.js";
import { keysVersion, loadKeys } from "./keys.js";
import { log } from "./log.js";
import { wrongPasswords } from "./login.js";
import { createProvider } from "./provider.js";
import { openStore } from "./store.js";

// "localhost" may mean either. Holding both keeps another program from answering in our place.
const LOOPBACK = ["127.0.0.1", "::1"];
const NO_SUCH_ADDRESS = ["EADDRNOTAVAIL", "EAFNOSUPPORT"];

/**
 * Starts the provider on this machine's loopback addresses.
 *
 * @param {object} settings from `loadSettings`
 * @returns a function that stops it and resolves when the store is closed
 */
export async function startServer(settings) {
  const handler = await requestHandler(settings);
  const servers = [];
  const stop = async () => {
    await Promise.all(servers.map(close));
    await handler.close();
  };
  try {
    for (const address of LOOPBACK) servers.push(...(await listen(handler, settings.port, address)));
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

async function requestHandler(settings) {
  let keys = await loadKeys(settings.data_dir);
  const parts = {
    accounts: accountsIn(settings.accounts_file),
    store: openStore(settings.data_dir, { clockToleranceSeconds: settings.clock_tolerance_seconds }),
    attempts: wrongPasswords(settings.login_attempts),
  };
  const answerWith = () => createProvider(settings, { ...parts, keys }).callback();
  let version = keysVersion(settings.data_dir);
  let answer = answerWith();

  // All state is in the store, so a provider with the rotated keys takes over between two requests.
  const followKeys = async () => {
    const current = keysVersion(settings.data_dir);
    if (current === version) return;
    version = current;
    keys = await loadKeys(settings.data_dir);
    answer = answerWith();
    log("keys_changed", { signing_with: keys.jwks.keys[0].kid });
  };
  const handle = async (request, response) => {
    await followKeys().catch((error) => log("keys_unusable", { reason: error.message }));
    answer(request, response);
  };
  return Object.assign(handle, { close: parts.store.close });
}

async function listen(handler, port, address) {
  const server = createServer(handler);
  try {
    await new Promise((resolve, reject) => {
      server.once("error", reject).listen({ port, host: address, ipv6Only: true }, resolve);
    });
    return [server];
  } catch (error) {
    if (address !== "127.0.0.1" && NO_SUCH_ADDRESS.includes(error.code)) return [];
    if (error.code !== "EADDRINUSE") throw error;
    throw new Fault(
      `Port ${port} of ${address} is in use. Stop the program that holds it, or choose another port in the settings.`,
      {
        cause: error,
      },
    );
  }
}

function close(server) {
  return new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}
