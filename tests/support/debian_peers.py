"""Identity providers that others wrote, from Debian's packages: LemonLDAP::NG (Perl) and Glewlwyd (C).

Each runs from a folder of its own with a configuration of its own; nothing of the machine's is changed but the
packages that are added.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from lifedesk_hub.node.ports import free_port
from tests.support.http_browser import HttpBrowser
from tests.support.identity_providers import CLIENT_ID, CLIENT_SECRET
from tests.support.processes import Process
from tests.support.tampering import signing_key

LEMONLDAP_PACKAGES = (
    "liblemonldap-ng-portal-perl",
    "libplack-perl",
    # The portal loads these at its start, whether or not it is told to use them.
    "libconvert-base32-perl",
    "libcrypt-openssl-bignum-perl",
    "libemail-sender-perl",
    "libgd-securityimage-perl",
    "libimage-magick-perl",
    "libio-string-perl",
    "libipc-run-perl",
    "libmime-tools-perl",
    "libstring-random-perl",
    "libunicode-string-perl",
)
GLEWLWYD_PACKAGES = ("glewlwyd",)
_POLICY = Path("/usr/sbin/policy-rc.d")


def need_packages(packages: Sequence[str]) -> None:
    """Installs what is missing, starting no service; skips the test, saying so, where that is not possible."""
    missing = [name for name in packages if not _is_installed(name)]
    if not missing:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        pytest.skip(f"needs these packages of Debian, which only root can install: {' '.join(missing)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _no_service_starts():
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *missing]):
            done = subprocess.run(
                ["apt-get", *command], env=environment, capture_output=True, text=True, check=False, timeout=300
            )
            if done.returncode != 0:
                pytest.skip(f"Debian's packages {' '.join(missing)} cannot be installed: {done.stderr.strip()[-300:]}")


class Lemonldap:
    """LemonLDAP::NG with its demo users, whose passwords are their names; its issuer ends in a slash."""

    def __init__(self, folder: Path, hub_url: str) -> None:
        need_packages(LEMONLDAP_PACKAGES)
        self._port = free_port()
        self.issuer = f"http://localhost:{self._port}/"
        self._folder = folder
        for name in ("conf", "sessions/lock", "psessions/lock", "cache", "notifications"):
            (folder / name).mkdir(parents=True)
        (folder / "conf" / "lmConf-1.json").write_text(json.dumps(self._configuration(hub_url)))
        (folder / "lemonldap-ng.ini").write_text(
            f"[all]\nlogLevel = warn\ncheckTime = 1\n"
            f"[configuration]\ntype = File\ndirName = {folder / 'conf'}\n"
            "[portal]\nstaticPrefix = /static\ntemplateDir = /usr/share/lemonldap-ng/portal/templates\nlanguages = en\n"
        )
        (folder / "portal.psgi").write_text("use Lemonldap::NG::Portal::Main;\nLemonldap::NG::Portal::Main->run({});\n")

    @contextmanager
    def running(self) -> Iterator[Lemonldap]:
        """The provider, answering; it is gone afterwards."""
        command = ["plackup", "-s", "Standalone", "-o", "127.0.0.1", "-p", str(self._port), "portal.psgi"]
        environment = {"LLNG_DEFAULTCONFFILE": str(self._folder / "lemonldap-ng.ini")}
        process = Process(command, self._folder, self._folder / "lemonldap.log", environment)
        try:
            process.until_answers(f"{self.issuer}.well-known/openid-configuration")
            yield self
        finally:
            process.stop()

    def _configuration(self, hub_url: str) -> dict[str, Any]:
        storage = {"generateModule": "Lemonldap::NG::Common::Apache::Session::Generate::SHA256"}
        return {
            "cfgNum": 1,
            "cfgDate": "1",
            "cfgVersion": "2.16.1",
            "authentication": "Demo",
            "userDB": "Same",
            "passwordDB": "Demo",
            "registerDB": "Null",
            "portal": self.issuer,
            "domain": "localhost",
            "cookieName": "lemonldap",
            "securedCookie": 0,
            "requireToken": 0,
            "demoExportedVars": {"cn": "cn", "mail": "mail", "uid": "uid"},
            "locationRules": {"localhost": {"default": "accept"}},
            "exportedHeaders": {},
            "exportedVars": {},
            "applicationList": {},
            "macros": {"_whatToTrace": "$_user"},
            "whatToTrace": "_whatToTrace",
            "groups": {"scientists": '$uid eq "rtyler"'},
            "globalStorage": "Apache::Session::File",
            "globalStorageOptions": {**storage, **self._storage("sessions")},
            "persistentStorage": "Apache::Session::File",
            "persistentStorageOptions": self._storage("psessions"),
            "localSessionStorage": "Cache::FileCache",
            "localSessionStorageOptions": {"cache_root": str(self._folder / "cache"), "namespace": "sessions"},
            **self._issuer(),
            "oidcRPMetaDataOptions": {"hub": self._client(hub_url)},
            "oidcRPMetaDataExportedVars": {"hub": {"email": "mail", "name": "cn", "groups": "groups"}},
        }

    def _issuer(self) -> dict[str, Any]:
        key = signing_key("lemonldap")
        return {
            "issuerDBOpenIDConnectActivation": 1,
            "oidcServiceMetaDataIssuer": self.issuer,
            "oidcServicePrivateKeySig": key.private_bytes(
                Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
            ).decode(),
            "oidcServicePublicKeySig": key.public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            .decode(),
            "oidcServiceKeyIdSig": "key-1",
            "oidcServiceAllowAuthorizationCodeFlow": 1,
            "oidcServiceIgnoreScopeForClaims": 1,
        }

    def _client(self, hub_url: str) -> dict[str, Any]:
        options = {
            "ClientID": CLIENT_ID,
            "ClientSecret": CLIENT_SECRET,
            "RedirectUris": f"{hub_url}/hub/oauth_callback",
            "BypassConsent": 1,
            "IDTokenSignAlg": "RS256",
            "RequirePKCE": 1,
            "UserIDAttr": "uid",
        }
        return {f"oidcRPMetaDataOptions{name}": value for name, value in options.items()}

    def _storage(self, name: str) -> dict[str, str]:
        return {"Directory": str(self._folder / name), "LockDirectory": str(self._folder / name / "lock")}


class Glewlwyd:
    """Glewlwyd on SQLite. It insists on a nonce in every request to log in."""

    def __init__(self, folder: Path, hub_url: str) -> None:
        need_packages(GLEWLWYD_PACKAGES)
        self._port = free_port()
        self.url = f"http://localhost:{self._port}"
        self.issuer = f"{self.url}/api/oidc"
        self._folder = folder
        self._hub_url = hub_url
        folder.mkdir(parents=True)
        self._make_database()
        modules = {"user": "user", "client": "client", "user_auth_scheme": "scheme", "plugin": "plugin"}
        paths = "".join(f'{name}_module_path="/usr/lib/glewlwyd/{path}"\n' for name, path in modules.items())
        (folder / "glewlwyd.conf").write_text(
            f'port={self._port}\nbind_address="127.0.0.1"\nexternal_url="{self.url}"\nlogin_url="login.html"\n'
            f'api_prefix="api"\nlog_mode="file"\nlog_level="WARNING"\nlog_file="{folder / "messages.log"}"\n'
            f'{paths}user_middleware_module_path="/usr/lib/glewlwyd/user_middleware"\n'
            'admin_scope="g_admin"\nprofile_scope="g_profile"\nhash_algorithm="SHA512"\n'
            f'database={{type="sqlite3";path="{folder / "glewlwyd.db"}";}};\n'
        )

    @contextmanager
    def running(self, people: dict[str, list[str]]) -> Iterator[Glewlwyd]:
        """The provider with these people (name → groups), answering; it is gone afterwards."""
        command = ["glewlwyd", "-c", "glewlwyd.conf"]
        process = Process(command, self._folder, self._folder / "glewlwyd.log")
        try:
            process.until_answers(f"{self.url}/config")
            self._set_up(people)
            yield self
        finally:
            process.stop()

    def log_in(self, browser: HttpBrowser, login_page: httpx.Response, name: str, password: str) -> httpx.Response:
        """What the script of the login page does: password, consent, and back to where the login came from."""
        body = {"username": name, "password": password}
        answer = browser.send_json(f"{self.url}/api/auth/", body)
        if answer.status_code != 200:
            return answer
        browser.send_json(f"{self.url}/api/auth/grant/{CLIENT_ID}", {"scope": "openid profile"}, method="PUT")
        return browser.open(f"{httpx.URL(str(login_page.url)).params['callback_url']}&g_continue")

    def _make_database(self) -> None:
        packed = "/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz"
        script = subprocess.run(["zcat", packed], capture_output=True, text=True, check=True).stdout
        database = sqlite3.connect(self._folder / "glewlwyd.db")
        try:
            database.executescript(script)
            known = {"multiple": True, "read": True, "write": True, "profile-read": True}
            parameters = {"use-glewlwyd-connection": True, "data-format": {"groups": known}}
            database.execute("UPDATE g_user_module_instance SET gumi_parameters = ?", [json.dumps(parameters)])
            database.commit()
        finally:
            database.close()

    def _set_up(self, people: dict[str, list[str]]) -> None:
        with httpx.Client(base_url=f"{self.url}/api", trust_env=False, timeout=30) as admin:

            def post(path: str, body: object) -> None:
                answer = admin.post(path, json=body)
                assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"

            post("/auth/", {"username": "admin", "password": "password"})
            post("/scope/", {"name": "profile", "display_name": "Profile", "password_required": True})
            post("/mod/plugin/", {"module": "oidc", "name": "oidc", "display_name": "OIDC", **self._plugin()})
            client = {
                "client_id": CLIENT_ID,
                "name": "Hub",
                "confidential": True,
                "password": CLIENT_SECRET,
                "client_secret": CLIENT_SECRET,
                "redirect_uri": [f"{self._hub_url}/hub/oauth_callback"],
                "authorization_type": ["code", "refresh_token"],
                "token_endpoint_auth_method": ["client_secret_post"],
                "scope": [],
                "enabled": True,
            }
            post("/client/?source=database", client)
            for name, groups in people.items():
                person = {"username": name, "name": name.title(), "password": f"{name}-password", "groups": groups}
                post("/user/?source=database", {**person, "scope": ["openid", "profile"], "enabled": True})

    def _plugin(self) -> dict[str, Any]:
        key = signing_key("glewlwyd")
        claim = {"user-property": "groups", "type": "string", "mandatory": True, "scope": []}
        return {
            "enabled": True,
            "parameters": {
                "iss": self.issuer,
                "jwt-type": "rsa",
                "jwt-key-size": "256",
                "key": key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode(),
                "cert": key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
                "access-token-duration": 3600,
                "refresh-token-duration": 86400,
                "code-duration": 60,
                "refresh-token-rolling": True,
                "allow-non-oidc": False,
                "auth-type-code-enabled": True,
                "auth-type-refresh-enabled": True,
                "pkce-allowed": True,
                "pkce-required": True,
                "subject-type": "public",
                "claims": [{"name": "groups", **claim}],
                "name-claim": "on-demand",
                "name-claim-scope": ["profile"],
            },
        }


def _is_installed(package: str) -> bool:
    if shutil.which("dpkg-query") is None:
        return False
    command = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout == "installed"


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Debian's way to add packages without starting their services."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()
