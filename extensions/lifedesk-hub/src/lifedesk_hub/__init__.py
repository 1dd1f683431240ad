"""The hub side of Lifedesk: site file, login, profiles, engines and the node's own commands."""
