import { interactionPolicy, Provider } from "oidc-provider";

import { AccountsFault } from "./errors.js";
import { html, Markup } from "./html.js";
import { log } from "./log.js";
import { loginRoutes } from "./login.js";
import { continuePage, loggedOutPage, logoutPage, messagePage } from "./pages.js";
import { answerFaults, guard, ownPages, staticFiles } from "./web.js";

// Each scope and the claims it lets out at the userinfo endpoint, as EGI Check-in and LS Login have them.
const CLAIMS = {
  openid: ["sub"],
  profile: ["name", "given_name", "family_name", "preferred_username"],
  email: ["email", "email_verified"],
  voperson_id: ["voperson_id"],
  eduperson_entitlement: ["eduperson_entitlement"],
  eduperson_assurance: ["eduperson_assurance"],
};

/**
 * The provider with its pages: a Koa application.
 *
 * @param {object} settings from `loadSettings`
 * @param {object} parts
 * @param {object} parts.accounts from `accountsIn`
 * @param {object} parts.store from `openStore`
 * @param {object} parts.keys from `loadKeys`
 * @param {object} parts.attempts a limiter of wrong passwords
 */
export function createProvider(settings, { accounts, store, keys, attempts }) {
  const provider = new Provider(settings.issuer, {
    ...protocol(settings),
    ...pages(settings),
    adapter: store.adapter,
    jwks: keys.jwks,
    cookies: { keys: keys.cookies },
    findAccount: (_, sub) => findAccount(accounts, sub),
    loadExistingGrant: grantWhatIsAsked,
  });
  for (const layer of [
    answerFaults(settings),
    guard(settings),
    staticFiles,
    ownPages(settings),
    loginRoutes(provider, { settings, accounts, attempts }),
  ]) {
    provider.use(layer);
  }
  return reportErrors(provider);
}

function protocol(settings) {
  const lifetime = settings.ttl_seconds;
  return {
    clients: settings.clients.map((client) => ({
      ...client,
      response_types: ["code"],
      grant_types: ["authorization_code", "refresh_token"],
    })),
    claims: CLAIMS,
    scopes: ["openid", "offline_access"],
    responseTypes: ["code"],
    clientAuthMethods: ["client_secret_post", "client_secret_basic"],
    enabledJWA: { idTokenSigningAlgValues: ["RS256"] },
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    // Otherwise only a request with prompt=consent gets one: offline_access is dropped in silence without it.
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    clientBasedCORS: () => false,
    clockTolerance: settings.clock_tolerance_seconds,
    ttl: {
      AuthorizationCode: lifetime.authorization_code,
      AccessToken: lifetime.access_token,
      IdToken: lifetime.id_token,
      RefreshToken: lifetime.refresh_token,
      Session: lifetime.session,
      Interaction: lifetime.interaction,
      // A token is worth nothing without its grant, so the grant outlives them all.
      Grant: Math.max(lifetime.session, lifetime.refresh_token, lifetime.access_token),
    },
  };
}

function pages(settings) {
  const [
    {
      client_name: clientName,
      redirect_uris: [firstRedirect],
    },
  ] = settings.clients;
  const back = { clientName, backTo: new URL(firstRedirect).origin };
  return {
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: showLogout,
        postLogoutSuccessSource: (ctx) => {
          ctx.body = loggedOutPage(back);
        },
      },
    },
    interactions: { policy: loginPolicy() },
    renderError: (ctx, { error, error_description: detail }, fault) => {
      if (fault instanceof AccountsFault) throw fault;
      ctx.type = "html";
      ctx.body = messagePage(
        "This did not work",
        "Go back and try again. If it happens again, tell the operator:",
        {
          ...back,
          detail: detail ? `${error}: ${detail}` : error,
        },
      );
    },
  };
}

/** A valid ID token of the person logged in proves that the site asks on their behalf: no question then. */
function showLogout(ctx, formText) {
  const hint = ctx.oidc.entities.IdTokenHint;
  if (hint?.payload.sub === ctx.oidc.session.accountId) {
    const confirmed = formText.replace(
      "</form>",
      html`<input type="hidden" name="logout" value="yes"><button>Continue</button></form>`,
    );
    ctx.body = continuePage({ form: new Markup(confirmed) });
  } else {
    ctx.body = logoutPage({ form: new Markup(formText) });
  }
}

/** The library's policy, and the login page again for a session whose account has been removed. */
function loginPolicy() {
  const policy = interactionPolicy.base();
  const isGone = (ctx) => Boolean(ctx.oidc.session.accountId) && !ctx.oidc.account;
  policy
    .get("login")
    .checks.add(
      new interactionPolicy.Check(
        "account_removed",
        "the account of this session has been removed",
        "login_required",
        isGone,
      ),
    );
  return policy;
}

function findAccount(accounts, sub) {
  const account = accounts.withSub(sub);
  return account && { accountId: account.sub, claims: () => ({ ...account.claims, sub: account.sub }) };
}

/** The clients are the node's own, so they get what they ask for without a consent page. */
async function grantWhatIsAsked(ctx) {
  const { Grant } = ctx.oidc.provider;
  const { accountId, clientId } = {
    accountId: ctx.oidc.account.accountId,
    clientId: ctx.oidc.client.clientId,
  };
  const known = ctx.oidc.session.grantIdFor(clientId);
  const grant = (known && (await Grant.find(known))) || new Grant({ accountId, clientId });
  grant.addOIDCScope([...ctx.oidc.requestParamScopes].join(" "));
  await grant.save();
  return grant;
}

function reportErrors(provider) {
  provider.on("server_error", (ctx, error) => log("server_error", { path: ctx.path, reason: error.stack }));
  for (const event of [
    "authorization.error",
    "grant.error",
    "userinfo.error",
    "revocation.error",
    "end_session.error",
  ]) {
    provider.on(event, (ctx, error) =>
      log(event, { error: error.error, reason: error.error_detail ?? error.error_description }),
    );
  }
  provider.on("grant.success", (ctx) =>
    log("tokens_issued", { client: ctx.oidc.client.clientId, sub: ctx.oidc.account?.accountId }),
  );
  provider.on("grant.revoked", () => log("grant_revoked"));
  provider.on("end_session.success", () => log("logout"));
  return provider;
}
