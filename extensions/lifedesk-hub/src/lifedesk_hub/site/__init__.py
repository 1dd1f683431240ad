"""The site file `lifedesk.yaml`: typed, frozen and closed. Needs no JupyterHub."""

from lifedesk_hub.site.faults import Fault
from lifedesk_hub.site.load import SiteFileError, load_site, site_schema
from lifedesk_hub.site.model import (
    Archives,
    Group,
    Limits,
    Login,
    Mount,
    Network,
    SecretReference,
    Site,
)
from lifedesk_hub.site.offers import Clipboard, Interface, Profile, Size

__all__ = [
    "Archives",
    "Clipboard",
    "Fault",
    "Group",
    "Interface",
    "Limits",
    "Login",
    "Mount",
    "Network",
    "Profile",
    "SecretReference",
    "Site",
    "SiteFileError",
    "Size",
    "load_site",
    "site_schema",
]
