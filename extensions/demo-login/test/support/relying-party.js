import * as oidc from "openid-client";

import { openBrowser } from "./browser.js";
import { LOGGED_OUT_URI, REDIRECT_URI, RESEARCHER, SECRET } from "./site.js";

const SCOPE = "openid profile email voperson_id eduperson_entitlement eduperson_assurance";

/** A hub as seen by the provider: openid-client, which checks ID tokens as the specification says. */
export async function openRelyingParty(site, authentication = oidc.ClientSecretPost(SECRET)) {
  const config = await oidc.discovery(new URL(site.issuer), "lifedesk", {}, authentication, {
    execute: [oidc.allowInsecureRequests],
  });
  return { config, ...requests(config), ...logins(config, site) };
}

function requests(config) {
  return {
    userinfo: (tokens) => oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub),
    refresh: (tokens) => oidc.refreshTokenGrant(config, tokens.refresh_token),
    revoke: (token) => oidc.tokenRevocation(config, token),
    logoutAddress: (parameters) =>
      oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: LOGGED_OUT_URI, ...parameters }).href,
  };
}

function logins(config, site) {
  const begin = async (parameters = {}) => {
    const verifier = oidc.randomPKCECodeVerifier();
    const checks = {
      pkceCodeVerifier: verifier,
      expectedState: oidc.randomState(),
      expectedNonce: oidc.randomNonce(),
    };
    const address = oidc.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: SCOPE,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state: checks.expectedState,
      nonce: checks.expectedNonce,
      ...parameters,
    });
    return { address, finish: (callback) => oidc.authorizationCodeGrant(config, callback, checks) };
  };
  /** A whole login: browser, password, code, tokens. */
  const login = async ({ browser = openBrowser(site.issuer), account = RESEARCHER, ...parameters } = {}) => {
    const request = await begin(parameters);
    const page = await browser.visit(request.address);
    const callback = await browser.submit(page, "/login", { name: account.name, password: account.password });
    return { browser, tokens: await request.finish(callback.url) };
  };
  return { begin, login };
}
