"""Login through the research identity of the people: OpenID Connect, checked; groups from allow-listed claims."""

from lifedesk_hub.login.configuration import COOKIE_OPTIONS, login_config
from lifedesk_hub.login.names import display_name
from lifedesk_hub.login.operators import operator_role
from lifedesk_hub.login.settings import DEMO_CLIENT_ID

__all__ = ["COOKIE_OPTIONS", "DEMO_CLIENT_ID", "display_name", "login_config", "operator_role"]
