import { html } from "./html.js";

const BANNER = "Demo login: for trying Lifedesk on this machine only. Passwords here are public.";

/**
 * The login page.
 *
 * @param {object} page
 * @param {string} page.uid the login in progress
 * @param {string} page.clientName what one logs in to
 * @param {{name: string, description?: string, claims: object}[]} page.accounts the accounts to choose from
 * @param {string} [page.passwordNote] where the passwords are to be found
 * @param {string} [page.name] the name already filled in
 * @param {{message: string, field: "name" | "password"}} [page.problem] why the last try failed
 */
export function loginPage({ uid, clientName, accounts, passwordNote, name = "", problem }) {
  const title = `Log in to ${clientName}`;
  return layout(
    problem ? `Error: ${title}` : title,
    html`<div class="columns">
      <section class="card" aria-labelledby="title">
        <h1 id="title">${title}</h1>
        ${problem && html`<p class="problem" id="problem" role="alert">${problem.message}</p>`}
        <form method="post" action="/interaction/${uid}/login">
          ${nameField(name, problem)} ${passwordField(name, problem)}
          <button type="submit" class="main">Log in</button>
        </form>
        <form method="post" action="/interaction/${uid}/cancel">
          <button type="submit">Cancel and go back</button>
        </form>
      </section>
      ${accounts.length > 0 && accountChoice(uid, accounts, passwordNote, name)}
    </div>`,
  );
}

function nameField(name, problem) {
  const isWrong = problem?.field === "name";
  return html`<label for="name">Account name</label>
    <input id="name" name="name" type="text" required maxlength="64" autocomplete="username" autocapitalize="none"
      spellcheck="false" value="${name}" ${invalid(isWrong)} ${focused(isWrong || (!problem && !name))}>`;
}

function passwordField(name, problem) {
  const isWrong = problem?.field === "password";
  return html`<label for="password">Password</label>
    <input id="password" name="password" type="password" required maxlength="1024" autocomplete="current-password"
      ${invalid(isWrong)} ${focused(isWrong || (!problem && name))}>`;
}

function invalid(isWrong) {
  return isWrong && html`aria-invalid="true" aria-describedby="problem"`;
}

function focused(isFocused) {
  return Boolean(isFocused) && html`autofocus`;
}

// Buttons of a GET form: choosing an account needs no script, and the page comes back with the name filled in.
function accountChoice(uid, accounts, passwordNote, name) {
  return html`<section class="card" aria-labelledby="accounts-title">
    <h2 id="accounts-title">Demo accounts</h2>
    <p>Choose one to fill in its name. ${passwordNote}</p>
    <form method="get" action="/interaction/${uid}">
      <ul class="accounts">
        ${accounts.map((account, index) => accountEntry(account, index, account.name === name))}
      </ul>
    </form>
  </section>`;
}

function accountEntry(account, index, isChosen) {
  const fullName = typeof account.claims.name === "string" && account.claims.name;
  return html`<li>
    <button type="submit" name="account" value="${account.name}" aria-describedby="account-${index}"
      ${isChosen && html`aria-current="true"`}>${account.name}</button>
    <p id="account-${index}">${fullName && html`<strong>${fullName}</strong> `}${account.description}</p>
  </li>`;
}

/** Asks whether to end the session. `form` is the library's, which the buttons belong to. */
export function logoutPage({ form }) {
  return layout(
    "Log out",
    html`<section class="card" aria-labelledby="title">
      <h1 id="title">Log out of the demo login?</h1>
      <p>Afterwards the password is asked for again.</p>
      ${form}
      <p class="buttons">
        <button type="submit" form="op.logoutForm" name="logout" value="yes" class="main" autofocus>Log out</button>
        <button type="submit" form="op.logoutForm">Stay logged in</button>
      </p>
    </section>`,
  );
}

/** A form that sends itself, with a button for browsers without scripts. */
export function continuePage({ form }) {
  return layout(
    "One moment",
    html`<section class="card" aria-labelledby="title">
      <h1 id="title">One moment …</h1>
      <p>If nothing happens, press “Continue”.</p>
      <div class="sends-itself">${form}</div>
    </section>`,
    html`<script src="/static/send.js" defer></script>`,
  );
}

/** Says that the session has ended. `backTo` is the address of the site one came from. */
export function loggedOutPage({ backTo, clientName }) {
  return messagePage("You are logged out", "The next login asks for the password again.", {
    backTo,
    clientName,
  });
}

/** A title, a sentence that says what happened and what to do, and the way back. */
export function messagePage(title, sentence, { backTo, clientName, detail } = {}) {
  return layout(
    title,
    html`<section class="card" aria-labelledby="title">
      <h1 id="title">${title}</h1>
      <p>${sentence}</p>
      ${detail && html`<p class="detail">${detail}</p>`}
      ${backTo && html`<p><a href="${backTo}">Back to ${clientName}</a></p>`}
    </section>`,
  );
}

function layout(title, content, script) {
  return html`<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title} – Lifedesk demo login</title>
  <link rel="icon" href="/static/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/static/style.css">
  ${script}
</head>
<body>
  <header><p class="banner">${BANNER}</p></header>
  <main>${content}</main>
</body>
</html>
`.toString();
}
