"""The part of the hub's configuration that concerns login."""

from __future__ import annotations

from pydantic import SecretStr
from traitlets.config import Config

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.login.names import USERNAME_PATTERN
from lifedesk_hub.login.settings import settings_for
from lifedesk_hub.site import Site

AUTHENTICATOR = "lifedesk_hub.login.authenticator.LifedeskAuthenticator"
COOKIE_OPTIONS = {"samesite": "Lax"}
"""For `tornado_settings`: browsers send such cookies along when the provider sends people back, but not with other
sites' forms and images."""


def login_config(site: Site, deployment: Deployment, client_secret: SecretStr) -> Config:
    """Traits that log people in through the site's provider; reads no file, network or environment.

    The key that encrypts what is kept of a login is the hub's to find: in JUPYTERHUB_CRYPT_KEY or `CryptKeeper.keys`.
    """
    settings = settings_for(
        site, deployment.url, deployment.state / "audit.jsonl", client_secret, deployment.demo_issuer
    )
    config = Config()
    config.JupyterHub.authenticator_class = AUTHENTICATOR
    authenticator = config.LifedeskAuthenticator
    authenticator.settings = settings
    authenticator.login_service = settings.provider.display_name
    authenticator.oauth_callback_url = settings.callback_url
    authenticator.username_pattern = USERNAME_PATTERN
    authenticator.manage_groups = True
    authenticator.allow_all = False
    authenticator.allow_existing_users = False
    authenticator.enable_auth_state = True
    authenticator.auth_refresh_age = settings.refresh_seconds
    authenticator.auth_refresh_strict = True
    authenticator.refresh_pre_spawn = True
    authenticator.auto_login = False
    return config
