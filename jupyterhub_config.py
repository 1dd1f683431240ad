"""Configuration of the hub: all of it comes from the site file, through `lifedesk_hub`."""

from lifedesk_hub.node.state import hub_configuration

get_config().merge(hub_configuration())  # noqa: F821  (JupyterHub provides get_config)
