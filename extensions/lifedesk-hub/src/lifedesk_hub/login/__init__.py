"""Login through the research identity of the people: OpenID Connect, checked; groups from allow-listed claims."""

from lifedesk_hub.login.configuration import login_config
from lifedesk_hub.login.names import display_name

__all__ = ["display_name", "login_config"]
