import { dirname, resolve } from "node:path";

import { z } from "zod";

import { Fault } from "./errors.js";
import { readPrivate, readPrivateJson } from "./files.js";
import { parseShape } from "./shapes.js";

const DAY = 24 * 60 * 60;
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

const seconds = (standard) => z.int().positive().default(standard);

const Client = z.strictObject({
  client_id: z.string().min(1),
  client_secret_file: z.string().min(1),
  client_name: z.string().min(1).default("Lifedesk"),
  redirect_uris: z.array(z.url({ protocol: /^https?$/ })).min(1),
  post_logout_redirect_uris: z.array(z.url({ protocol: /^https?$/ })).default([]),
  token_endpoint_auth_method: z
    .enum(["client_secret_post", "client_secret_basic"])
    .default("client_secret_post"),
});

const Lifetimes = z.strictObject({
  authorization_code: seconds(60),
  access_token: seconds(60 * 60),
  id_token: seconds(60 * 60),
  refresh_token: seconds(14 * DAY),
  session: seconds(14 * DAY),
  interaction: seconds(60 * 60),
});

const LoginAttempts = z.strictObject({
  wrong_passwords: z.int().positive().default(5),
  within_seconds: z.int().positive().default(60),
});

const SettingsFile = z.strictObject({
  issuer: z.string(),
  port: z.int().min(1).max(65535),
  data_dir: z.string().min(1),
  accounts_file: z.string().min(1),
  clients: z.array(Client).min(1),
  password_note: z.string().optional(),
  ttl_seconds: Lifetimes.prefault({}),
  clock_tolerance_seconds: z.int().min(0).default(0),
  login_attempts: LoginAttempts.prefault({}),
});

/**
 * The settings of one provider, its clients' secrets read.
 *
 * Relative paths count from the settings file. Throws a `Fault` for a file others can read, an unknown or
 * missing field, and an issuer that is not this machine.
 */
export function loadSettings(path) {
  const file = parseShape(
    SettingsFile,
    readPrivateJson(path, "Settings file"),
    `Settings file ${path}`,
    Fault,
  );
  checkIssuer(file.issuer, file.port);
  const here = (name) => resolve(dirname(path), name);
  return Object.freeze({
    ...file,
    data_dir: here(file.data_dir),
    accounts_file: here(file.accounts_file),
    clients: file.clients.map(({ client_secret_file, ...client }) => ({
      ...client,
      client_secret: readSecret(here(client_secret_file), client.client_id),
    })),
  });
}

function checkIssuer(issuer, port) {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (!url || url.protocol !== "http:" || url.origin !== issuer) {
    throw new Fault(
      `issuer ${JSON.stringify(issuer)} must be http://HOST:PORT and nothing after it, e.g. http://localhost:9400`,
    );
  }
  if (!LOOPBACK.includes(url.hostname)) {
    throw new Fault(
      `issuer ${JSON.stringify(issuer)} names another machine. The demo login has public passwords and serves ` +
        `this machine only: use one of ${LOOPBACK.join(", ")}, or a real identity provider.`,
    );
  }
  if (Number(url.port || 80) !== port) {
    throw new Fault(
      `issuer ${JSON.stringify(issuer)} and port ${port} must agree: the issuer is the address that is served.`,
    );
  }
}

function readSecret(path, clientId) {
  const secret = readPrivate(path, `Secret file of client ${JSON.stringify(clientId)}`).trim();
  if (secret.length < 16) throw new Fault(`Secret file ${path} must hold at least 16 characters.`);
  return secret;
}
