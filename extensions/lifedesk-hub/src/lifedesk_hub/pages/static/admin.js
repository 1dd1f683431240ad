// Administration page: what JupyterHub's own program expects of the page around it, and people's names in its list.

(() => {
  const { hub, xsrf, user } = document.body.dataset;
  window.jhdata = { base_url: hub, xsrf_token: xsrf, user, admin_access: true };
  window.base_url = hub;
  const root = document.getElementById("react-admin-hook");
  window.api_page_limit = Number.parseInt(root.dataset.pageLimit, 10);

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  dark.addEventListener("change", follow);
  follow();

  // The list is the program's own; what we add to it is put back whenever it draws anew.
  const PREFIX = "user-name-div-";
  const names = new Map();

  async function learn(account) {
    names.set(account, "");
    const address = `${hub}api/users/${encodeURIComponent(account)}`;
    const answer = await fetch(address, { headers: { "X-XSRFToken": xsrf } }).catch(() => null);
    if (!answer?.ok) return;
    const { user_info: info } = await answer.json();
    names.set(account, info?.display_name ?? "");
    dress();
  }

  function dress() {
    for (const element of root.querySelectorAll(`[data-testid^="${PREFIX}"]`)) {
      const account = element.dataset.testid.slice(PREFIX.length);
      if (!names.has(account)) learn(account);
      const name = names.get(account);
      if (!name || element.textContent !== account) continue;
      element.textContent = name;
      element.title = account;
    }
    mend();
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
