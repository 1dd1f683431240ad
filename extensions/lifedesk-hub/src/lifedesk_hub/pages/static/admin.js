// Administration page: what JupyterHub's own program expects of the page around it, and people's names in its list.

(() => {
  const { hub, xsrf, user } = document.body.dataset;
  window.jhdata = { base_url: hub, xsrf_token: xsrf, user, admin_access: false };
  window.base_url = hub;
  const root = document.getElementById("react-admin-hook");
  window.api_page_limit = Number.parseInt(root.dataset.pageLimit, 10);

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  dark.addEventListener("change", follow);
  follow();

  // The list is the program's own; what we add to it is put back whenever it draws anew.
  const PREFIX = "user-name-div-";
  const PEOPLE_AT_ONCE = 200;
  const names = new Map();
  let isLearning = false;

  const accountOf = (element) => element.dataset.testid.slice(PREFIX.length);
  const shown = () => [...root.querySelectorAll(`[data-testid^="${PREFIX}"]`)];
  const unknown = () => shown().map(accountOf).filter((account) => !names.has(account));

  async function learn() {
    isLearning = true;
    let offset = 0;
    while (offset !== undefined && unknown().length > 0) {
      const answer = await fetch(`${hub}api/users?limit=${PEOPLE_AT_ONCE}&offset=${offset}`, {
        headers: { "X-XSRFToken": xsrf, Accept: "application/jupyterhub-pagination+json" },
      }).catch(() => null);
      if (!answer?.ok) break;
      const { items, _pagination: pages } = await answer.json();
      for (const { name, user_info: info } of items) names.set(name, info?.display_name ?? "");
      offset = pages.next?.offset;
    }
    // Who is not found, or not now, keeps the account's name.
    for (const account of unknown()) names.set(account, "");
    isLearning = false;
    dress();
  }

  function dress() {
    if (!isLearning && unknown().length > 0) learn();
    for (const element of shown()) {
      const account = accountOf(element);
      const name = names.get(account);
      if (!name || element.textContent !== account) continue;
      element.textContent = name;
      element.title = account;
    }
    withhold();
    mend();
  }

  // An operator may see, start, stop and delete; the program also offers what JupyterHub's own administrators may.
  const NOT_OURS = ["Add Users", "Manage Groups", "Shutdown Hub", "Access Server"];

  function withhold() {
    for (const control of root.querySelectorAll("button, a")) {
      if (NOT_OURS.includes(control.textContent.trim())) control.hidden = true;
    }
  }

  // What a screen reader needs and the program leaves out (JupyterHub 6.1.1).
  function mend() {
    for (const button of root.querySelectorAll('[data-testid$="-collapse-button"]:not([aria-label])')) {
      button.setAttribute("aria-label", "Details of this account");
      button.removeAttribute("aria-controls");
    }
    root.querySelector("#admin-check:not([aria-label])")?.setAttribute("aria-label", "Admin");
    root.querySelector("ul.list-group:not([role]):has(> div)")?.setAttribute("role", "group");
  }

  new MutationObserver(dress).observe(root, { childList: true, characterData: true, subtree: true });
})();
