"""A browser without a screen: follows redirects, submits forms, keeps cookies per host and port.

Unlike Python's cookie jars it takes cookies for `Domain=localhost`, as real browsers do, and it keeps two servers on
two ports of this machine apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from http.cookies import CookieError, Morsel, SimpleCookie
from time import time
from urllib.parse import urljoin, urlsplit

import httpx

_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass
class Form:
    """A form of a page: where it goes, and what its fields hold."""

    action: str
    method: str
    fields: dict[str, str]


class HttpBrowser:
    """One person's browser."""

    def __init__(self) -> None:
        self._cookies: dict[tuple[str, str, str], str] = {}

    def request(
        self,
        method: str,
        url: str,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: object = None,
    ) -> httpx.Response:
        """One request, cookies sent and kept, no redirect followed."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies(url).items())
        sent = {**({"Cookie": cookie} if cookie else {}), **(headers or {})}
        response = httpx.request(method, url, data=data, json=json, headers=sent, timeout=30, trust_env=False)
        for line in response.headers.get_list("set-cookie"):
            self._keep(url, line)
        return response

    def send_json(
        self, url: str, body: object, headers: Mapping[str, str] | None = None, method: str = "POST"
    ) -> httpx.Response:
        """One request with a JSON body, as the pages' scripts send it."""
        return self.request(method, url, json=body, headers=headers)

    def open(self, url: str, stop_at: str | None = None) -> httpx.Response:
        """The page at the end of all redirects; with `stop_at` the redirect that leads to an address that begins so."""
        return self._follow(self.request("GET", url), stop_at)

    def submit(self, page: httpx.Response, form: Form, stop_at: str | None = None) -> httpx.Response:
        """The page that comes after submitting the form."""
        action = urljoin(str(page.url), form.action)
        if form.method == "post":
            return self._follow(self.request("POST", action, data=form.fields), stop_at)
        return self._follow(self.request("GET", str(httpx.URL(action, params=form.fields))), stop_at)

    def cookies(self, url: str) -> dict[str, str]:
        """The cookies that would be sent to the address."""
        origin, path = _origin(url), urlsplit(url).path or "/"
        return {
            name: value for (at, below, name), value in self._cookies.items() if at == origin and _below(path, below)
        }

    def set_cookie(self, url: str, name: str, value: str, path: str = "/") -> None:
        """Puts a cookie there, as somebody who tampers would."""
        self._cookies[_origin(url), path, name] = value

    def _follow(self, response: httpx.Response, stop_at: str | None) -> httpx.Response:
        for _ in range(20):
            if response.status_code not in _REDIRECTS:
                return response
            target = urljoin(str(response.url), response.headers["location"])
            if stop_at is not None and target.startswith(stop_at):
                return response
            response = self.request("GET", target)
        raise AssertionError(f"more than 20 redirects, the last one to {response.headers.get('location')}")

    def _keep(self, url: str, line: str) -> None:
        cookie: SimpleCookie = SimpleCookie()
        try:
            cookie.load(line)
        except CookieError:
            return
        for name, morsel in cookie.items():
            key = (_origin(url), morsel["path"] or "/", name)
            if _is_gone(morsel):
                self._cookies.pop(key, None)
            else:
                self._cookies[key] = morsel.coded_value


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(attributes.get("action", ""), attributes.get("method", "get").lower(), {}))
        elif tag == "input" and self.forms and attributes.get("name"):
            self.forms[-1].fields[attributes["name"]] = attributes.get("value", "")


def forms_of(page: httpx.Response) -> list[Form]:
    """All forms of an HTML page."""
    parser = _Forms()
    parser.feed(page.text)
    return parser.forms


def text_of(page: httpx.Response) -> str:
    """What somebody reads on an HTML page, on one line."""
    parser = _Text()
    parser.feed(page.text)
    return " ".join(" ".join(parser.parts).split())


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._is_hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_hidden = tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._is_hidden = False

    def handle_data(self, data: str) -> None:
        if not self._is_hidden:
            self.parts.append(data)


def _origin(url: str) -> str:
    return urlsplit(url).netloc


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder if folder.endswith("/") else f"{folder}/")


def _is_gone(morsel: Morsel[str]) -> bool:
    if morsel["max-age"]:
        return int(morsel["max-age"]) <= 0
    return bool(morsel["expires"]) and parsedate_to_datetime(morsel["expires"]).timestamp() <= time()
